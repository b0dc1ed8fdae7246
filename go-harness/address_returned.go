package main

// The claim: "go build -gcflags=-m" prints "&u escapes to heap" for a function
// that returns the address of a local variable.
//
// What to look for: it prints "moved to heap: u". "escapes to heap" is what it
// says of a composite literal. Either way nothing is wrong: the variable lives as
// long as anybody can see it.
//
// The rule: read -m for the cost of an allocation, not for danger; it says nothing
// of unsafe.Pointer or uintptr.
//
// Source: https://go.dev/doc/faq#stack_or_heap; https://go.dev/doc/gc-guide#Escape_analysis

func init() {
	register("address_returned", program{bad: returnAddress, good: returnValue})
}

type user struct{ name string }

//go:noinline
func newUser(name string) *user {
	u := user{name}
	return &u
}

//go:noinline
func makeUser(name string) user {
	return user{name}
}

func returnAddress() {
	u := newUser("bob")
	collect()
	result("the variable lives on: %s", u.name)
}

func returnValue() {
	u := makeUser("bob")
	collect()
	result("the value was copied: %s", u.name)
}
