package main

// The mistake: arithmetic on a pointer leads out of its block, and the pointer is
// read through.
//
// What to look for: checkptr, which finds that the result is in another object or in
// none; -asan, at the read.
//
// The rule: unlike in C, even the address just behind the end is none that a Go
// pointer may have. Index the slice, which is checked.
//
// Source: https://pkg.go.dev/unsafe#Pointer; https://pkg.go.dev/unsafe#Add

import "unsafe"

func init() {
	register("arithmetic_past_block", program{bad: readByArithmetic, good: readByIndex})
}

func readByArithmetic() {
	block := blocks(1, 64, 'A')[0]
	behind := (*byte)(unsafe.Pointer(uintptr(unsafe.Pointer(&block[0])) + 64))
	result("read behind the end: %d", *behind)
}

func readByIndex() {
	block := blocks(1, 64, 'A')[0]
	result("read within: %d", block[len(block)-1])
}
