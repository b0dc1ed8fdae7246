package main

// The mistake: a cgo.Handle is converted to unsafe.Pointer, because C's parameter is
// a void *. A handle is a small number, and no pointer of Go may look like one.
//
// What to look for: nothing, until Go moves the goroutine's stack while such a
// pointer lies on it: "invalid pointer found on stack". checkptr stops the
// conversion itself, and -race and -asan switch checkptr on; `go vet` points at it.
//
// The rule: the handle crosses as uintptr_t, and C makes the void * of it.
//
// Source: https://pkg.go.dev/runtime/cgo#Handle; https://pkg.go.dev/unsafe#Pointer

/*
#include "hz_bell.h"

hz_bell *go_bell_new(uintptr_t handle);
hz_bell *go_bell_for(void *user);
*/
import "C"

import (
	"runtime/cgo"
	"unsafe"
)

func init() {
	register("handle_as_pointer", program{bad: passAsPointer, good: passAsNumber})
}

func passAsPointer() {
	rings := 0
	handle := cgo.NewHandle(func() { rings++ })
	defer handle.Delete()
	done := make(chan struct{})
	go func() { // on a stack that is still small
		defer close(done)
		user := unsafe.Pointer(uintptr(handle))
		wipeStack(5000) // and grows
		bell := C.go_bell_for(user)
		C.hz_bell_ring(bell)
		C.hz_bell_free(bell)
	}()
	<-done
	result("rang by a pointer that is a number: %d", rings)
}

func passAsNumber() {
	rings := 0
	handle := cgo.NewHandle(func() { rings++ })
	defer handle.Delete()
	done := make(chan struct{})
	go func() {
		defer close(done)
		user := C.uintptr_t(handle)
		wipeStack(5000)
		bell := C.go_bell_new(user)
		C.hz_bell_ring(bell)
		C.hz_bell_free(bell)
	}()
	<-done
	result("rings: %d", rings)
}
