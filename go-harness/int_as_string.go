package main

// The mistake: a pointer to an int is converted to a pointer to a string, which is
// an address and a length.
//
// What to look for: the int becomes the address, and the word behind it, whosever
// that is, the length. checkptr sees that a string is larger than what is there; of
// a lone new(int), which shares its block with others, it does not always.
//
// The rule: strconv.Itoa makes a text of a number. A conversion of pointers converts
// nothing.
//
// Source: https://pkg.go.dev/unsafe#Pointer; https://pkg.go.dev/strconv#Itoa

import (
	"strconv"
	"unsafe"
)

func init() {
	register("int_as_string", program{bad: convertPointer, good: convertNumber})
}

//go:noinline
func lastNumber() *int {
	return &(&[3]int{40, 41, 42})[2]
}

func convertPointer() {
	text := (*string)(unsafe.Pointer(lastNumber()))
	result("42 reads as a text of %d bytes", len(*text))
}

func convertNumber() {
	text := strconv.Itoa(*lastNumber())
	result("42 is a text of %d bytes", len(text))
}
