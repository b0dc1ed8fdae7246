package main

// The mistake: a map's keys are strings made without a copy, and the bytes below
// them change.
//
// What to look for: nothing tells. A key lies where the hash of its old text led,
// and compares as its new text: it is found under neither, and cannot be deleted.
// (Go 1.19 does not hash in a map of eight keys or less, where the new text is
// found.)
//
// The rule: a key is a copy. m[string(bytes)] looks up without making one.
//
// Source: https://pkg.go.dev/unsafe#String; https://go.dev/blog/maps

import "fmt"

func init() {
	register("string_view_as_key", program{bad: keyByView, good: keyByCopy})
}

// viewOf makes a string out of a slice's header: string_view_mutated.go has it.
func keyByView() {
	loseKeys(viewOf)
}

func keyByCopy() {
	loseKeys(func(bytes []byte) string { return string(bytes) })
}

func loseKeys(key func([]byte) string) {
	const count = 64
	ages := map[string]int{}
	names := make([][]byte, count)
	for i := range names {
		names[i] = []byte(fmt.Sprintf("user%02d", i))
		ages[key(names[i])] = i
	}
	lost := 0
	for _, name := range names {
		before := string(name)
		name[0] = 'U'
		_, old := ages[before]
		_, now := ages[string(name)]
		if !old && !now {
			lost++
		}
	}
	result("keys that are in the map and are not found: %d of %d", lost, len(ages))
}
