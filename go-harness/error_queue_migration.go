package main

// The mistake: an OpenSSL call fails, and its error is asked for in a second cgo
// call. The queue belongs to the OS thread; between the two calls the goroutine
// may have moved to another.
//
// What to look for: the error is missing, or it is somebody else's. Nothing
// crashes and nothing is reported.
//
// The rule: read an error in the same C call that made it, or hold the thread with
// runtime.LockOSThread for both.
//
// Source: https://docs.openssl.org/3.0/man3/ERR_get_error/; https://pkg.go.dev/runtime#LockOSThread

/*
#include "hz_errors.h"
*/
import "C"

import (
	"fmt"
	"os"
	"runtime"
)

func init() {
	register("error_queue_migration", program{bad: askLater, good: askOnLockedThread})
}

const failures = 50

func askLater() {
	lost := loseErrors(func() {})
	fmt.Fprintf(os.Stderr, "lost %d errors of %d\n", lost, failures)
	result("errors were lost: %t", lost > 0)
}

func askOnLockedThread() {
	lost := loseErrors(runtime.LockOSThread)
	together := 0
	for reason := 1; reason <= failures; reason++ {
		if int(C.hz_errors_fail_and_take(C.int(reason))) == reason {
			together++
		}
	}
	result("errors were lost: %t; asked for in the call that failed: %d of %d", lost > 0, together, failures)
}

// loseErrors fails `failures` times, each under a reason of its own (an entry
// that an earlier round left behind must not count as a hit), gives the
// scheduler a reason to move the goroutine, and asks for the error.
func loseErrors(prepare func()) (lost int) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for reason := 100; reason < 100+failures; reason++ {
		found := make(chan bool)
		go func() {
			prepare()
			C.hz_errors_fail(C.int(reason))
			release := occupyThread()
			found <- int(C.hz_errors_take()) == reason
			close(release)
		}()
		if !<-found {
			lost++
		}
	}
	return lost
}

// occupyThread starts a goroutine that keeps the thread it is run on (with one
// processor that is the caller's, unless the caller is locked to it) until the
// channel is closed.
func occupyThread() chan struct{} {
	ready, release := make(chan struct{}), make(chan struct{})
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		close(ready)
		<-release
	}()
	<-ready
	return release
}
