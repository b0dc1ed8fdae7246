package main

// The mistake: an easy handle is cleaned up early, and by the deferred call again.
//
// What to look for: libcurl frees what the handle points to, and the handle, a second
// time. glibc notices some of it and aborts.
//
// The rule: whoever cleans up forgets the pointer. curl_easy_cleanup of NULL does
// nothing.
//
// Source: curl_easy_cleanup(3)

/*
#include <curl/curl.h>
*/
import "C"

import "unsafe"

func init() {
	register("easy_cleaned_twice", program{bad: cleanUpTwice, good: cleanUpForgetting})
}

func cleanUpTwice() {
	func() {
		easy := newEasy()
		defer C.curl_easy_cleanup(easy)
		C.curl_easy_perform(easy)
		C.curl_easy_cleanup(easy)
	}()
	result("a handle was cleaned up twice")
}

func cleanUpForgetting() {
	func() {
		var easy unsafe.Pointer
		cleanUp := func() {
			C.curl_easy_cleanup(easy)
			easy = nil
		}
		easy = newEasy()
		defer cleanUp()
		C.curl_easy_perform(easy)
		cleanUp()
	}()
	result("a handle was cleaned up, and forgotten")
}
