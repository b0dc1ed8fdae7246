package main

// The mistake: a Go struct with pointers in it is passed where C takes bytes.
//
// What to look for: nothing. cgo decides by C's type whether it looks at all: behind
// an unsigned char * there can be no pointers, so that no level of cgocheck looks.
// The same struct is refused where C takes a void *.
//
// The rule: a conversion through unsafe.Pointer to a C type is a promise of yours,
// which nobody checks.
//
// Source: https://pkg.go.dev/cmd/cgo#hdr-Passing_pointers

/*
#include "hz_keeper.h"
#include <stdlib.h>
*/
import "C"

import (
	"runtime"
	"unsafe"
)

func init() {
	register("pointer_as_bytes", program{bad: passStructAsBytes, good: passNumbers})
}

// firstByte has C keep the pointer for as long as it takes to read from it.
func firstByte(bytes *C.uchar) int {
	keeper := C.hz_keeper_new()
	defer C.hz_keeper_free(keeper)
	C.hz_keeper_keep(keeper, bytes)
	return int(C.hz_keeper_first(keeper))
}

func passStructAsBytes() {
	it := &tagged{first: 'A', value: new([64]byte)} // of pointer_in_interface.go
	first := firstByte((*C.uchar)(unsafe.Pointer(it)))
	runtime.KeepAlive(it)
	result("C has a Go pointer to Go pointers, first byte: %c", rune(first))
}

type numbers struct {
	first byte
	value [8]byte
}

func passNumbers() {
	bytes := C.malloc(C.size_t(unsafe.Sizeof(numbers{})))
	defer C.free(bytes)
	*(*numbers)(bytes) = numbers{first: 'A'}
	result("first byte: %c", rune(firstByte((*C.uchar)(bytes))))
}
