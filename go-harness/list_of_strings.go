package main

// The mistake: the address of a []string's first element is passed where C expects
// an array of texts. Each element is a pointer and a length, not a char *, and the
// pointer leads into Go's memory.
//
// What to look for: a panic at the call, by cgo's check of arguments.
//
// The rule: an array of texts is built in C's memory, each text with C.CString.
//
// Source: https://pkg.go.dev/cmd/cgo#hdr-Passing_pointers

/*
#include "hz_text.h"
#include <stdlib.h>

static size_t first_length(const char *const *items) { return hz_text_length(items[0]); }
*/
import "C"

import (
	"strings"
	"unsafe"
)

func init() {
	register("list_of_strings", program{bad: passStrings, good: passTexts})
}

func passStrings() {
	texts := []string{strings.Repeat("a", 30)}
	length := C.first_length((**C.char)(unsafe.Pointer(&texts[0])))
	result("passed: %d", length)
}

func passTexts() {
	items := (**C.char)(C.malloc(C.size_t(unsafe.Sizeof((*C.char)(nil)))))
	defer C.free(unsafe.Pointer(items))
	*items = C.CString(strings.Repeat("a", 30))
	defer C.free(unsafe.Pointer(*items))
	result("passed: %d", C.first_length(items))
}
