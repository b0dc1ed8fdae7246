package main

// The mistake: a callback panics, and nobody recovers, neither in the callback nor
// beyond C.
//
// What to look for: the end of the process, with every other goroutine in it. C gets
// no chance to put anything right on disk or in shared memory.
//
// The rule: every exported function recovers for itself, and answers C with the
// value that means failure.
//
// Source: https://pkg.go.dev/cmd/cgo#hdr-C_references_to_Go; https://go.dev/ref/spec#Handling_panics

/*
#include "hz_walker.h"
*/
import "C"

import "fmt"

func init() {
	register("uncaught_panic", program{bad: letItPass, good: recoverInEach})
}

func letItPass() {
	walker := C.hz_walker_new()
	walk(walker, explode) // of panic_through_c.go
	result("tidied: %d", C.hz_walker_tidied(walker))
}

func recoverInEach() {
	walker := C.hz_walker_new()
	defer C.hz_walker_free(walker)
	outcome := walk(walker, func(step int) (err error) {
		defer func() {
			if value := recover(); value != nil {
				err = fmt.Errorf("recovered: %v", value)
			}
		}()
		return explode(step)
	})
	result("stopped: %t, tidied: %d", outcome == C.HZ_STOPPED, C.hz_walker_tidied(walker))
}
