package main

// The mistake: C.CString copies the text to memory from malloc, and nobody frees
// the copy. The collector does not know of it.
//
// What to look for: memory that only grows. LeakSanitizer reports it at exit,
// from Go 1.24 on, and only when the collector has run: until then the arguments
// of calls that are over still point to the copies, and count as in use.
//
// The rule: every C.CString and C.CBytes has its C.free, deferred in the next line.
//
// Source: https://pkg.go.dev/cmd/cgo#hdr-Go_references_to_C; malloc(3)

/*
#include "hz_text.h"
#include <stdlib.h>
*/
import "C"

import "unsafe"

func init() {
	register("leaked_string", program{bad: leaveToCollector, good: freeCopy})
}

//go:noinline
func lengthLeaking(text string) int {
	return int(C.hz_text_length(C.CString(text)))
}

func leaveToCollector() {
	total := 0
	for i := 0; i < 50; i++ {
		total += lengthLeaking("a copy for C")
	}
	collect()
	result("C's copies are leaked: %d bytes and their terminators", total)
}

func lengthFreeing(text string) int {
	copied := C.CString(text)
	defer C.free(unsafe.Pointer(copied))
	return int(C.hz_text_length(copied))
}

func freeCopy() {
	total := 0
	for i := 0; i < 50; i++ {
		total += lengthFreeing("a copy for C")
	}
	collect()
	result("total: %d", total)
}
