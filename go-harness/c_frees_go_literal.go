package main

// The mistake: the bytes of a string literal are passed where C frees what it is
// given. They lie in the program's own read-only pages, and no allocator made them.
//
// What to look for: glibc usually stops the program ("munmap_chunk(): invalid
// pointer"). AddressSanitizer calls it a bad free, or falls over it while it looks
// for the notes in front of the block, and then says SEGV.
//
// The rule: a literal belongs to the program. Whoever may free gets a copy from
// C.CString.
//
// Source: https://pkg.go.dev/cmd/cgo#hdr-Go_references_to_C; free(3)

/*
#include "hz_bytes.h"
*/
import "C"

import "unsafe"

func init() {
	register("c_frees_go_literal", program{bad: giveLiteralAway, good: giveLiteralsCopyAway})
}

const literal = "a literal in read-only pages"

func giveLiteralAway() {
	C.hz_bytes_free(bytesOf(literal))
	result("C freed a literal and is still running")
}

func giveLiteralsCopyAway() {
	C.hz_bytes_free(unsafe.Pointer(C.CString(literal)))
	result("C freed its own copy")
}
