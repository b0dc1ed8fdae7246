package main

// The mistake: a slice's length is written through its header, past the end of its
// array.
//
// What to look for: bounds are checked against the length that was written, and
// checkptr does not see it; -asan does, at the first byte behind the array.
//
// The rule: append, or a slice expression within the capacity. reflect.SliceHeader
// is deprecated, and there is nothing left that needs it.
//
// Source: https://pkg.go.dev/reflect#SliceHeader; https://pkg.go.dev/unsafe#Pointer

import (
	"reflect"
	"unsafe"
)

func init() {
	register("slice_header_length", program{bad: lengthenHeader, good: lengthenByAppend})
}

func lengthenHeader() {
	block := blocks(1, 32, 'A')[0]
	header := (*reflect.SliceHeader)(unsafe.Pointer(&block))
	header.Len, header.Cap = 64, 64
	result("bytes that are not the slice's: %d", 64-countEqual(block, 'A'))
}

func lengthenByAppend() {
	block := blocks(1, 32, 'A')[0]
	block = append(block, make([]byte, 32)...)
	result("bytes that were added: %d", 64-countEqual(block, 'A'))
}

//go:noinline
func countEqual(block []byte, wanted byte) int {
	found := 0
	for _, it := range block {
		if it == wanted {
			found++
		}
	}
	return found
}
