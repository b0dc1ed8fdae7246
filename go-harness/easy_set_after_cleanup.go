package main

// The mistake: an option is set on an easy handle that was cleaned up.
//
// What to look for: mostly nothing. libcurl writes into memory that may be anybody's by
// now: it frees the text that it finds there and puts a new one in its place. Memcheck
// sees it; AddressSanitizer only where what it fills freed memory with is followed.
//
// The rule: a handle is closed in one place, after everything that uses it.
//
// Source: curl_easy_cleanup(3); curl_easy_setopt(3)

/*
#include <curl/curl.h>
*/
import "C"

func init() {
	register("easy_set_after_cleanup", program{bad: setAfterCleanup, good: setBeforeCleanup})
}

func setAfterCleanup() {
	easy := newEasy()
	C.curl_easy_cleanup(easy)
	result("libcurl answered %d to an option of a handle that is gone", setURL(easy, "file:///dev/null"))
}

func setBeforeCleanup() {
	easy := newEasy()
	defer C.curl_easy_cleanup(easy)
	result("libcurl answered %d to an option", setURL(easy, "file:///dev/null"))
}
