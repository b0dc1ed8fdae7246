package main

// The mistake: a C object is made without its callback, and C calls it: it does not
// ask whether a function pointer is NULL.
//
// What to look for: SIGSEGV with the program counter at 0. A nil func called by Go
// is a panic, which recover catches; this is a signal in C, which it does not.
//
// The rule: a constructor takes the callback as a parameter, and checks it for nil.
//
// Source: https://pkg.go.dev/os/signal#hdr-Go_programs_that_use_cgo_or_SWIG; C11 6.5.2.2

/*
#include "hz_bell.h"

hz_bell *go_bell_new(uintptr_t handle);
*/
import "C"

import (
	"errors"
	"runtime/cgo"
)

func init() {
	register("null_callback", program{bad: callNull, good: refuseNil})
}

func callNull() {
	defer func() { result("recovered: %v", recover()) }()
	bell := C.hz_bell_new(nil, nil)
	C.hz_bell_ring(bell)
}

// ringWith makes a bell for one ring, with a callback that is there.
func ringWith(ring func()) error {
	if ring == nil {
		return errors.New("no callback")
	}
	handle := cgo.NewHandle(ring)
	defer handle.Delete()
	bell := C.go_bell_new(C.uintptr_t(handle))
	defer C.hz_bell_free(bell)
	C.hz_bell_ring(bell)
	return nil
}

func refuseNil() {
	rings := 0
	refused := ringWith(nil)
	rung := ringWith(func() { rings++ })
	result("refused: %v, rung: %t, rings: %d", refused, rung == nil, rings)
}
