package main

// The mistake: C is passed a Go struct with an interface in it. An interface is two
// pointers, to the type and to the value, and the value lies in Go's memory.
//
// What to look for: a panic at the call. For a void * cgo looks into what the
// pointer points to, and so finds the pointer inside of the interface.
//
// The rule: what C gets is made of numbers, arrays of numbers and C's own pointers.
//
// Source: https://pkg.go.dev/cmd/cgo#hdr-Passing_pointers

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
	register("pointer_in_interface", program{bad: passInterface, good: passHandleOfStruct})
}

type tagged struct {
	first byte
	value any
}

func passInterface() {
	it := &tagged{first: 'A', value: new([64]byte)}
	bell := C.go_bell_for(unsafe.Pointer(it))
	defer C.hz_bell_free(bell)
	result("passed: %d", it.first)
}

func passHandleOfStruct() {
	it := &tagged{first: 'A', value: new([64]byte)}
	handle := cgo.NewHandle(func() { it.first++ })
	defer handle.Delete()
	bell := C.go_bell_new(C.uintptr_t(handle))
	defer C.hz_bell_free(bell)
	C.hz_bell_ring(bell)
	result("passed: %d", it.first)
}
