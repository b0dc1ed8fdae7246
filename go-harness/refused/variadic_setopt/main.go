package main

// The mistake: curl_easy_setopt is called from Go. It is variadic, and cgo calls no
// variadic function: it could not know what C takes from its arguments.
//
// What to look for: cgo's complaint about the call.
//
// The rule: a C function of one's own for each kind of value (long, curl_off_t, text,
// pointer), so that a value of the wrong kind does not compile. In C it would: a
// number in the place of a pointer crashes at run time.
//
// Source: https://pkg.go.dev/cmd/cgo#hdr-Go_references_to_C; curl_easy_setopt(3)

/*
#cgo LDFLAGS: -lcurl
#include <curl/curl.h>
*/
import "C"

import "fmt"

func main() {
	easy := C.curl_easy_init()
	defer C.curl_easy_cleanup(easy)
	code := C.curl_easy_setopt(easy, C.CURLOPT_NOSIGNAL, C.long(1))
	fmt.Println("RESULT libcurl answered", code)
}
