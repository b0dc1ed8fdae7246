package main

// The mistake: C is passed a Go pointer to memory that holds Go pointers, here a
// list of texts. The collector may move or free what C is about to follow.
//
// What to look for: a panic at the call, from cgo's check of arguments, which is
// on unless GODEBUG=cgocheck=0 says otherwise.
//
// The rule: memory that C follows pointers in is C's own, or everything that they point to is
// pinned.
//
// Source: https://pkg.go.dev/cmd/cgo#hdr-Passing_pointers

/*
#include "hz_text.h"
#include <stdlib.h>
*/
import "C"

import "unsafe"

func init() {
	register("pointer_to_pointer", program{bad: passGoList, good: passCList})
}

func passGoList() {
	one, two := []byte("one\x00"), []byte("three\x00")
	items := []*C.char{cstring(one), cstring(two)}
	list := &C.hz_text_list{items: &items[0], count: C.size_t(len(items))}
	result("total: %d", C.hz_text_total(list))
}

func passCList() {
	texts := []string{"one", "three"}
	size := C.size_t(len(texts)) * C.size_t(unsafe.Sizeof((*C.char)(nil)))
	memory := (**C.char)(C.malloc(size))
	defer C.free(unsafe.Pointer(memory))
	items := unsafe.Slice(memory, len(texts))
	for i, text := range texts {
		items[i] = C.CString(text)
		defer C.free(unsafe.Pointer(items[i]))
	}
	list := C.hz_text_list{items: memory, count: C.size_t(len(items))}
	result("total: %d", C.hz_text_total(&list))
}
