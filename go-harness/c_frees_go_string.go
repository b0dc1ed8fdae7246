package main

// The mistake: the bytes of a Go string are passed where C frees what it is given.
// A string's bytes are the collector's, however they were dug out.
//
// What to look for: glibc usually stops the program, with one of several texts; no
// level of cgocheck says anything, because passing the pointer is legal. Only
// AddressSanitizer knows that malloc never made it.
//
// The rule: a Go string never reaches free. C.CString makes a copy that may.
//
// Source: https://pkg.go.dev/cmd/cgo#hdr-Go_references_to_C; free(3)

/*
#include "hz_bytes.h"
*/
import "C"

import (
	"runtime"
	"strings"
	"unsafe"
)

func init() {
	register("c_frees_go_string", program{bad: giveStringAway, good: giveCopyAway})
}

// bytesOf is unsafe.StringData, which came with Go 1.20.
func bytesOf(text string) unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Pointer(&text))
}

func giveStringAway() {
	text := strings.Repeat("go", 40)
	C.hz_bytes_free(bytesOf(text))
	runtime.KeepAlive(text)
	result("C freed a Go string and is still running")
}

func giveCopyAway() {
	C.hz_bytes_free(unsafe.Pointer(C.CString(strings.Repeat("go", 40))))
	result("C freed its own copy")
}
