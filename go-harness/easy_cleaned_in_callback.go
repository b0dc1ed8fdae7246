package main

// The mistake: a write callback has seen enough, and cleans its handle up there and
// then. libcurl is still in the middle of the transfer, with that handle.
//
// What to look for: a crash when the callback returns, or memory that is used after it
// was freed.
//
// The rule: a callback says no by what it returns (less than it was given); the handle
// is cleaned up when curl_easy_perform has returned.
//
// Source: curl_easy_cleanup(3); CURLOPT_WRITEFUNCTION(3)

/*
#include <curl/curl.h>
#include <stdint.h>

// In transfers.c: has the transfer hand each piece to goReceive.
int go_easy_receive(CURL *easy, uintptr_t handle);
*/
import "C"

import "runtime/cgo"

func init() {
	register("easy_cleaned_in_callback", program{bad: cleanUpInside, good: cleanUpAfterwards})
}

func cleanUpInside() {
	easy := newEasy()
	pieces := 0
	handle := cgo.NewHandle(receiver(func(int) int {
		if pieces++; pieces == 1 {
			C.curl_easy_cleanup(easy)
		}
		return 0
	}))
	defer handle.Delete()
	code := C.go_easy_receive(easy, C.uintptr_t(handle))
	result("libcurl answered %d of a handle that is gone, after %d pieces", code, pieces)
}

func cleanUpAfterwards() {
	easy := newEasy()
	defer C.curl_easy_cleanup(easy)
	pieces := 0
	handle := cgo.NewHandle(receiver(func(int) int {
		pieces++
		return 0
	}))
	defer handle.Delete()
	code := C.go_easy_receive(easy, C.uintptr_t(handle))
	result("stopped: %t, after %d pieces", code == C.CURLE_WRITE_ERROR, pieces)
}
