package main

// The mistake: C writes more bytes than the Go slice has whose memory it was lent.
//
// What to look for: another slice of the program that changed. Go packs blocks of
// one size side by side, without notes in between that could be spoiled: nothing
// ever falls over it. AddressSanitizer knows where Go's block ends.
//
// The rule: C is told len(slice), taken where the slice is passed, and nothing else.
//
// Source: https://pkg.go.dev/cmd/cgo#hdr-Passing_pointers

/*
#include "hz_bytes.h"
*/
import "C"

import "unsafe"

func init() {
	register("c_writes_past_go_slice", program{bad: fillTooMuch, good: fillLength})
}

const sliceSize = 32 // a size class of Go's allocator, so that blocks touch

// lendAll has C write `size` bytes to a slice in the middle of 512 others, and says
// how many bytes of those have changed.
func lendAll(size int) int {
	others := blocks(256, sliceSize, 'B')
	lent := blocks(1, sliceSize, 'A')[0]
	others = append(others, blocks(256, sliceSize, 'B')...)
	C.hz_bytes_fill((*C.uchar)(unsafe.Pointer(&lent[0])), C.size_t(size), 'Z')
	changed := 0
	for _, other := range others {
		for _, value := range other {
			if value != 'B' {
				changed++
			}
		}
	}
	return changed
}

func fillTooMuch() {
	result("C wrote past a Go slice: %d bytes of its neighbours changed", lendAll(sliceSize+8))
}

func fillLength() {
	result("%d bytes of its neighbours changed", lendAll(sliceSize))
}
