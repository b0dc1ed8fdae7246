package main

// The mistake: two places delete the same cgo.Handle, as it happens when an error
// path and a defer both clean up.
//
// What to look for: a panic at the second Delete. It is one only because handles
// are never given out again; the same mistake with an own table of numbers deletes
// somebody else's entry.
//
// The rule: whoever makes the handle defers its Delete, and nobody else deletes.
//
// Source: https://pkg.go.dev/runtime/cgo#Handle

/*
#include "hz_bell.h"

hz_bell *go_bell_new(uintptr_t handle);
*/
import "C"

import "runtime/cgo"

func init() {
	register("handle_deleted_twice", program{bad: deleteTwice, good: deleteOnce})
}

// ringOnce rings a bell that calls handle's func.
func ringOnce(handle cgo.Handle) {
	bell := C.go_bell_new(C.uintptr_t(handle))
	defer C.hz_bell_free(bell)
	C.hz_bell_ring(bell)
}

func deleteTwice() {
	rings := 0
	handle := cgo.NewHandle(func() { rings++ })
	ringOnce(handle)
	handle.Delete()
	handle.Delete()
	result("deleted twice, rings: %d", rings)
}

func deleteOnce() {
	rings := 0
	handle := cgo.NewHandle(func() { rings++ })
	defer handle.Delete()
	ringOnce(handle)
	result("rings: %d", rings)
}
