package main

// The mistake: C writes more bytes than its block has. What lies behind are the
// notes of the allocator, or somebody else's block.
//
// What to look for: often glibc stops the program, later and elsewhere, when an
// unrelated malloc or free finds its notes spoiled ("corrupted top size").
// AddressSanitizer names the write itself.
//
// The rule: the size that C is told to write is the size that was allocated, from
// one and the same variable.
//
// Source: malloc(3); mallopt(3)

/*
#include "hz_bytes.h"
*/
import "C"

import "unsafe"

func init() {
	register("write_past_block", program{bad: writeTooMuch, good: writeAsMuch})
}

func writeTooMuch() {
	block := C.hz_bytes_new(24) // all of the chunk that malloc makes of it
	C.hz_bytes_fill(block, 40, 'A')
	other := C.hz_bytes_new(2000)
	C.hz_bytes_free(unsafe.Pointer(other))
	C.hz_bytes_free(unsafe.Pointer(block))
	result("C wrote behind the end of its block")
}

func writeAsMuch() {
	const size = 24
	block := C.hz_bytes_new(size)
	defer C.hz_bytes_free(unsafe.Pointer(block))
	C.hz_bytes_fill(block, size, 'A')
	result("last byte: %c", rune(C.hz_bytes_get(block, size-1)))
}
