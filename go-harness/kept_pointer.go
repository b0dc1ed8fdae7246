package main

// The mistake: C keeps a Go pointer after the call that passed it. The collector
// does not look into C's memory, so the bytes are gone when C reads them.
//
// What to look for: C reading zeros, old bytes or somebody else's. No level of
// cgocheck sees it: passing the pointer was legal, keeping it is what was not.
//
// The rule: C may use a Go pointer until the call returns. What it keeps longer is allocated
// by C, or pinned.
//
// Source: https://pkg.go.dev/cmd/cgo#hdr-Passing_pointers; https://pkg.go.dev/runtime#Pinner

/*
#include "hz_keeper.h"
#include <stdlib.h>
*/
import "C"

import "unsafe"

func init() {
	register("kept_pointer", program{bad: keepGoBytes, good: keepCBytes})
}

//go:noinline
func lend(keeper *C.hz_keeper) {
	bytes := blocks(1, 64, 'A')[0]
	C.hz_keeper_keep(keeper, (*C.uchar)(unsafe.Pointer(&bytes[0])))
}

func keepGoBytes() {
	keeper := C.hz_keeper_new()
	defer C.hz_keeper_free(keeper)
	lend(keeper)
	collect()
	C.hz_keeper_first(keeper)
	result("C read bytes that Go had given back")
}

func keepCBytes() {
	keeper := C.hz_keeper_new()
	defer C.hz_keeper_free(keeper)
	bytes := C.CBytes(blocks(1, 64, 'A')[0])
	defer C.free(bytes)
	C.hz_keeper_keep(keeper, (*C.uchar)(bytes))
	collect()
	result("first byte kept: %c", rune(C.hz_keeper_first(keeper)))
}
