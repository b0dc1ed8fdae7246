package main

// The mistake: a string is made out of a slice's header, without a copy, and the
// slice is written to later.
//
// What to look for: nothing tells. Whoever holds the string sees other text, and has
// no way to know.
//
// The rule: string(bytes) copies, and the compiler leaves the copy out where nobody
// could tell. With unsafe.String, which is for the rest, the bytes may never change
// again.
//
// Source: https://pkg.go.dev/unsafe#String; https://go.dev/ref/spec#String_types

import "unsafe"

func init() {
	register("string_view_mutated", program{bad: mutateViewed, good: mutateCopied})
}

// What articles call a conversion without a copy.
//
//go:noinline
func viewOf(bytes []byte) string {
	return *(*string)(unsafe.Pointer(&bytes))
}

func mutateViewed() {
	bytes := []byte("hello")
	text := viewOf(bytes)
	bytes[0] = 'J'
	result("the string was hello and is %s", text)
}

func mutateCopied() {
	bytes := []byte("hello")
	text := string(bytes)
	bytes[0] = 'J'
	result("the string was hello and is %s", text)
}
