package main

// The flags of every file of this package that imports "C".

/*
#cgo CFLAGS: -std=c11 -I${SRCDIR}/../csrc/hazard
#cgo LDFLAGS: -lcrypto
*/
import "C"

import (
	"runtime"
	"unsafe"
)

// blocks returns `count` heap blocks of `size` bytes, all `fill`.
func blocks(count, size int, fill byte) [][]byte {
	all := make([][]byte, count)
	for i := range all {
		all[i] = make([]byte, size)
		for j := range all[i] {
			all[i][j] = fill
		}
	}
	return all
}

// collect runs the collector after wiping what dead calls left on this stack,
// so that whatever nothing refers to any more is really gone.
func collect() {
	wipeStack(50)
	runtime.GC()
	runtime.GC()
}

//go:noinline
func wipeStack(depth int) {
	var frame [128]byte
	frame[depth%len(frame)] = 1
	if depth > 0 {
		wipeStack(depth - 1)
	}
	runtime.KeepAlive(&frame)
}

// cstring is the pointer that C wants for bytes that already end in NUL.
func cstring(bytes []byte) *C.char {
	return (*C.char)(unsafe.Pointer(&bytes[0]))
}
