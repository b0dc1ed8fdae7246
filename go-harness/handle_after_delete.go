package main

// The mistake: a handle is deleted while C still has it, and C calls back with it.
//
// What to look for: a panic in the callback, far from the Delete that was too early,
// with frames of C below it.
//
// The rule: first C forgets the callback, then the handle is deleted.
//
// Source: https://pkg.go.dev/runtime/cgo#Handle

/*
#include "hz_bell.h"

hz_bell *go_bell_new(uintptr_t handle);
*/
import "C"

import "runtime/cgo"

func init() {
	register("handle_after_delete", program{bad: ringAfterDelete, good: deleteAfterRing})
}

func ringAfterDelete() {
	rings := 0
	handle := cgo.NewHandle(func() { rings++ })
	bell := C.go_bell_new(C.uintptr_t(handle))
	defer C.hz_bell_free(bell)
	handle.Delete()
	C.hz_bell_ring(bell)
	result("rang with a deleted handle: %d", rings)
}

func deleteAfterRing() {
	rings := 0
	handle := cgo.NewHandle(func() { rings++ })
	defer handle.Delete() // runs last
	bell := C.go_bell_new(C.uintptr_t(handle))
	defer C.hz_bell_free(bell)
	C.hz_bell_ring(bell)
	result("rings: %d", rings)
}
