package main

// The mistake: an address is kept as a uintptr and made a pointer again later. To
// the collector it is a number: what it stood for may be gone or be something
// else by then.
//
// What to look for: go vet's "possible misuse of unsafe.Pointer", and checkptr,
// which finds that the number points to no object any more.
//
// The rule: keep the pointer. A uintptr is for arithmetic within one expression.
//
// Source: https://pkg.go.dev/unsafe#Pointer; https://pkg.go.dev/cmd/vet

import "unsafe"

func init() {
	register("uintptr_round_trip", program{bad: keepAddress, good: keepPointer})
}

func keepAddress() {
	address := addressOfBlock()
	collect()
	others := blocks(4096, 64, 'B')
	block := (*[64]byte)(unsafe.Pointer(address))
	changed := block[0] != 'A'
	result("the block has become another: %t (%d others)", changed, len(others))
}

//go:noinline
func addressOfBlock() uintptr {
	return uintptr(unsafe.Pointer(&blocks(1, 64, 'A')[0][0]))
}

func keepPointer() {
	block := blocks(1, 64, 'A')[0]
	collect()
	others := blocks(4096, 64, 'B')
	result("the block has become another: %t (%d others)", block[0] != 'A', len(others))
}
