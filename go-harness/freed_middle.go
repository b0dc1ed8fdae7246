package main

// The mistake: a pointer into a block, advanced while parsing, is passed to free.
// Only the pointer that malloc returned may be freed.
//
// What to look for: glibc usually notices ("free(): invalid pointer"), because the
// words before the pointer are no notes of its own; text that looks like them gets
// by. AddressSanitizer always notices.
//
// The rule: keep the pointer that was returned for free, and move a copy.
//
// Source: free(3)

/*
#include "hz_bytes.h"
*/
import "C"

import "unsafe"

func init() {
	register("freed_middle", program{bad: freeAdvanced, good: freeStart})
}

func freeAdvanced() {
	at := unsafe.Pointer(newBlock())
	at = unsafe.Add(at, 4) // a header was read
	C.hz_bytes_free(at)
	result("freed from the middle and still running")
}

func freeStart() {
	start := unsafe.Pointer(newBlock())
	defer C.hz_bytes_free(start)
	at := unsafe.Add(start, 4)
	result("after the header: %c", rune(C.hz_bytes_get((*C.uchar)(at), 0)))
}
