// Package curl is one blocking GET by cgo, as a Go programmer would want it: no
// callback into Go, no Go pointer that libcurl keeps, the error as a value.
package curl

/*
#cgo CFLAGS: -std=c11
#cgo LDFLAGS: -lcurl
#include "get.h"
#include <curl/curl.h>
#include <stdlib.h>
*/
import "C"

import (
	"fmt"
	"strings"
	"sync"
	"time"
	"unsafe"
)

// A Reply is a response that arrived whole.
type Reply struct {
	Status int
	Body   []byte
}

// A Failure is a transfer that libcurl gave up.
type Failure struct {
	Class string // by the names that the Rust side uses
	Code  int    // a CURLcode
	Text  string // libcurl's own words
}

func (f *Failure) Error() string {
	return fmt.Sprintf("%s (libcurl %d: %s)", f.Class, f.Code, f.Text)
}

const bodyLimit = 64 << 20

var (
	setUp       sync.Once
	setUpResult C.CURLcode
)

// Get fetches url, verifying TLS against caFile, or against the system's store
// where that is empty.
func Get(url, caFile string, timeout time.Duration) (*Reply, error) {
	if strings.ContainsRune(url, 0) || strings.ContainsRune(caFile, 0) {
		return nil, &Failure{Class: "url", Text: "a NUL would end the text early for C"}
	}
	setUp.Do(func() { setUpResult = C.curl_global_init(C.CURL_GLOBAL_DEFAULT) })
	if setUpResult != C.CURLE_OK {
		return nil, &Failure{Class: "init", Code: int(setUpResult)}
	}
	cURL := C.CString(url)
	defer C.free(unsafe.Pointer(cURL))
	var cCA *C.char
	if caFile != "" {
		cCA = C.CString(caFile)
		defer C.free(unsafe.Pointer(cCA))
	}
	// In C's memory, because libcurl keeps pointers into it during the transfer.
	reply := (*C.http_reply)(C.calloc(1, C.sizeof_http_reply))
	defer C.free(unsafe.Pointer(reply))
	defer C.http_reply_clear(reply)
	C.http_get(cURL, cCA, C.long(timeout.Milliseconds()), bodyLimit, reply)
	if reply.code != C.CURLE_OK {
		return nil, &Failure{classOf(reply), int(reply.code), C.GoString(&reply.text[0])}
	}
	return &Reply{int(reply.status), C.GoBytes(unsafe.Pointer(reply.body), C.int(reply.length))}, nil
}

func classOf(reply *C.http_reply) string {
	if reply.too_large != 0 {
		return "too-large"
	}
	switch reply.code {
	case C.CURLE_URL_MALFORMAT, C.CURLE_UNSUPPORTED_PROTOCOL:
		return "url"
	case C.CURLE_COULDNT_RESOLVE_HOST:
		return "resolve"
	case C.CURLE_COULDNT_CONNECT:
		return "connect"
	case C.CURLE_OPERATION_TIMEDOUT:
		return "timeout"
	case C.CURLE_PARTIAL_FILE:
		return "truncated"
	case C.CURLE_SSL_CONNECT_ERROR, C.CURLE_PEER_FAILED_VERIFICATION,
		C.CURLE_SSL_CACERT_BADFILE, C.CURLE_SSL_CIPHER, C.CURLE_SSL_CERTPROBLEM:
		return "tls"
	default:
		return "transfer"
	}
}
