package main

// The mistake: a C object is freed while a raw pointer to it is still about, and
// C is asked to read through that pointer.
//
// What to look for: nothing, mostly. The read gives whatever the allocator left
// there, and the program goes on with it. Only AddressSanitizer sees it, and
// only because the reading C was compiled with it.
//
// The rule: free once, as the last thing, where the pointer was made; hand out no copy of it.
//
// Source: https://pkg.go.dev/cmd/cgo#hdr-Passing_pointers; free(3)

/*
#include "hz_box.h"
*/
import "C"

func init() {
	register("use_after_free", program{bad: readAfterClose, good: readBeforeClose})
}

func readAfterClose() {
	b := newBox("secret")
	raw := b.c
	b.Close()
	C.hz_box_first(raw)
	result("C read a byte from freed memory")
}

func readBeforeClose() {
	b := newBox("secret")
	defer b.Close()
	result("first byte: %c", rune(C.hz_box_first(b.c)))
}
