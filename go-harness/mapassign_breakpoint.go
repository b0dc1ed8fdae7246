package main

// The claim: a breakpoint on runtime.mapassign stops where context.WithValue
// stores its value.
//
// What to look for: gdb comes past the call without stopping. A context of
// WithValue is a link of a list, with one key and one value: there is no map, and
// Value walks from link to link. The right counterpart, which stores in a map,
// shows that the breakpoint works.
//
// The rule: break in context.WithValue itself, and read what it was given.
//
// Source: https://pkg.go.dev/context#WithValue; https://go.dev/doc/gdb

import (
	"context"
	"runtime"
	"strings"
)

func init() {
	register("mapassign_breakpoint", program{bad: carryInContext, good: carryInMap, tool: breakInMapassign})
}

type carriedKey struct{}

// On one thread, or gdb meets the goroutine again on another.
func carryInContext() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	beforeCarrying()
	ctx := context.WithValue(context.Background(), carriedKey{}, "bob")
	afterCarrying()
	result("carried: %v", ctx.Value(carriedKey{}))
}

func carryInMap() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	values := map[any]any{}
	beforeCarrying()
	values[carriedKey{}] = "bob"
	afterCarrying()
	result("carried: %v", values[carriedKey{}])
}

//go:noinline
func beforeCarrying() {}

//go:noinline
func afterCarrying() {}

func breakInMapassign(good bool) {
	words := debugged(self("mapassign_breakpoint", good),
		"tbreak main.beforeCarrying", "run", "break runtime.mapassign", "break main.afterCarrying", "continue")
	say(words, "Breakpoint 2, ", "Breakpoint 3, ")
	stopped := strings.Contains(words, "Breakpoint 2, runtime.mapassign")
	arrived := strings.Contains(words, "Breakpoint 3, main.afterCarrying")
	if stopped == arrived {
		panic("it stops at one of the two: " + words)
	}
	result("stops in runtime.mapassign: %t", stopped)
}
