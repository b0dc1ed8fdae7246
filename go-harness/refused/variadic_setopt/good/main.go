// Command good has a function of C's for each kind of value.
package main

/*
#cgo LDFLAGS: -lcurl
#include <curl/curl.h>
#include <stdlib.h>

static CURLcode set_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}

static CURLcode set_text(CURL *easy, CURLoption option, const char *value) {
  return curl_easy_setopt(easy, option, value);
}
*/
import "C"

import (
	"fmt"
	"unsafe"
)

func main() {
	easy := C.curl_easy_init()
	defer C.curl_easy_cleanup(easy)
	url := C.CString("file:///dev/null")
	defer C.free(unsafe.Pointer(url))
	if C.set_long(easy, C.CURLOPT_NOSIGNAL, 1) != C.CURLE_OK || C.set_text(easy, C.CURLOPT_URL, url) != C.CURLE_OK {
		panic("an option was refused")
	}
	fmt.Println("RESULT options were set")
}
