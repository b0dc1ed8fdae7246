package main

// The mistake: C is passed the address of a Go map, to hand it back to a callback.
// A map is a pointer to tables that are full of pointers.
//
// What to look for: a panic at the call, and already a word from `go vet`
// ("possibly passing Go type with embedded pointer to C").
//
// The rule: what a callback needs stays in Go. C carries a cgo.Handle for it, which
// is a number.
//
// Source: https://pkg.go.dev/cmd/cgo#hdr-Passing_pointers; https://pkg.go.dev/runtime/cgo#Handle

/*
#include "hz_bell.h"

// In bells.c: bells that call goRing with `handle`, or that keep any pointer.
hz_bell *go_bell_new(uintptr_t handle);
hz_bell *go_bell_for(void *user);
*/
import "C"

import (
	"runtime/cgo"
	"unsafe"
)

func init() {
	register("map_to_c", program{bad: passMap, good: passHandleOfMap})
}

//export goRing
func goRing(handle C.uintptr_t) {
	cgo.Handle(handle).Value().(func())()
}

func passMap() {
	rings := map[string]int{"door": 0}
	bell := C.go_bell_for(unsafe.Pointer(&rings))
	defer C.hz_bell_free(bell)
	result("passed: %d", len(rings))
}

func passHandleOfMap() {
	rings := map[string]int{"door": 0}
	handle := cgo.NewHandle(func() { rings["door"]++ })
	defer handle.Delete()
	bell := C.go_bell_new(C.uintptr_t(handle))
	defer C.hz_bell_free(bell)
	C.hz_bell_ring(bell)
	result("passed: %d", rings["door"])
}
