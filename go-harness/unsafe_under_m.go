package main

// The claim: -m warns of pointers that are lost through unsafe and uintptr.
//
// What to look for: -m tells where a variable lives, and has not a word for a
// pointer that has become a number. go vet has: "possible misuse of unsafe.Pointer";
// and checkptr stops the program when the number becomes a pointer again.
//
// The rule: go vet and -d=checkptr for unsafe, -m for the heap.
//
// Source: https://pkg.go.dev/unsafe#Pointer; https://pkg.go.dev/cmd/vet

import (
	"fmt"
	"runtime"
	"strings"
	"unsafe"
)

func init() {
	register("unsafe_under_m", program{bad: throughNumber, good: throughPointer, tool: readUnsafe})
}

//go:noinline
func onHeap(number int) *int { return &number }

type asNumber struct{ at uintptr }

//go:noinline
func (it asNumber) value() *int { return (*int)(unsafe.Pointer(it.at)) }

type asPointer struct{ at unsafe.Pointer }

//go:noinline
func (it asPointer) value() *int { return (*int)(it.at) }

func throughNumber() {
	kept := onHeap(7)
	it := asNumber{uintptr(unsafe.Pointer(kept))}
	result("through a number: %d", *it.value())
	runtime.KeepAlive(kept)
}

func throughPointer() {
	it := asPointer{unsafe.Pointer(onHeap(7))}
	result("through a pointer: %d", *it.value())
}

const (
	numberSource = `package main

import "unsafe"

type asNumber struct{ at uintptr }

func keep(p *int) asNumber { return asNumber{uintptr(unsafe.Pointer(p))} }

func (it asNumber) value() *int { return (*int)(unsafe.Pointer(it.at)) }

func main() {
	kept := 7
	println(*keep(&kept).value())
}
`
	pointerSource = `package main

func keep(p *int) *int { return p }

func main() {
	kept := 7
	println(*keep(&kept))
}
`
)

func readUnsafe(good bool) {
	source := numberSource
	if good {
		source = pointerSource
	}
	lines := compiled(source, "-m")
	for _, line := range lines {
		if !strings.Contains(line, "inlin") {
			fmt.Println(line)
		}
	}
	warned := len(having(lines, "misuse")) + len(having(lines, "unsafe")) + len(having(lines, "uintptr"))
	result("-m speaks: %t; of unsafe or uintptr: %t", len(lines) > 0, warned > 0)
}
