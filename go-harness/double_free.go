package main

// The mistake: a Go struct that owns a C object is copied, and both copies are
// closed. Close sets its own pointer to nil, which does not help the copy.
//
// What to look for: glibc usually notices ("free(): double free detected"), but
// nothing says that it must; AddressSanitizer always does.
//
// The rule: Close through a pointer to the one owner; a struct that owns C memory is never
// copied.
//
// Source: https://pkg.go.dev/cmd/cgo#hdr-Passing_pointers; free(3)

/*
#include "hz_box.h"
#include <stdlib.h>
*/
import "C"

import (
	"sync"
	"unsafe"
)

func init() {
	register("double_free", program{bad: copyAndCloseBoth, good: closeOnce})
}

type box struct{ c *C.hz_box }

func newBox(label string) box {
	text := C.CString(label)
	defer C.free(unsafe.Pointer(text))
	return box{C.hz_box_new(text)}
}

func (b *box) Close() {
	if b.c != nil {
		C.hz_box_free(b.c)
		b.c = nil
	}
}

func copyAndCloseBoth() {
	first := newBox("one owner, they said")
	second := first
	first.Close()
	second.Close()
	result("freed twice and still running")
}

// sharedBox may be copied: its copies share the one that is closed once.
type sharedBox struct {
	*box
	once *sync.Once
}

func (b sharedBox) Close() { b.once.Do(b.box.Close) }

func closeOnce() {
	owned := newBox("one owner")
	first := sharedBox{&owned, new(sync.Once)}
	second := first
	first.Close()
	second.Close()
	result("live boxes: %d", C.hz_box_live())
}
