package main

// The mistake: a field is read at an offset that was written down, and another field
// has since been put before it.
//
// What to look for: nothing, whatever articles promise of -d=checkptr: the address
// is in the object, and what lies there is a number too.
//
// The rule: name the field. Where arithmetic cannot be avoided, unsafe.Offsetof is
// computed with the struct that is compiled.
//
// Source: https://pkg.go.dev/unsafe#Offsetof; https://pkg.go.dev/cmd/compile

import "unsafe"

func init() {
	register("hard_coded_offset", program{bad: readAtOffset, good: readField})
}

type account struct {
	flags int64 // new: the id used to come first
	id    int64
	name  string
}

//go:noinline
func newAccount() *account {
	return &account{flags: 4096, id: 7, name: "bob"}
}

func readAtOffset() {
	it := newAccount()
	const offsetOfID = 0
	id := *(*int64)(unsafe.Pointer(uintptr(unsafe.Pointer(it)) + offsetOfID))
	result("the id is 7, read: %d", id)
}

func readField() {
	it := newAccount()
	id := *(*int64)(unsafe.Pointer(uintptr(unsafe.Pointer(it)) + unsafe.Offsetof(it.id)))
	result("the id is 7, read: %d", id)
}
