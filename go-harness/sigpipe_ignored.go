package main

// The mistake: transfers on several threads, and CURLOPT_NOSIGNAL is not set. libcurl
// ignores SIGPIPE for the whole process while it works, and puts back afterwards what
// it found: where two transfers overlap, the second one found the first one's SIG_IGN.
//
// What to look for: SIGPIPE ignored for good, once the transfer that began second has
// ended last. Children inherit that: what they write to a closed pipe no longer ends
// them.
//
// The rule: CURLOPT_NOSIGNAL is 1 on every handle. Go has a handler of its own for
// SIGPIPE, and a write to a closed socket comes back as an error.
//
// Source: CURLOPT_NOSIGNAL(3); libcurl-thread(3); https://pkg.go.dev/os/signal#hdr-SIGPIPE

/*
#include "hz_sigpipe.h"
#include <curl/curl.h>
#include <stdint.h>

// In transfers.c: has the transfer hand each piece to goReceive.
int go_easy_receive(CURL *easy, uintptr_t handle);

static CURLcode set_no_signal(CURL *easy, long on) {
  return curl_easy_setopt(easy, CURLOPT_NOSIGNAL, on);
}
*/
import "C"

import "runtime/cgo"

func init() {
	register("sigpipe_ignored", program{bad: overlapWithSignals, good: overlapWithout})
}

// transferUntil transfers one piece, and stops when `inside` has run.
func transferUntil(noSignal C.long, inside func()) {
	easy := newEasy()
	defer C.curl_easy_cleanup(easy)
	if C.set_no_signal(easy, noSignal) != C.CURLE_OK {
		panic("no option")
	}
	handle := cgo.NewHandle(receiver(func(int) int {
		inside()
		return 0
	}))
	defer handle.Delete()
	C.go_easy_receive(easy, C.uintptr_t(handle))
}

// overlap begins a transfer within another, on a thread of its own, and has it end
// after that one.
func overlap(noSignal C.long) (before, during, after C.int) {
	C.curl_global_init(C.CURL_GLOBAL_DEFAULT)
	began, firstOver, secondOver := make(chan bool), make(chan bool), make(chan bool)
	before = C.hz_sigpipe_ignored()
	transferUntil(noSignal, func() {
		go func() {
			defer close(secondOver)
			transferUntil(noSignal, func() {
				during = C.hz_sigpipe_ignored()
				close(began)
				<-firstOver
			})
		}()
		<-began
	})
	close(firstOver)
	<-secondOver
	return before, during, C.hz_sigpipe_ignored()
}

func overlapWithSignals() {
	before, during, after := overlap(0)
	result("SIGPIPE ignored before: %d, during: %d, after: %d", before, during, after)
}

func overlapWithout() {
	before, during, after := overlap(1)
	result("SIGPIPE ignored before: %d, during: %d, after: %d", before, during, after)
}
