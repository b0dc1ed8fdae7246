package main

// The mistake: the address of a local variable is kept as a uintptr, and the
// goroutine's stack, which starts small, is moved to where there is more room.
//
// What to look for: go vet's "possible misuse of unsafe.Pointer". A pointer would
// have been changed with the move; the number still leads to where the variable was.
//
// The rule: keep the pointer. A uintptr is for arithmetic within one expression.
//
// Source: https://pkg.go.dev/unsafe#Pointer; https://go.dev/src/runtime/stack.go

import "unsafe"

func init() {
	register("uintptr_of_stack", program{bad: keepStackAddress, good: keepStackPointer})
}

func keepStackAddress() {
	result("what was written did not arrive: %t", onItsOwnStack(writeByAddress) != 42)
}

func keepStackPointer() {
	result("what was written did not arrive: %t", onItsOwnStack(writeByPointer) != 42)
}

func onItsOwnStack(work func() int) int {
	done := make(chan int)
	go func() { done <- work() }()
	return <-done
}

//go:noinline
func writeByAddress() int {
	number := 41
	address := uintptr(unsafe.Pointer(&number))
	wipeStack(400)
	*(*int)(unsafe.Pointer(address)) = 42
	return number
}

//go:noinline
func writeByPointer() int {
	number := 41
	pointer := &number
	wipeStack(400)
	*pointer = 42
	return number
}
