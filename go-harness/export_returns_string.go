package main

// The mistake: an exported function returns a Go string. For C it is a struct of a
// pointer and a length, and the pointer leads into Go's memory.
//
// What to look for: a panic when the function returns, by cgo's check of results.
// The compiler and the linker have no objection: GoString is a type of C's, in
// _cgo_export.h.
//
// The rule: a text for C is a C.CString, and the manual says who frees it.
//
// Source: https://pkg.go.dev/cmd/cgo#hdr-C_references_to_Go

/*
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

// In asks.c: has goTell return a string, and looks at its length.
size_t go_hear(uintptr_t handle);
*/
import "C"

import (
	"runtime/cgo"
	"strings"
	"unsafe"
)

func init() {
	register("export_returns_string", program{bad: returnString, good: returnCText})
}

//export goTell
func goTell(handle C.uintptr_t) string {
	return cgo.Handle(handle).Value().(func() string)()
}

func returnString() {
	handle := cgo.NewHandle(func() string { return strings.Repeat("a", 20) })
	defer handle.Delete()
	result("C has a Go string, length: %d", C.go_hear(C.uintptr_t(handle)))
}

func returnCText() {
	text := C.CString(strings.Repeat("a", 20))
	defer C.free(unsafe.Pointer(text))
	length := ask(func() *C.char { return text }) // of export_returns_pointer.go
	result("length: %d", length)
}
