package main

// The mistake: a callback panics, and a Go frame beyond the C frames recovers.
// Go drops the C frames on the way: no line of C after the callback runs.
//
// What to look for: a C object that stays half done for good, here busy, as a
// curl handle does (which also leaves the process with SIGPIPE ignored). No
// detector reports it.
//
// The rule: recover in the exported function, and tell C by its return value.
//
// Source: https://pkg.go.dev/cmd/cgo#hdr-C_references_to_Go

/*
#include "hz_walker.h"
#include <stdint.h>

// In trampolines.c: walks, calling goVisit with `handle` at every step.
int go_walk(hz_walker *walker, size_t steps, uintptr_t handle);
*/
import "C"

import (
	"errors"
	"fmt"
	"runtime/cgo"
)

func init() {
	register("panic_through_c", program{bad: recoverBeyondC, good: recoverInCallback})
}

type visitor func(step int) error

//export goVisit
func goVisit(handle C.uintptr_t, step C.size_t) C.int {
	if cgo.Handle(handle).Value().(visitor)(int(step)) != nil {
		return 1
	}
	return 0
}

func walk(walker *C.hz_walker, visit visitor) C.int {
	handle := cgo.NewHandle(visit)
	defer handle.Delete()
	return C.go_walk(walker, 3, C.uintptr_t(handle))
}

func explode(step int) error {
	if step == 1 {
		panic("boom in the callback")
	}
	return nil
}

func recoverBeyondC() {
	walker := C.hz_walker_new()
	defer C.hz_walker_free(walker)
	func() {
		defer func() { _ = recover() }()
		walk(walker, explode)
	}()
	again := walk(walker, func(int) error { return nil })
	result("tidied: %d, stuck: %t", C.hz_walker_tidied(walker), again == C.HZ_BUSY)
}

func recoverInCallback() {
	walker := C.hz_walker_new()
	defer C.hz_walker_free(walker)
	var caught error
	outcome := walk(walker, func(step int) (err error) {
		defer func() {
			if value := recover(); value != nil {
				err = errors.New(fmt.Sprint(value))
				caught = err
			}
		}()
		return explode(step)
	})
	again := walk(walker, func(int) error { return nil })
	result("caught: %v, stopped: %t, tidied: %d, stuck: %t",
		caught, outcome == C.HZ_STOPPED, C.hz_walker_tidied(walker), again == C.HZ_BUSY)
}
