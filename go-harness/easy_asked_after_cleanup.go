package main

// The mistake: what a transfer's URL was is asked of libcurl, the handle is cleaned up,
// and then the answer is read. Only the answer's address was kept: the text was the
// handle's.
//
// What to look for: a text of nothing, or of something else. Asking for the number of
// bytes after the clean-up is the same mistake, and answers as quietly.
//
// The rule: C.GoString at once, before the handle is used for anything else.
//
// Source: curl_easy_getinfo(3); CURLINFO_EFFECTIVE_URL(3)

/*
#include <curl/curl.h>

static const char *effective_url(CURL *easy) {
  char *url = NULL;
  curl_easy_getinfo(easy, CURLINFO_EFFECTIVE_URL, &url);
  return url;
}

static long long received(CURL *easy) {
  curl_off_t bytes = -1;
  curl_easy_getinfo(easy, CURLINFO_SIZE_DOWNLOAD_T, &bytes);
  return bytes;
}
*/
import "C"

import "strings"

func init() {
	register("easy_asked_after_cleanup", program{bad: askAfterCleanup, good: askBeforeCleanup})
}

func askAfterCleanup() {
	easy := newEasy()
	code := C.curl_easy_perform(easy)
	text := C.effective_url(easy)
	C.curl_easy_cleanup(easy)
	received := C.received(easy)
	answered := strings.HasPrefix(C.GoString(text), "file://")
	result("transfer: %d; of a handle that is gone: bytes known: %t, URL intact: %t", code, received > 0, answered)
}

func askBeforeCleanup() {
	easy := newEasy()
	code := C.curl_easy_perform(easy)
	text := C.GoString(C.effective_url(easy))
	received := C.received(easy)
	C.curl_easy_cleanup(easy)
	result("transfer: %d; bytes known: %t, URL intact: %t", code, received > 0, strings.HasPrefix(text, "file://"))
}
