package main

// The mistake: whoever calls C recovers from what its callback panics with, but C
// calls back on a thread of its own. There is no Go frame beyond.
//
// What to look for: the end of the process. recover works along the stack it is on,
// and this one has only C below the callback.
//
// The rule: every exported function recovers for itself, and hands the panic over
// as a value.
//
// Source: https://pkg.go.dev/cmd/cgo#hdr-C_references_to_Go; https://go.dev/ref/spec#Handling_panics

/*
#include "hz_bell.h"

hz_bell *go_bell_new(uintptr_t handle);
*/
import "C"

import (
	"fmt"
	"runtime/cgo"
)

func init() {
	register("panic_on_c_thread", program{bad: recoverInCaller, good: recoverOnThread})
}

func ringElsewhere(ring func()) {
	handle := cgo.NewHandle(ring)
	defer handle.Delete()
	bell := C.go_bell_new(C.uintptr_t(handle))
	defer C.hz_bell_free(bell)
	if C.hz_bell_ring_elsewhere(bell) != 0 {
		panic("no thread")
	}
}

func recoverInCaller() {
	defer func() { result("recovered: %v", recover()) }()
	ringElsewhere(func() { panic("boom on a thread of C") })
}

func recoverOnThread() {
	var caught string
	ringElsewhere(func() {
		defer func() { caught = fmt.Sprint(recover()) }()
		panic("boom on a thread of C")
	})
	result("caught: %s", caught)
}
