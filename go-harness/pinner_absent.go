//go:build !go1.21

package main

func init() {
	register("pinner_leak", program{bad: noPinner, good: noPinner})
}

func noPinner() {
	result("n/a: runtime.Pinner came with Go 1.21")
}
