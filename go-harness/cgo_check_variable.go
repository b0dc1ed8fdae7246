package main

// The claim: CGO_CHECK=2 in the environment switches the strictest check of cgo on.
//
// What to look for: no Go reads such a variable, and a mistake that the strictest
// check finds goes on in silence. What there is: GODEBUG=cgocheck=2 at run time
// before Go 1.21, GOEXPERIMENT=cgocheck2 at build time from then on.
//
// The rule: try a switch on a mistake that it must find, before relying on it.
//
// Source: https://pkg.go.dev/cmd/cgo#hdr-Passing_pointers; https://go.dev/doc/go1.21#cgo

/*
#include <stdlib.h>
*/
import "C"

import (
	"os"
	"strings"
	"unsafe"
)

func init() {
	register("cgo_check_variable", program{bad: storeFromGo, good: storeFromC, tool: tryCgoCheck})
}

func inSlot(value *C.int) {
	slot := (**C.int)(C.calloc(1, C.size_t(unsafe.Sizeof(value))))
	defer C.free(unsafe.Pointer(slot))
	*slot = value
	result("stored")
}

func storeFromGo() {
	inSlot(new(C.int))
}

func storeFromC() {
	value := (*C.int)(C.calloc(1, C.sizeof_int))
	defer C.free(unsafe.Pointer(value))
	inSlot(value)
}

func tryCgoCheck(good bool) {
	plain, _ := ran(self("cgo_check_variable", false))
	variable := "CGO_CHECK=2"
	if good {
		variable = "GODEBUG=cgocheck=2"
	}
	cmd := self("cgo_check_variable", false)
	cmd.Env = append(os.Environ(), variable)
	words, _ := ran(cmd)
	say(words, "fatal error: ")
	result("%s changes what becomes of the mistake: %t", variable, strings.TrimSpace(words) != strings.TrimSpace(plain))
}
