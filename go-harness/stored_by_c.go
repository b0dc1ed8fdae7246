package main

// The mistake: a Go pointer ends up in C's memory, and this time it is C that stores
// it there, during a call that was legal.
//
// What to look for: nothing, under any detector. cgocheck 2 watches the stores of
// Go's code; C's stores are C's business. The rule is broken at the moment the call
// returns, whether or not anything ever comes of it.
//
// The rule: read in C's manual whether a function keeps what it is given. If it
// does, what it gets is C's memory.
//
// Source: https://pkg.go.dev/cmd/cgo#hdr-Passing_pointers; CURLOPT_POSTFIELDS(3)

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
	register("stored_by_c", program{bad: letCStore, good: letCStoreItsOwn})
}

func letCStore() {
	keeper := C.hz_keeper_new()
	defer C.hz_keeper_free(keeper)
	bytes := blocks(1, 64, 'A')[0]
	C.hz_keeper_keep(keeper, (*C.uchar)(unsafe.Pointer(&bytes[0])))
	// This call gets no Go pointer, and uses one.
	first := C.hz_keeper_first(keeper)
	runtime.KeepAlive(bytes)
	result("C keeps a Go pointer after the call, first byte: %c", rune(first))
}

func letCStoreItsOwn() {
	keeper := C.hz_keeper_new()
	defer C.hz_keeper_free(keeper)
	bytes := C.CBytes(blocks(1, 64, 'A')[0])
	defer C.free(bytes)
	C.hz_keeper_keep(keeper, (*C.uchar)(bytes))
	result("C keeps a pointer of its own, first byte: %c", rune(C.hz_keeper_first(keeper)))
}
