// Package curl is libcurl's easy interface by cgo, as a Go programmer would want
// it: one cgo call for each step, no callback into Go, no Go pointer that libcurl
// keeps, the error as a value.
package curl

/*
#cgo CFLAGS: -std=c11
#cgo LDFLAGS: -lcurl
#include "http.h"
#include <stdlib.h>
*/
import "C"

import (
	"strings"
	"sync"
	"unsafe"
)

// An Easy is a handle with its connections and cookies.
type Easy struct {
	it *C.http
}

// A Share is what handles of several threads use together: names.
type Share struct {
	it *C.http_shared
}

var (
	setUp       sync.Once
	setUpResult C.CURLcode
)

func ready() error {
	setUp.Do(func() { setUpResult = C.curl_global_init(C.CURL_GLOBAL_DEFAULT) })
	if setUpResult != C.CURLE_OK {
		return &Failure{Class: "init", Code: int(setUpResult)}
	}
	return nil
}

// NewEasy makes a handle, which is to be closed.
func NewEasy() (*Easy, error) {
	if err := ready(); err != nil {
		return nil, err
	}
	it := C.http_new()
	if it == nil {
		return nil, &Failure{Class: "memory", Code: C.CURLE_OUT_OF_MEMORY}
	}
	return &Easy{it}, nil
}

// Close frees the handle.
func (e *Easy) Close() {
	C.http_free(e.it)
}

// NewShare makes a share, which is to be closed after its handles.
func NewShare() (*Share, error) {
	if err := ready(); err != nil {
		return nil, err
	}
	it := C.http_shared_new()
	if it == nil {
		return nil, &Failure{Class: "memory", Code: C.CURLE_OUT_OF_MEMORY}
	}
	return &Share{it}, nil
}

// Close frees the share.
func (s *Share) Close() {
	C.http_shared_free(s.it)
}

// Do transfers. The share may be nil.
func (e *Easy) Do(call Call, share *Share) (*Response, error) {
	if err := e.prepare(call, share); err != nil {
		return nil, err
	}
	C.http_perform(e.it)
	if e.it.code != C.CURLE_OK {
		begun, sent := e.it.status != 0 || e.it.body.length != 0, e.it.sent != 0
		class := classOf(e.it.code, begun, sent)
		return nil, &Failure{class, int(e.it.code), C.GoString(&e.it.text[0])}
	}
	return &Response{
		Status:    int(e.it.status),
		Version:   versionOf(e.it.version),
		Head:      copied(e.it.head),
		Body:      copied(e.it.body),
		URL:       C.GoString(C.http_url(e.it)),
		Redirects: int(e.it.redirects),
	}, nil
}

// steps remembers the first error, so that a list of settings reads as one.
type steps struct {
	easy *Easy
	err  error
}

func (s *steps) done(code C.int) {
	if s.err == nil && code != C.CURLE_OK {
		s.err = &Failure{Class: classOf(code, false, false), Code: int(code)}
	}
}

func (s *steps) long(option C.CURLoption, value int64) {
	s.done(C.http_long(s.easy.it, option, C.long(value)))
}

// lend gives C a copy of a text for the time of use, which ends in NUL.
func (s *steps) lend(text string, use func(*C.char) C.int) {
	if strings.ContainsRune(text, 0) {
		if s.err == nil {
			s.err = &Failure{Class: "url", Text: "a NUL would end the text early for C"}
		}
		return
	}
	copied := C.CString(text)
	defer C.free(unsafe.Pointer(copied))
	s.done(use(copied))
}

func (s *steps) text(option C.CURLoption, value string) {
	s.lend(value, func(value *C.char) C.int { return C.http_text(s.easy.it, option, value) })
}

func (e *Easy) prepare(call Call, share *Share) error {
	s := &steps{easy: e}
	s.done(C.http_reset(e.it))
	if share != nil {
		s.done(C.http_share(e.it, share.it))
	}
	s.text(C.CURLOPT_URL, call.URL)
	if call.Version == "2" {
		s.long(C.CURLOPT_HTTP_VERSION, C.CURL_HTTP_VERSION_2TLS)
	} else {
		s.long(C.CURLOPT_HTTP_VERSION, C.CURL_HTTP_VERSION_1_1)
	}
	if call.CAFile != "" {
		s.text(C.CURLOPT_CAINFO, call.CAFile)
	}
	if call.TimeoutMS > 0 {
		s.long(C.CURLOPT_TIMEOUT_MS, call.TimeoutMS)
	}
	s.body(call)
	for _, header := range call.Headers {
		// CURLOPT_HTTPHEADER(3): "name:" would remove a header, "name;" sends an empty one.
		line := header.Name + ": " + string(header.Value)
		if len(header.Value) == 0 {
			line = header.Name + ";"
		}
		s.lend(line, func(line *C.char) C.int { return C.http_line(e.it, line) })
	}
	for _, address := range call.Addresses {
		s.lend(address, func(line *C.char) C.int { return C.http_address(e.it, line) })
	}
	switch call.Auth {
	case "basic", "digest":
		scheme := map[string]int64{"basic": C.CURLAUTH_BASIC, "digest": C.CURLAUTH_DIGEST}[call.Auth]
		s.long(C.CURLOPT_HTTPAUTH, scheme)
		s.text(C.CURLOPT_USERNAME, call.User)
		s.text(C.CURLOPT_PASSWORD, call.Password)
	case "bearer":
		s.long(C.CURLOPT_HTTPAUTH, C.CURLAUTH_BEARER)
		s.text(C.CURLOPT_XOAUTH2_BEARER, call.Password)
	}
	if call.Redirects > 0 {
		s.long(C.CURLOPT_FOLLOWLOCATION, 1)
		s.long(C.CURLOPT_MAXREDIRS, int64(call.Redirects))
	}
	if call.Cookies {
		// A comment, which switches them on: of CURLOPT_COOKIEFILE, curl_easy_reset(3)
		// of libcurl 7.88 leaks the list.
		s.text(C.CURLOPT_COOKIELIST, "# on")
	}
	if call.Encoding != nil {
		s.text(C.CURLOPT_ACCEPT_ENCODING, *call.Encoding)
	}
	return s.err
}

// body sets the method and what is sent.
func (s *steps) body(call Call) {
	switch {
	case len(call.Form) > 0:
		for _, part := range call.Form {
			s.part(part)
		}
	case call.Body != nil:
		body := *call.Body
		var start unsafe.Pointer
		if len(body) > 0 {
			start = unsafe.Pointer(&body[0])
		}
		s.done(C.http_body(s.easy.it, start, C.size_t(len(body))))
	}
	switch {
	case call.Method == "HEAD":
		s.long(C.CURLOPT_NOBODY, 1)
	case call.Method != "GET" && call.Method != "POST",
		call.Method == "GET" && call.Body != nil,
		call.Method == "POST" && call.Body == nil && len(call.Form) == 0:
		s.text(C.CURLOPT_CUSTOMREQUEST, call.Method)
	}
}

func (s *steps) part(part Part) {
	var start unsafe.Pointer
	if len(part.Data) > 0 {
		start = unsafe.Pointer(&part.Data[0])
	}
	s.lend(part.Name, func(name *C.char) C.int {
		filename, kind := optional(part.Filename), optional(part.Type)
		defer C.free(unsafe.Pointer(filename))
		defer C.free(unsafe.Pointer(kind))
		return C.http_part(s.easy.it, name, filename, kind, start, C.size_t(len(part.Data)))
	})
}

// optional is NULL for an empty text; C.free is asked about either.
func optional(text string) *C.char {
	if text == "" {
		return nil
	}
	return C.CString(text)
}

func copied(bytes C.http_bytes) []byte {
	return C.GoBytes(unsafe.Pointer(bytes.start), C.int(bytes.length))
}

func versionOf(version C.long) string {
	switch version {
	case C.CURL_HTTP_VERSION_1_0:
		return "1.0"
	case C.CURL_HTTP_VERSION_2_0:
		return "2"
	default:
		return "1.1"
	}
}

// classOf names an error: begun says that a response came, sent that the request
// had left.
func classOf(code C.int, begun, sent bool) string {
	switch code {
	case C.CURLE_URL_MALFORMAT, C.CURLE_UNSUPPORTED_PROTOCOL:
		if sent {
			return "transport"
		}
		return "url"
	case C.CURLE_BAD_FUNCTION_ARGUMENT:
		return "url"
	case C.CURLE_COULDNT_RESOLVE_HOST, C.CURLE_COULDNT_RESOLVE_PROXY:
		return "resolve"
	case C.CURLE_COULDNT_CONNECT:
		return "connect"
	case C.CURLE_OPERATION_TIMEDOUT:
		return "timeout"
	case C.CURLE_PARTIAL_FILE:
		return "truncated"
	case C.CURLE_RECV_ERROR, C.CURLE_HTTP2, C.CURLE_HTTP2_STREAM:
		if begun {
			return "truncated"
		}
		return "transport"
	case C.CURLE_SEND_ERROR, C.CURLE_GOT_NOTHING, C.CURLE_WEIRD_SERVER_REPLY:
		return "transport"
	case C.CURLE_SSL_CONNECT_ERROR, C.CURLE_PEER_FAILED_VERIFICATION,
		C.CURLE_SSL_CACERT_BADFILE, C.CURLE_SSL_CIPHER, C.CURLE_SSL_CERTPROBLEM:
		return "tls"
	case C.CURLE_OUT_OF_MEMORY:
		return "memory"
	case C.CURLE_NOT_BUILT_IN, C.CURLE_UNKNOWN_OPTION:
		return "unsupported"
	default:
		return "libcurl"
	}
}
