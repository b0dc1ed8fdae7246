package main

// The mistake: the bytes of a Go string are passed to strlen. Unlike a string of C,
// one of Go ends in nothing: its length stands elsewhere.
//
// What to look for: a length that is too large. strlen comes ready-made with the C
// library and nobody compiled it with a sanitizer; AddressSanitizer puts one of its
// own in its place, and so sees it all the same.
//
// The rule: what goes to a function of <string.h> comes from C.CString.
//
// Source: strlen(3); https://pkg.go.dev/cmd/cgo#hdr-Go_references_to_C

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
	register("unterminated_strlen", program{bad: measureGoString, good: measureCString})
}

func measureGoString() {
	before := blocks(256, textSize, 'B')
	text := string(blocks(1, textSize, 'A')[0])
	after := blocks(256, textSize, 'B')
	length := C.hz_text_strlen((*C.char)(bytesOf(text)))
	runtime.KeepAlive(before)
	runtime.KeepAlive(after)
	runtime.KeepAlive(text)
	result("strlen went past the end: %t", length > textSize)
}

func measureCString() {
	text := C.CString(string(blocks(1, textSize, 'A')[0]))
	defer C.free(unsafe.Pointer(text))
	result("length: %d", C.hz_text_strlen(text))
}
