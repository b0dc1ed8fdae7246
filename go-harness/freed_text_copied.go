package main

// The mistake: a C string is freed and then copied with C.GoString. The copy looks
// like any Go string, and holds what the allocator left there.
//
// What to look for: a wrong text, and no report at all: C.GoString is code of Go's
// run-time, and that is never instrumented, not even by `go build -asan`.
//
// The rule: C.GoString before C.free. A silent sanitizer has not seen what was not
// compiled with it.
//
// Source: https://pkg.go.dev/cmd/cgo#hdr-Go_references_to_C; free(3)

/*
#include <stdlib.h>
*/
import "C"

import "unsafe"

func init() {
	register("freed_text_copied", program{bad: copyAfterFree, good: copyBeforeFree})
}

func copyAfterFree() {
	text := C.CString(secretText)
	C.free(unsafe.Pointer(text))
	copied := C.GoString(text)
	result("copied from freed memory, the text is another: %t", copied != secretText)
}

func copyBeforeFree() {
	text := C.CString(secretText)
	copied := C.GoString(text)
	C.free(unsafe.Pointer(text))
	result("copied: %s", copied)
}
