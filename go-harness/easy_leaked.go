package main

// The mistake: an easy handle is made for each transfer, and nobody cleans it up.
//
// What to look for: memory that grows by kilobytes a transfer, and, where there is a
// network, connections that stay open. LeakSanitizer reports it at exit from Go 1.24
// on.
//
// The rule: curl_easy_cleanup is deferred in the line after curl_easy_init; and one
// handle does for many transfers, which reuse its connections.
//
// Source: curl_easy_init(3); curl_easy_cleanup(3)

/*
#include <curl/curl.h>
*/
import "C"

func init() {
	register("easy_leaked", program{bad: transferAndForget, good: transferAndCleanUp})
}

//go:noinline
func transferLeaking() C.CURLcode {
	return C.curl_easy_perform(newEasy())
}

func transferAndForget() {
	done := 0
	for i := 0; i < 5; i++ {
		if transferLeaking() == C.CURLE_OK {
			done++
		}
	}
	collect()
	result("handles are leaked: one for each of %d transfers", done)
}

func transferAndCleanUp() {
	easy := newEasy()
	defer C.curl_easy_cleanup(easy)
	done := 0
	for i := 0; i < 5; i++ {
		if C.curl_easy_perform(easy) == C.CURLE_OK {
			done++
		}
	}
	collect()
	result("one handle for %d transfers", done)
}
