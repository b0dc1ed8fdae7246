package main

// The mistake: a decision depends on bytes from malloc that nobody has written.
//
// What to look for: nothing. The bytes are there and may be read; they hold what
// their last owner left. AddressSanitizer does not look for this; MemorySanitizer
// (clang only) and valgrind do.
//
// The rule: C.calloc, or write all of a block before anybody reads any of it.
//
// Source: malloc(3); https://clang.llvm.org/docs/MemorySanitizer.html

/*
#include "hz_bytes.h"
*/
import "C"

import "unsafe"

func init() {
	register("uninitialised_read", program{bad: decideOnGarbage, good: decideOnWritten})
}

func decideOnGarbage() {
	block := C.hz_bytes_new(64)
	defer C.hz_bytes_free(unsafe.Pointer(block))
	decided := C.hz_bytes_exceeds(block, 32, 7)
	result("decided on bytes that nobody wrote: %d", decided)
}

func decideOnWritten() {
	block := C.hz_bytes_new(64)
	defer C.hz_bytes_free(unsafe.Pointer(block))
	C.hz_bytes_fill(block, 64, 9)
	result("decided: %d", C.hz_bytes_exceeds(block, 32, 7))
}
