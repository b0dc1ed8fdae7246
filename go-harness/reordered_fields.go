package main

// The claim: the compiler reorders the fields of a struct, to save padding.
//
// What to look for: Go's does not: they lie in the order in which they are written,
// each at its alignment. Written from the largest to the smallest, the same fields
// take less.
//
// The rule: order the fields by size where there are many such structs; and never
// write an offset by hand, unsafe.Offsetof knows it.
//
// Source: https://go.dev/ref/spec#Size_and_alignment_guarantees; https://pkg.go.dev/unsafe#Offsetof

import "unsafe"

func init() {
	register("reordered_fields", program{bad: measureLoose, good: measureTight})
}

type loose struct {
	first bool
	large int64
	last  bool
}

type tight struct {
	large int64
	first bool
	last  bool
}

func measureLoose() {
	var it loose
	result("as written: %d bytes, at %d, %d and %d", unsafe.Sizeof(it),
		unsafe.Offsetof(it.first), unsafe.Offsetof(it.large), unsafe.Offsetof(it.last))
}

func measureTight() {
	var it tight
	result("ordered by hand: %d bytes, at %d, %d and %d", unsafe.Sizeof(it),
		unsafe.Offsetof(it.large), unsafe.Offsetof(it.first), unsafe.Offsetof(it.last))
}
