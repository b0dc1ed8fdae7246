//go:build !race

package main

// How often each goroutine does what must not be done at once.
const rounds = 100_000
