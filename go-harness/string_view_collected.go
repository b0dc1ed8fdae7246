package main

// The claim: a string made out of a slice's header is no reference to the collector,
// so that its bytes are freed below it.
//
// What to look for: they are not. The string's pointer is one like any other, and
// keeps the array; the danger is that the bytes change.
//
// The rule: a pointer, a slice and a string keep what they point to. A uintptr does
// not.
//
// Source: https://pkg.go.dev/unsafe#Pointer; https://pkg.go.dev/unsafe#String

import "strings"

func init() {
	register("string_view_collected", program{bad: keepView, good: keepCopy})
}

func keepView() {
	text := viewOfBlock()
	collect()
	others := blocks(4096, 64, 'B')
	result("the bytes are still there: %t (%d others)", text == strings.Repeat("A", 64), len(others))
}

// viewOf makes a string out of a slice's header: string_view_mutated.go has it.
//
//go:noinline
func viewOfBlock() string {
	return viewOf(blocks(1, 64, 'A')[0])
}

func keepCopy() {
	text := string(blocks(1, 64, 'A')[0])
	collect()
	others := blocks(4096, 64, 'B')
	result("the bytes are still there: %t (%d others)", text == strings.Repeat("A", 64), len(others))
}
