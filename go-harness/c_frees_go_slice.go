package main

// The mistake: a C function that frees what it is given is given the bytes of a Go
// slice. They are the collector's, and free knows nothing of them.
//
// What to look for: glibc usually stops the program ("free(): invalid pointer", or
// another text); nothing says that it must. AddressSanitizer knows every block of
// malloc, and that this is none.
//
// The rule: memory goes back to the allocator that made it. What C is to free comes
// from C.malloc, C.CBytes or C.CString.
//
// Source: https://pkg.go.dev/cmd/cgo#hdr-Passing_pointers; free(3)

/*
#include "hz_bytes.h"
*/
import "C"

import (
	"runtime"
	"unsafe"
)

func init() {
	register("c_frees_go_slice", program{bad: giveSliceAway, good: giveCBytesAway})
}

func giveSliceAway() {
	bytes := blocks(1, 64, 'A')[0]
	C.hz_bytes_free(unsafe.Pointer(&bytes[0]))
	runtime.KeepAlive(bytes)
	result("C freed a Go slice and is still running")
}

func giveCBytesAway() {
	C.hz_bytes_free(C.CBytes(blocks(1, 64, 'A')[0]))
	result("C freed its own copy")
}
