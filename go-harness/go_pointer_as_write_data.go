package main

// The mistake: CURLOPT_WRITEDATA is a pointer to a Go struct, so that the write callback
// finds it again. libcurl keeps it until the handle is cleaned up.
//
// What to look for: a panic, because the struct holds a slice: Go's memory that points
// to Go's memory. A struct that holds no pointer would pass the check, and be kept all
// the same: see kept_pointer.
//
// The rule: libcurl is given the number of a cgo.Handle; the callback asks for the value
// behind it.
//
// Source: https://pkg.go.dev/cmd/cgo#hdr-Passing_pointers; https://pkg.go.dev/runtime/cgo#Handle; CURLOPT_WRITEDATA(3)

/*
#include <curl/curl.h>
#include <stdint.h>

// In transfers.c: has the transfer hand each piece to goReceive.
int go_easy_receive(CURL *easy, uintptr_t handle);

static CURLcode set_write_data(CURL *easy, void *data) {
  return curl_easy_setopt(easy, CURLOPT_WRITEDATA, data);
}
*/
import "C"

import (
	"runtime/cgo"
	"unsafe"
)

func init() {
	register("go_pointer_as_write_data", program{bad: lendStruct, good: lendHandle})
}

// sizes is what a write callback would fill.
type sizes struct{ pieces []int }

func lendStruct() {
	into := &sizes{pieces: make([]int, 0, 4)}
	easy := newEasy()
	defer C.curl_easy_cleanup(easy)
	code := C.set_write_data(easy, unsafe.Pointer(into))
	result("libcurl answered %d and keeps a Go pointer", code)
}

func lendHandle() {
	into := &sizes{}
	easy := newEasy()
	defer C.curl_easy_cleanup(easy)
	handle := cgo.NewHandle(receiver(func(size int) int {
		into.pieces = append(into.pieces, size)
		return size
	}))
	defer handle.Delete()
	code := C.go_easy_receive(easy, C.uintptr_t(handle))
	result("libcurl answered %d; pieces came: %t", code, len(into.pieces) > 0)
}
