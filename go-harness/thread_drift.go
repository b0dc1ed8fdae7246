package main

// The claim: a goroutine may drift to another thread within one call into C.
//
// What to look for: it does not. The thread is C's until C returns, whatever C does
// meanwhile; what the scheduler takes away is the right to run Go. Between two calls
// the goroutine may move.
//
// The rule: what must be on one thread is one call into C; if it cannot be, it goes
// between runtime.LockOSThread and UnlockOSThread.
//
// Source: https://pkg.go.dev/runtime#LockOSThread; https://go.dev/wiki/LockOSThread

/*
#define _GNU_SOURCE
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

static long drift_here(void) { return syscall(SYS_gettid); }

// Long enough for the scheduler to take the processor away.
static int drift_within(void) {
	long before = drift_here();
	int moved = 0;
	for (int i = 0; i < 20; i++) {
		sched_yield();
		usleep(50);
		moved |= drift_here() != before;
	}
	return moved;
}
*/
import "C"

import (
	"runtime"
	"sync"
)

func init() {
	register("thread_drift", program{bad: driftWithinCall, good: stayUnderLock})
}

// inCrowd runs work on eight goroutines, and counts how often it moved.
func inCrowd(work func() int) (moved int) {
	var lock sync.Mutex
	var all sync.WaitGroup
	for i := 0; i < 8; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for i := 0; i < 10; i++ {
				own := work()
				lock.Lock()
				moved += own
				lock.Unlock()
			}
		}()
	}
	all.Wait()
	return moved
}

func driftWithinCall() {
	moved := inCrowd(func() int { return int(C.drift_within()) })
	result("moved within a call: %d of 80", moved)
}

func stayUnderLock() {
	moved := inCrowd(func() int {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		before := C.drift_here()
		runtime.Gosched()
		if C.drift_here() != before {
			return 1
		}
		return 0
	})
	result("moved between two calls under the lock: %d of 80", moved)
}
