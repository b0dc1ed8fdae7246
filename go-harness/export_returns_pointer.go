package main

// The mistake: an exported function, called by C, returns a pointer into Go's memory.
// When it has returned nothing in Go refers to that memory any more.
//
// What to look for: a panic when the function returns, by cgo's check of results.
//
// The rule: what an exported function returns is a number, or memory from C.
//
// Source: https://pkg.go.dev/cmd/cgo#hdr-Passing_pointers

/*
#include "hz_asker.h"
#include <stdint.h>
#include <stdlib.h>

// In asks.c: asks goAnswer for a text.
size_t go_ask(uintptr_t handle);
*/
import "C"

import (
	"runtime/cgo"
	"unsafe"
)

func init() {
	register("export_returns_pointer", program{bad: answerGoBytes, good: answerCBytes})
}

//export goAnswer
func goAnswer(handle C.uintptr_t) *C.char {
	return cgo.Handle(handle).Value().(func() *C.char)()
}

func ask(answer func() *C.char) int {
	handle := cgo.NewHandle(answer)
	defer handle.Delete()
	return int(C.go_ask(C.uintptr_t(handle)))
}

func answerGoBytes() {
	length := ask(func() *C.char { return cstring([]byte("the answer\x00")) })
	result("C read the answer, length: %d", length)
}

func answerCBytes() {
	// C reads the answer at once; it lives until the call is over.
	answer := C.CString("the answer")
	defer C.free(unsafe.Pointer(answer))
	result("length: %d", ask(func() *C.char { return answer }))
}
