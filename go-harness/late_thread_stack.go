package main

// The mistake: a goroutine reads what a callback was lent by a thread of C's own,
// when that thread has ended and its stack is no longer mapped.
//
// What to look for: the SIGSEGV that is told of frames in general ("fatal error:
// fault"). It needs a thread whose stack is unmapped at its end; glibc keeps usual
// ones for the next thread, and then the old bytes are still there. Go cannot
// recover from it.
//
// The rule: what C lends is copied before the callback returns (C.GoBytes).
//
// Source: https://pkg.go.dev/cmd/cgo#hdr-C_references_to_Go; pthread_attr_setstacksize(3)

/*
#include "hz_frame.h"
#include <stdint.h>

int go_frame_lend_elsewhere(uintptr_t handle);
*/
import "C"

import (
	"runtime/cgo"
	"unsafe"
)

func init() {
	register("late_thread_stack", program{bad: readUnmapped, good: copyFromThread})
}

func lendElsewhere(borrow borrower) {
	handle := cgo.NewHandle(borrow)
	defer handle.Delete()
	if failed := C.go_frame_lend_elsewhere(C.uintptr_t(handle)); failed != 0 {
		panic("no thread")
	}
}

func readUnmapped() {
	release, seen := make(chan struct{}), make(chan byte)
	lendElsewhere(func(bytes unsafe.Pointer, _ int) {
		go func() {
			<-release
			seen <- *(*byte)(bytes)
		}()
	})
	close(release)
	result("read the stack of a thread that is gone: %d", <-seen)
}

func copyFromThread() {
	var copied []byte
	lendElsewhere(func(bytes unsafe.Pointer, size int) { copied = C.GoBytes(bytes, C.int(size)) })
	result("copied: %d bytes of %d", len(copied), copied[0])
}
