package main

// The mistake: a write callback of libcurl panics, and a Go frame beyond
// curl_easy_perform recovers.
//
// What to look for: two things that curl_easy_perform puts right before it returns,
// and now never does. The handle believes that it is still transferring, and refuses
// for good. And SIGPIPE, which libcurl ignores meanwhile, stays ignored in the whole
// process.
//
// The rule: the callback recovers and answers less than it was given, so that
// libcurl stops the transfer by itself (CURLE_WRITE_ERROR).
//
// Source: CURLOPT_WRITEFUNCTION(3); CURLOPT_NOSIGNAL(3); curl_easy_perform(3)

/*
#cgo LDFLAGS: -lcurl
#include "hz_sigpipe.h"
#include <curl/curl.h>
#include <stdint.h>
#include <stdlib.h>

// In transfers.c: has the transfer hand each piece to goReceive.
int go_easy_receive(CURL *easy, uintptr_t handle);

static int easy_url(CURL *easy, const char *url) {
  return curl_easy_setopt(easy, CURLOPT_URL, url);
}
*/
import "C"

import (
	"os"
	"runtime/cgo"
	"unsafe"
)

func init() {
	register("panic_through_libcurl", program{bad: recoverBeyondLibcurl, good: recoverForLibcurl})
}

// A receiver is given each piece, and says how much of it was taken.
type receiver func(size int) int

//export goReceive
func goReceive(handle C.uintptr_t, size C.size_t) C.size_t {
	return C.size_t(cgo.Handle(handle).Value().(receiver)(int(size)))
}

// A transfer reads a local file. The handle is kept here, as an application would:
// a transfer that was left in its middle cannot be cleaned up.
type transfer struct {
	easy unsafe.Pointer
	path string
	receiver
}

var lastTransfer *transfer

func newTransfer(receive receiver) *transfer {
	file, err := os.CreateTemp("", "ffence-harness")
	if err != nil {
		panic(err)
	}
	defer file.Close()
	if _, err := file.WriteString("hello curl\n"); err != nil {
		panic(err)
	}
	it := &transfer{C.curl_easy_init(), file.Name(), receive}
	url := C.CString("file://" + it.path)
	defer C.free(unsafe.Pointer(url))
	if C.easy_url(it.easy, url) != C.CURLE_OK {
		panic("no URL")
	}
	lastTransfer = it
	return it
}

func (it *transfer) perform() C.int {
	handle := cgo.NewHandle(it.receiver)
	defer handle.Delete()
	return C.go_easy_receive(it.easy, C.uintptr_t(handle))
}

func recoverBeyondLibcurl() {
	before := C.hz_sigpipe_ignored()
	it := newTransfer(func(int) int { panic("boom in the write callback") })
	defer os.Remove(it.path)
	func() {
		defer func() { _ = recover() }()
		it.perform()
	}()
	after := C.hz_sigpipe_ignored()
	it.receiver = func(size int) int { return size }
	again := it.perform()
	result("SIGPIPE ignored before: %d, after: %d; stuck: %t", before, after, again != C.CURLE_OK)
}

func recoverForLibcurl() {
	before := C.hz_sigpipe_ignored()
	var caught any
	it := newTransfer(func(int) (taken int) {
		defer func() { caught = recover() }()
		panic("boom in the write callback")
	})
	defer os.Remove(it.path)
	defer C.curl_easy_cleanup(it.easy)
	first := it.perform()
	after := C.hz_sigpipe_ignored()
	it.receiver = func(size int) int { return size }
	again := it.perform()
	result("caught: %v, stopped: %t; SIGPIPE ignored before: %d, after: %d; stuck: %t",
		caught, first == C.CURLE_WRITE_ERROR, before, after, again != C.CURLE_OK)
}
