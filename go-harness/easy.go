package main

// What the programs about libcurl's easy handles have in common.

/*
#cgo LDFLAGS: -lcurl
#include <curl/curl.h>
#include <stdlib.h>

static CURLcode set_easy_text(CURL *easy, CURLoption option, const char *text) {
  return curl_easy_setopt(easy, option, text);
}

static size_t discard(char *bytes, size_t size, size_t count, void *user) {
  (void)bytes;
  (void)user;
  return size * count;
}

static CURLcode set_easy_discard(CURL *easy) {
  return curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, discard);
}
*/
import "C"

import (
	"net/url"
	"os"
	"unsafe"
)

// newEasy is a handle for a file that is certainly there, this program; what it
// transfers is discarded.
func newEasy() unsafe.Pointer {
	path, err := os.Executable()
	if err != nil {
		panic(err)
	}
	easy := C.curl_easy_init()
	if easy == nil || C.set_easy_discard(easy) != C.CURLE_OK {
		panic("no handle")
	}
	setURL(easy, (&url.URL{Scheme: "file", Path: path}).String())
	return easy
}

// setURL says where a handle transfers from. libcurl copies the text.
func setURL(easy unsafe.Pointer, address string) C.CURLcode {
	text := C.CString(address)
	defer C.free(unsafe.Pointer(text))
	return C.set_easy_text(easy, C.CURLOPT_URL, text)
}
