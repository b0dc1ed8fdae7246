package main

// The mistake: a callback starts a goroutine that reads what C lent it, and returns.
// The buffer is a local variable of C, and C's function returns as well.
//
// What to look for: no crash, unlike what is often said: a call from a goroutine runs
// on a system stack that stays mapped. The goroutine silently reads what later calls
// left there. AddressSanitizer sees it with detect_stack_use_after_return=1, which
// gcc does not switch on by itself.
//
// The rule: what C lends is copied before the callback returns (C.GoBytes).
//
// Source: https://pkg.go.dev/cmd/cgo#hdr-C_references_to_Go; https://github.com/google/sanitizers/wiki/AddressSanitizerUseAfterReturn

/*
#include "hz_frame.h"
#include <stdint.h>

// In frames.c: lends a frame's buffer to goBorrow, here or on a thread of C's own.
size_t go_frame_lend(uintptr_t handle);
int go_frame_lend_elsewhere(uintptr_t handle);
*/
import "C"

import (
	"runtime/cgo"
	"unsafe"
)

func init() {
	register("late_stack_read", program{bad: readLate, good: copyInTime})
}

// A borrower is called with a buffer that is C's, for as long as it runs.
type borrower func(bytes unsafe.Pointer, size int)

//export goBorrow
func goBorrow(handle C.uintptr_t, bytes *C.uchar, size C.size_t) {
	cgo.Handle(handle).Value().(borrower)(unsafe.Pointer(bytes), int(size))
}

// lendFrame answers how many bytes of the buffer were changed meanwhile.
func lendFrame(borrow borrower) int {
	handle := cgo.NewHandle(borrow)
	defer handle.Delete()
	return int(C.go_frame_lend(C.uintptr_t(handle)))
}

func readLate() {
	release, seen := make(chan struct{}), make(chan byte)
	lendFrame(func(bytes unsafe.Pointer, _ int) {
		go func() {
			<-release
			seen <- *(*byte)(bytes)
		}()
	})
	C.hz_frame_overwrite()
	close(release)
	result("read from a frame that is gone, another byte: %t", <-seen != C.HZ_FRAME_FILL)
}

func copyInTime() {
	release, seen := make(chan struct{}), make(chan byte)
	lendFrame(func(bytes unsafe.Pointer, size int) {
		copied := C.GoBytes(bytes, C.int(size))
		go func() {
			<-release
			seen <- copied[0]
		}()
	})
	C.hz_frame_overwrite()
	close(release)
	result("another byte: %t", <-seen != C.HZ_FRAME_FILL)
}
