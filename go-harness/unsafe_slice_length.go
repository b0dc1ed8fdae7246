package main

// The mistake: unsafe.Slice is told a greater length than there is memory.
//
// What to look for: checkptr, which compares both ends with the object that they
// must be in. It is a check at run time, of code that is run, and stops the program.
//
// The rule: the length comes with the pointer, from who allocated it.
//
// Source: https://pkg.go.dev/unsafe#Slice; https://pkg.go.dev/cmd/compile

import "unsafe"

func init() {
	register("unsafe_slice_length", program{bad: sliceTooLong, good: sliceWhatIsThere})
}

func sliceTooLong() {
	block := blocks(1, 32, 'A')[0]
	longer := unsafe.Slice(&block[0], 64)
	result("a slice of %d bytes, of which the block has %d", len(longer), len(block))
}

func sliceWhatIsThere() {
	block := blocks(1, 32, 'A')[0]
	same := unsafe.Slice(&block[0], len(block))
	result("a slice of %d bytes, of which the block has %d", len(same), len(block))
}
