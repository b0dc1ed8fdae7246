package main

// The mistake: Go stores a Go pointer in memory from malloc. The collector does not
// look there, so that the pointer keeps nothing alive.
//
// What to look for: nothing, until the collector runs. Only the write barrier of
// cgocheck 2 sees the store: GODEBUG=cgocheck=2 before Go 1.21,
// GOEXPERIMENT=cgocheck2 at build since.
//
// The rule: in C's memory there are only C's pointers, and handles.
//
// Source: https://pkg.go.dev/cmd/cgo#hdr-Passing_pointers; https://pkg.go.dev/internal/goexperiment

/*
#include "hz_text.h"
#include <stdlib.h>
*/
import "C"

import (
	"runtime"
	"unsafe"
)

func init() {
	register("go_pointer_in_c_memory", program{bad: storeGoText, good: storeCText})
}

// textSlot is room for one `char *` in C's memory.
func textSlot() **C.char {
	return (**C.char)(C.calloc(1, C.size_t(unsafe.Sizeof((*C.char)(nil)))))
}

func storeGoText() {
	slot := textSlot()
	defer C.free(unsafe.Pointer(slot))
	text := []byte("Go's text\x00")
	*slot = cstring(text)
	length := C.hz_text_length(*slot)
	runtime.KeepAlive(text)
	result("C's memory holds a Go pointer, length: %d", length)
}

func storeCText() {
	slot := textSlot()
	defer C.free(unsafe.Pointer(slot))
	*slot = C.CString("C's text")
	defer C.free(unsafe.Pointer(*slot))
	result("length: %d", C.hz_text_length(*slot))
}
