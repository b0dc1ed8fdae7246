// Package notes is Go over the same C library. BUG in the environment switches one bug on: overflow,
// leak, race, checkptr, cgocheck.
package notes

/*
#cgo CFLAGS: -I${SRCDIR}/../csrc
#include <stdlib.h>
#include "notes.h"
#include "../csrc/notes.c"
*/
import "C"

import (
	"os"
	"sync"
	"unsafe"
)

// Bug is what is switched on.
func Bug() string { return os.Getenv("BUG") }

// Sum adds numbers that lie in C's memory.
func Sum(numbers []int32) int64 {
	size := C.size_t(len(numbers)) * C.size_t(unsafe.Sizeof(C.int(0)))
	block := (*C.int)(C.malloc(size))
	defer C.free(unsafe.Pointer(block))
	copy(unsafe.Slice((*int32)(unsafe.Pointer(block)), len(numbers)), numbers)
	bug := C.CString(Bug())
	defer C.free(unsafe.Pointer(bug))
	return int64(C.notes_sum(block, C.size_t(len(numbers)), bug))
}

// Copy has C copy a text.
func Copy(text string) string {
	from := C.CString(text)
	defer C.free(unsafe.Pointer(from))
	made := C.notes_copy(from)
	if Bug() != "leak" {
		defer C.notes_free(made)
	}
	return C.GoString(made)
}

// Count counts up from two goroutines.
func Count() int {
	var lock sync.Mutex
	var all sync.WaitGroup
	counted := 0
	for i := 0; i < 2; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for i := 0; i < 1000; i++ {
				if Bug() != "race" {
					lock.Lock()
				}
				counted++
				if Bug() != "race" {
					lock.Unlock()
				}
			}
		}()
	}
	all.Wait()
	return counted
}

// Word reads eight bytes as a number.
func Word(bytes []byte) uint64 {
	at := 0
	if Bug() == "checkptr" {
		at = len(bytes) - 4 // four bytes of eight are somebody else's
	}
	return *(*uint64)(unsafe.Pointer(&bytes[at]))
}

// First hands C a list of texts.
func First(text string) string {
	made := C.CString(text)
	defer C.free(unsafe.Pointer(made))
	list := (**C.char)(C.malloc(C.size_t(unsafe.Sizeof(made))))
	defer C.free(unsafe.Pointer(list))
	*list = made
	if Bug() == "cgocheck" {
		// C's memory now points to Go's, which the collector does not know.
		kept = append([]byte(text), 0)
		*list = (*C.char)(unsafe.Pointer(&kept[0]))
	}
	return C.GoString(C.notes_first(list))
}

var kept []byte
