package main

// The mistake: a small number, a handle's or an index, travels as an unsafe.Pointer.
//
// What to look for: "invalid pointer found on stack", as soon as a stack is moved on
// which it lies; on the heap it goes unnoticed. checkptr refuses it where it is
// made.
//
// The rule: a number is a uintptr. What is an unsafe.Pointer must point to
// something.
//
// Source: https://pkg.go.dev/unsafe#Pointer; https://pkg.go.dev/runtime/cgo#Handle;
// https://go.dev/src/runtime/stack.go

import "unsafe"

func init() {
	register("number_as_pointer", program{bad: carryAsPointer, good: carryAsNumber})
}

// What is handed to a callback, as C would have it.
type carrier struct{ user unsafe.Pointer }

func carryAsPointer() {
	done := make(chan bool)
	go func() {
		handle := smallNumber()
		it := carrier{user: unsafe.Pointer(handle)}
		wipeStack(400)
		done <- hasUser(&it)
	}()
	result("a number was carried as a pointer: %t", <-done)
}

func carryAsNumber() {
	done := make(chan bool)
	go func() {
		it := smallNumber()
		wipeStack(400)
		done <- it == 42
	}()
	result("a number was carried as one: %t", <-done)
}

//go:noinline
func smallNumber() uintptr { return 42 }

//go:noinline
func hasUser(it *carrier) bool { return it.user != nil }
