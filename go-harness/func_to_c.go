package main

// The mistake: C is passed the address of a Go func, as if it were a function
// pointer or could be kept like one. A func is a pointer to code and to what it has
// captured, both for Go's way of calling only.
//
// What to look for: a panic at the call, and already a word from `go vet`
// ("possibly passing Go type with embedded pointer to C").
//
// The rule: C calls an exported function, and that finds the func by its cgo.Handle.
//
// Source: https://pkg.go.dev/cmd/cgo#hdr-Passing_pointers; https://pkg.go.dev/runtime/cgo#Handle

/*
#include "hz_bell.h"

hz_bell *go_bell_new(uintptr_t handle);
hz_bell *go_bell_for(void *user);
*/
import "C"

import (
	"runtime/cgo"
	"unsafe"
)

func init() {
	register("func_to_c", program{bad: passFunc, good: passHandleOfFunc})
}

func passFunc() {
	rings := 0
	ring := func() { rings++ }
	bell := C.go_bell_for(unsafe.Pointer(&ring))
	defer C.hz_bell_free(bell)
	result("passed: %d", rings)
}

func passHandleOfFunc() {
	rings := 0
	handle := cgo.NewHandle(func() { rings++ })
	defer handle.Delete()
	bell := C.go_bell_new(C.uintptr_t(handle))
	defer C.hz_bell_free(bell)
	C.hz_bell_ring(bell)
	result("passed: %d", rings)
}
