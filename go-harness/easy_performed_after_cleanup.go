package main

// The mistake: a transfer is started with an easy handle that was cleaned up.
//
// What to look for: an error that makes no sense ("URL using bad/illegal format", with a
// URL that is fine), or a crash within libcurl. Memcheck sees it.
//
// The rule: a handle is closed in one place, after everything that uses it.
//
// Source: curl_easy_cleanup(3); curl_easy_perform(3)

/*
#include <curl/curl.h>
*/
import "C"

func init() {
	register("easy_performed_after_cleanup", program{bad: performAfterCleanup, good: performBeforeCleanup})
}

func performAfterCleanup() {
	easy := newEasy()
	C.curl_easy_cleanup(easy)
	result("libcurl answered %d to a transfer of a handle that is gone", C.curl_easy_perform(easy))
}

func performBeforeCleanup() {
	easy := newEasy()
	defer C.curl_easy_cleanup(easy)
	result("libcurl answered %d to a transfer", C.curl_easy_perform(easy))
}
