package main

// A detector that says nothing proves something only if it is switched on. Each
// canary makes the mistake that one detector reports, by the code path that this
// detector alone adds: a silent one means that the binary was built or started
// without it.

/*
#include <stdlib.h>

static int canary_read(const volatile unsigned char *at, size_t index) { return at[index]; }
*/
import "C"

import (
	"runtime"
	"sync"
	"unsafe"
)

var canaries = map[string]func(){
	"asan":     readPastBlock,
	"race":     writeUnguarded,
	"checkptr": pointPastBlock,
	"cgocheck": storeGoPointerInC,
}

func sing(detector string) {
	canary, known := canaries[detector]
	if !known {
		usage("no canary for " + detector)
	}
	canary()
	result("%s did not report its canary", detector)
}

func readPastBlock() {
	block := C.malloc(16)
	defer C.free(block)
	C.canary_read((*C.uchar)(block), 16)
}

func writeUnguarded() {
	var counter int
	var both sync.WaitGroup
	both.Add(2)
	for i := 0; i < 2; i++ {
		go func() {
			defer both.Done()
			counter++
		}()
	}
	both.Wait()
	runtime.KeepAlive(counter)
}

func pointPastBlock() {
	block := blocks(1, 64, 0)[0]
	past := unsafe.Pointer(uintptr(unsafe.Pointer(&block[0])) + 64)
	runtime.KeepAlive(past)
}

func storeGoPointerInC() {
	slot := (**C.int)(C.calloc(1, C.size_t(unsafe.Sizeof(uintptr(0)))))
	defer C.free(unsafe.Pointer(slot))
	*slot = new(C.int)
}
