package main

// The mistake: a pointer is read at an address that is no multiple of eight.
//
// What to look for: checkptr, which looks at the alignment of types that hold
// pointers. The collector looks for pointers at multiples of eight only: what lies
// between them keeps nothing alive.
//
// The rule: bytes off a wire or a file are decoded, not converted, and never hold
// pointers.
//
// Source: https://pkg.go.dev/unsafe#Alignof; https://pkg.go.dev/cmd/compile

import "unsafe"

func init() {
	register("misaligned_pointer", program{bad: readPointerAtOdd, good: readPointerAligned})
}

func readPointerAtOdd() {
	bytes := blocks(1, 64, 0)[0]
	place := (**int)(unsafe.Pointer(&bytes[1]))
	result("a pointer was read at an odd address: %t", *place == nil)
}

func readPointerAligned() {
	places := make([]*int, 8)
	result("a pointer was read where it belongs: %t", places[1] == nil)
}
