package main

// The claim: runtime.LockOSThread is needed around an OpenSSL call and the question
// for its error, which are two calls into C. It is true.
//
// What to look for: every error is there, under the same scheduling that loses every
// one of them without the lock (error_queue_migration). The price is a thread for each
// goroutine that waits in between.
//
// The rule: hold the thread from the call that may fail until its error was asked for;
// or, better, do both in one C function, and need no lock.
//
// Source: https://pkg.go.dev/runtime#LockOSThread; https://docs.openssl.org/3.0/man3/ERR_get_error/

/*
#include "hz_errors.h"
*/
import "C"

import "runtime"

func init() {
	register("error_queue_kept", program{bad: askLocked, good: askAtOnce})
}

func askLocked() {
	lost := loseErrors(runtime.LockOSThread)
	result("errors were kept: %t", lost == 0)
}

// askAtOnce asks in the C call that fails, from goroutines that nothing holds.
func askAtOnce() {
	found := make(chan bool)
	for reason := 1; reason <= failures; reason++ {
		go func(reason int) {
			runtime.Gosched()
			found <- int(C.hz_errors_fail_and_take(C.int(reason))) == reason
		}(reason)
	}
	kept := true
	for i := 0; i < failures; i++ {
		kept = <-found && kept
	}
	result("errors were kept: %t", kept)
}
