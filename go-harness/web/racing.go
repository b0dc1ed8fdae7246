//go:build race

package main

// -race reports the first two that nothing orders, and the run-time's own check, which
// may come first, is what the other build is for.
const rounds = 1
