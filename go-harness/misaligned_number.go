package main

// The mistake: a number of eight bytes is read at an address that is no multiple of
// eight.
//
// What to look for: nothing. checkptr looks at types with pointers only, and x86
// reads at any address; other processors do not, or not in one piece.
//
// The rule: encoding/binary decodes bytes of any address, in an order that is
// written down.
//
// Source: https://pkg.go.dev/unsafe#Alignof; https://pkg.go.dev/encoding/binary;
// https://pkg.go.dev/cmd/compile

import (
	"encoding/binary"
	"unsafe"
)

func init() {
	register("misaligned_number", program{bad: readNumberAtOdd, good: decodeNumber})
}

func readNumberAtOdd() {
	bytes := blocks(1, 64, 1)[0]
	place := (*uint64)(unsafe.Pointer(&bytes[1]))
	result("a number was read at an odd address: %#x", *place)
}

func decodeNumber() {
	bytes := blocks(1, 64, 1)[0]
	result("a number was decoded: %#x", binary.LittleEndian.Uint64(bytes[1:]))
}
