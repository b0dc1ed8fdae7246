package main

// The mistake: an address is kept as a uintptr while a pointer keeps the block
// alive, and made a pointer again: it works, as long as nothing moves.
//
// What to look for: go vet's "possible misuse of unsafe.Pointer", and checkptr,
// which refuses a number that was not computed from a pointer in the same
// expression.
//
// The rule: that Go's heap does not move is an implementation's affair, and nothing
// says that it stays so. Keep the pointer.
//
// Source: https://pkg.go.dev/unsafe#Pointer; https://pkg.go.dev/cmd/vet

import "unsafe"

func init() {
	register("uintptr_of_live", program{bad: keepBoth, good: keepOne})
}

func keepBoth() {
	block := blocks(1, 64, 'A')[0]
	address := uintptr(unsafe.Pointer(&block[0]))
	collect()
	again := (*byte)(unsafe.Pointer(address))
	result("it is the same block: %t", again == &block[0])
}

func keepOne() {
	block := blocks(1, 64, 'A')[0]
	pointer := &block[0]
	collect()
	result("it is the same block: %t", pointer == &block[0])
}
