package main

// The claim: curl_global_init(CURL_GLOBAL_THREADSAFE) makes libcurl's initialisation
// safe between threads.
//
// What to look for: there is no such flag. Whether the initialisation locks itself is
// a property of the build, which curl_version_info reports as CURL_VERSION_THREADSAFE.
//
// The rule: ask for CURL_VERSION_THREADSAFE; where it is not set, call
// curl_global_init once, before there are threads.
//
// Source: https://curl.se/libcurl/c/curl_global_init.html; https://curl.se/libcurl/c/curl_version_info.html

/*
#cgo LDFLAGS: -lcurl
#include <curl/curl.h>
*/
import "C"

import "fmt"

func main() {
	fmt.Println("RESULT code:", C.curl_global_init(C.CURL_GLOBAL_THREADSAFE))
}
