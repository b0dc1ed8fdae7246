package main

// The mistake: C is asked for the byte behind the last one of its block. Nobody
// carries the length along with the pointer, and nobody asks.
//
// What to look for: nothing. malloc rounds up, so that the byte is even there; at
// another size it belongs to somebody else. AddressSanitizer puts a fence there.
//
// The rule: a pointer for C travels with its length, and the index is checked
// against it on the Go side.
//
// Source: malloc(3); https://github.com/google/sanitizers/wiki/AddressSanitizer

/*
#include "hz_bytes.h"
*/
import "C"

import "unsafe"

func init() {
	register("read_past_block", program{bad: readBehindLast, good: readChecked})
}

const blockSize = 16

func newBlock() *C.uchar {
	block := C.hz_bytes_new(blockSize)
	C.hz_bytes_fill(block, blockSize, 'A')
	return block
}

func readBehindLast() {
	block := newBlock()
	defer C.hz_bytes_free(unsafe.Pointer(block))
	C.hz_bytes_get(block, blockSize)
	result("C read behind the end of its block")
}

func readChecked() {
	block := newBlock()
	defer C.hz_bytes_free(unsafe.Pointer(block))
	// As a slice the block has its length with it, and Go checks each index.
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(block)), blockSize)
	result("last byte: %c", bytes[blockSize-1])
}
