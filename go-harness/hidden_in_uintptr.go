package main

// The mistake: the same list of Go pointers that cgo refuses is passed as a number,
// which keeps cgo from looking and the collector from knowing.
//
// What to look for: nothing, for now. No check is made of numbers, the call works,
// and the day it does not is the collector's choice.
//
// The rule: a check that refuses is answered by moving the memory to C, not by
// hiding the pointer.
//
// Source: https://pkg.go.dev/cmd/cgo#hdr-Passing_pointers; https://pkg.go.dev/unsafe#Pointer

/*
#include "hz_text.h"
#include <stdint.h>
#include <stdlib.h>

static size_t total_at(uintptr_t list) { return hz_text_total((const hz_text_list *)list); }
*/
import "C"

import (
	"runtime"
	"unsafe"
)

func init() {
	register("hidden_in_uintptr", program{bad: hideInNumber, good: passCItems})
}

func hideInNumber() {
	one, two := []byte("one\x00"), []byte("three\x00")
	items := []*C.char{cstring(one), cstring(two)}
	list := &C.hz_text_list{items: &items[0], count: C.size_t(len(items))}
	total := C.total_at(C.uintptr_t(uintptr(unsafe.Pointer(list))))
	runtime.KeepAlive(list)
	result("C followed Go pointers to Go pointers, total: %d", total)
}

func passCItems() {
	texts := []string{"one", "three"}
	items := C.malloc(C.size_t(len(texts)) * C.size_t(unsafe.Sizeof((*C.char)(nil))))
	defer C.free(items)
	list := C.hz_text_list{items: (**C.char)(items), count: C.size_t(len(texts))}
	for i, text := range texts {
		item := C.CString(text)
		defer C.free(unsafe.Pointer(item))
		unsafe.Slice(list.items, len(texts))[i] = item
	}
	result("total: %d", C.hz_text_total(&list))
}
