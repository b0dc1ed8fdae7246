package main

// The mistake: a C string is freed, and Go reads through the pointer that it still
// has.
//
// What to look for: nothing, mostly: the byte is whatever the allocator left there.
// `go build -asan` also looks after the loads of Go's own code, and reports it.
//
// The rule: after C.free the pointer is only a number. Copy first, free afterwards.
//
// Source: https://pkg.go.dev/cmd/cgo#hdr-Go_references_to_C; free(3)

/*
#include <stdlib.h>
*/
import "C"

import "unsafe"

func init() {
	register("freed_text_read", program{bad: loadAfterFree, good: loadBeforeFree})
}

const secretText = "a secret of twenty-eight bytes"

func loadAfterFree() {
	text := C.CString(secretText)
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(text)), len(secretText))
	C.free(unsafe.Pointer(text))
	first := bytes[0]
	result("Go read freed memory, the byte is still there: %t", first == secretText[0])
}

func loadBeforeFree() {
	text := C.CString(secretText)
	defer C.free(unsafe.Pointer(text))
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(text)), len(secretText))
	result("first byte: %c", bytes[0])
}
