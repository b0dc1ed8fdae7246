// Command good asks libcurl whether its initialisation locks itself.
package main

/*
#cgo LDFLAGS: -lcurl
#include <curl/curl.h>

// What the headers of before 7.84 do not name.
#ifndef CURL_VERSION_THREADSAFE
#define CURL_VERSION_THREADSAFE (1 << 30)
#endif
*/
import "C"

import "fmt"

func main() {
	features := C.curl_version_info(C.CURLVERSION_NOW).features
	fmt.Println("RESULT locks itself:", features&C.CURL_VERSION_THREADSAFE != 0)
}
