package main

// The mistake: a pointer to a struct is converted to a pointer to a larger one, and
// written through.
//
// What to look for: checkptr, which sees at the conversion that the larger one would
// not fit. Without it the write lands in whatever lies behind.
//
// The rule: a conversion is for a type that is no larger and of the same layout.
//
// Source: https://pkg.go.dev/unsafe#Pointer; https://pkg.go.dev/cmd/compile

import "unsafe"

func init() {
	register("wider_cast", program{bad: castWider, good: castNoWider})
}

type narrow [14]int64

type wide [28]int64

func castWider() {
	all := narrows()
	it := (*wide)(unsafe.Pointer(all[32]))
	for i := range it {
		it[i] = -1
	}
	result("%d of its neighbours changed", changedNarrows(all)-1)
}

func castNoWider() {
	all := narrows()
	it := (*[14]uint64)(unsafe.Pointer(all[32]))
	for i := range it {
		it[i] = 1
	}
	result("%d of its neighbours changed", changedNarrows(all)-1)
}

//go:noinline
func narrows() []*narrow {
	all := make([]*narrow, 64)
	for i := range all {
		all[i] = new(narrow)
	}
	return all
}

//go:noinline
func changedNarrows(all []*narrow) int {
	found := 0
	for _, it := range all {
		if *it != (narrow{}) {
			found++
		}
	}
	return found
}
