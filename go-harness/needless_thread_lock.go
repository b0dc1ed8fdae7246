package main

// The mistake: runtime.LockOSThread, so that a callback runs on the thread of its
// caller. It does so anyway: within one call into C nothing moves.
//
// What to look for: nothing goes wrong. A goroutine that is locked costs a switch of
// threads whenever it waits, and nothing is gained. What the lock is for is two
// calls in a row that share something of the thread, such as OpenSSL's error queue.
//
// The rule: LockOSThread goes around a pair of calls, never around one.
//
// Source: https://pkg.go.dev/runtime#LockOSThread

/*
#include "hz_bell.h"

hz_bell *go_bell_new(uintptr_t handle);
*/
import "C"

import (
	"runtime"
	"runtime/cgo"
)

func init() {
	register("needless_thread_lock", program{bad: ringLocked, good: ringUnlocked})
}

// ringsAtHome rings so often, and says how often the callback ran on the thread that
// rang, while others had every chance to move the goroutine in between.
func ringsAtHome(rings int) int {
	var bell *C.hz_bell
	home := 0
	handle := cgo.NewHandle(func() {
		runtime.Gosched()
		if C.hz_bell_here() == C.hz_bell_rang_on(bell) {
			home++
		}
	})
	defer handle.Delete()
	bell = C.go_bell_new(C.uintptr_t(handle))
	defer C.hz_bell_free(bell)
	for i := 0; i < rings; i++ {
		C.hz_bell_ring(bell)
		runtime.Gosched()
	}
	return home
}

func ringLocked() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	result("on the caller's thread, with a lock: %d of 200", ringsAtHome(200))
}

func ringUnlocked() {
	result("on the caller's thread, without: %d of 200", ringsAtHome(200))
}
