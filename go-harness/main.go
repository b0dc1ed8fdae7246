// Command harness is the Go side of ffence's proofs, on the same C libraries.
//
//	harness list               one JSON line for each hazard program
//	harness run SLUG [--good]  runs a hazard program, or its right counterpart
//	harness tool SLUG [--good] shows the program to the tool that it is about
//	harness canary DETECTOR    makes the mistake that DETECTOR exists to report
//	harness parity             answers requests, one JSON line each, from stdin
package main

import (
	"os"

	"ffence/go-harness/lib/catalogue"
)

// A program makes one mistake. Its file registers it.
type program struct {
	bad  func()          // makes the mistake
	good func()          // does the same work rightly; nil where Go has no right way
	tool func(good bool) // looks at one of the two with a tool; nil where the program is about none
}

// Inlined, it would be half of what -m says of every file.
//
//go:noinline
func register(slug string, p program) { catalogue.Register(slug, p.bad, p.good, p.tool) }

// result says how a program ended that got to its end.
func result(format string, args ...any) { catalogue.Result(format, args...) }

// usage leaves with a code that no detector, panic or signal uses.
func usage(message string) { catalogue.Usage(message) }

func main() {
	args := os.Args[1:]
	switch {
	case catalogue.Serve(args):
	case len(args) == 2 && args[0] == "canary":
		sing(args[1])
	case len(args) == 1 && args[0] == "parity":
		parity(os.Stdin, os.Stdout)
	default:
		usage("harness list | run SLUG [--good] | tool SLUG [--good] | canary DETECTOR | parity")
	}
}
