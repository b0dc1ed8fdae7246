//go:build go1.21

package main

// The mistake: Go memory is pinned for C, and the Pinner is dropped without Unpin.
//
// What to look for: the collector's own complaint, when it finds the Pinner:
// "found leaking pinned pointer". Until it runs, nothing. Before Go 1.21 there was
// no runtime.Pinner.
//
// The rule: defer pinner.Unpin() stands next to the Pinner, which is a variable and
// not a field of something that may be forgotten.
//
// Source: https://pkg.go.dev/runtime#Pinner

/*
#include "hz_text.h"
*/
import "C"

import "runtime"

func init() {
	register("pinner_leak", program{bad: forgetPin, good: unpin})
}

// totalPinned passes C a list that holds Go pointers, which is legal for pinned ones.
func totalPinned(pinner *runtime.Pinner) int {
	text := cstring([]byte("pinned\x00"))
	pinner.Pin(text)
	items := []*C.char{text}
	pinner.Pin(&items[0])
	list := &C.hz_text_list{items: &items[0], count: 1}
	return int(C.hz_text_total(list))
}

//go:noinline
func dropPinner() int { return totalPinned(new(runtime.Pinner)) }

// finalized collects, and waits until finalizers of that round have run.
func finalized() {
	ran := make(chan struct{})
	func() {
		// Larger than what is allocated together with others, for which no
		// finalizer is promised.
		sentinel := new([64]byte)
		runtime.SetFinalizer(sentinel, func(*[64]byte) { close(ran) })
	}()
	collect()
	<-ran
}

func forgetPin() {
	total := dropPinner()
	finalized()
	finalized()
	result("the pin is forgotten, total: %d", total)
}

func unpin() {
	var pinner runtime.Pinner
	total := totalPinned(&pinner)
	pinner.Unpin()
	finalized()
	result("total: %d", total)
}
