package main

// The mistake: C keeps a Go pointer past the call, the collector takes the memory
// back, and Go gives it to somebody else.
//
// What to look for: C reading somebody else's bytes, which are perfectly valid by
// now: AddressSanitizer sees nothing any more, unless the block is still free. In a
// server this is one client's data in another client's answer.
//
// The rule: what C keeps is C's memory, or pinned (runtime.Pinner, from Go 1.21 on).
//
// Source: https://pkg.go.dev/cmd/cgo#hdr-Passing_pointers; https://pkg.go.dev/runtime#Pinner

/*
#include "hz_keeper.h"
#include <stdlib.h>
*/
import "C"

import "runtime"

func init() {
	register("reused_pointer", program{bad: keepThroughReuse, good: keepOwnThroughReuse})
}

func keepThroughReuse() {
	keeper := C.hz_keeper_new()
	defer C.hz_keeper_free(keeper)
	lend(keeper) // of kept_pointer.go: 64 times 'A'
	collect()
	others := blocks(20000, 64, 'B')
	first := C.hz_keeper_first(keeper)
	runtime.KeepAlive(others)
	result("C reads somebody else's bytes: %t", first == 'B')
}

func keepOwnThroughReuse() {
	keeper := C.hz_keeper_new()
	defer C.hz_keeper_free(keeper)
	bytes := C.CBytes(blocks(1, 64, 'A')[0])
	defer C.free(bytes)
	C.hz_keeper_keep(keeper, (*C.uchar)(bytes))
	collect()
	others := blocks(20000, 64, 'B')
	first := C.hz_keeper_first(keeper)
	runtime.KeepAlive(others)
	result("C reads somebody else's bytes: %t", first == 'B')
}
