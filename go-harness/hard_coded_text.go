package main

// The mistake: a string is read at an offset that was written down, where by now
// another field lies.
//
// What to look for: a string whose address is what was a number and whose length is
// what was an address. No detector stops the conversion, which stays in the object;
// whoever reads the text ends the process, or gets what happens to be there.
//
// The rule: name the field, or compute the offset with unsafe.Offsetof.
//
// Source: https://pkg.go.dev/unsafe#Offsetof; https://pkg.go.dev/cmd/compile

import "unsafe"

func init() {
	register("hard_coded_text", program{bad: readTextAtOffset, good: readTextField})
}

// An account has flags, an id and a name: hard_coded_offset.go has it.
func readTextAtOffset() {
	it := newAccount()
	const offsetOfName = 8
	name := *(*string)(unsafe.Pointer(uintptr(unsafe.Pointer(it)) + offsetOfName))
	result("the name is bob, read: %q", name[:3])
}

func readTextField() {
	it := newAccount()
	name := *(*string)(unsafe.Pointer(uintptr(unsafe.Pointer(it)) + unsafe.Offsetof(it.name)))
	result("the name is bob, read: %q", name[:3])
}
