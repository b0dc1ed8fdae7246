package main

// The mistake: the bytes of a Go slice are passed where C expects text. A Go
// slice knows its length and ends in nothing; C walks on until it meets a NUL.
//
// What to look for: a length that is too large, made of the neighbours' bytes.
// This is how memory leaks to whoever reads the answer. cgo's own checks do not
// look at lengths; AddressSanitizer knows where Go's block ends.
//
// The rule: what C takes for text is made by C.CString, or carries its NUL and says so.
//
// Source: https://pkg.go.dev/cmd/cgo#hdr-Go_references_to_C; strlen(3)

/*
#include "hz_text.h"
#include <stdlib.h>
*/
import "C"

import (
	"runtime"
	"unsafe"
)

func init() {
	register("missing_terminator", program{bad: passBytesAsText, good: passCString})
}

const textSize = 32 // a size class of Go's allocator, so that blocks touch

func passBytesAsText() {
	before := blocks(256, textSize, 'B')
	text := blocks(1, textSize, 'A')[0]
	after := blocks(256, textSize, 'B')
	length := C.hz_text_length((*C.char)(unsafe.Pointer(&text[0])))
	runtime.KeepAlive(before)
	runtime.KeepAlive(after)
	result("C read past the end: %t", length > textSize)
}

func passCString() {
	text := C.CString(string(blocks(1, textSize, 'A')[0]))
	defer C.free(unsafe.Pointer(text))
	result("length: %d", C.hz_text_length(text))
}
