package main

// The mistake: a goroutine outlives the callback that started it, and writes to the
// buffer that C had lent. Where the buffer was there is now another call's frame.
//
// What to look for: a local variable that changes although nothing in its function
// writes to it; seldom a crash. AddressSanitizer sees the write with
// detect_stack_use_after_return=1.
//
// The rule: a callback that fills C's buffer is done when it returns. Waiting for
// others happens inside of it.
//
// Source: https://pkg.go.dev/cmd/cgo#hdr-C_references_to_Go; https://github.com/google/sanitizers/wiki/AddressSanitizerUseAfterReturn

/*
#include "hz_frame.h"
*/
import "C"

import (
	"runtime"
	"unsafe"
)

func init() {
	register("late_stack_write", program{bad: writeLate, good: writeInTime})
}

func writeLate() {
	runtime.LockOSThread() // so that both frames lie on one stack
	defer runtime.UnlockOSThread()
	release, written := make(chan struct{}), make(chan struct{})
	lendFrame(func(bytes unsafe.Pointer, _ int) {
		go func() {
			<-release
			*(*byte)(bytes) = 0x77
			close(written)
		}()
	})
	changed := lendFrame(func(unsafe.Pointer, int) {
		close(release)
		<-written
	})
	result("wrote to another call's frame, changed there: %t", changed != 0)
}

func writeInTime() {
	changed := lendFrame(func(bytes unsafe.Pointer, _ int) {
		written := make(chan struct{})
		go func() {
			*(*byte)(bytes) = 0x77
			close(written)
		}()
		<-written
	})
	result("changed in the call that lent it: %d", changed)
}
