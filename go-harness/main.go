// Command harness is the Go side of ffence's proofs, on the same C libraries.
//
//	harness list               one JSON line for each hazard program
//	harness run SLUG [--good]  runs a hazard program, or its right counterpart
//	harness tool SLUG [--good] shows the program to the tool that it is about
//	harness canary DETECTOR    makes the mistake that DETECTOR exists to report
//	harness parity             answers requests, one JSON line each, from stdin
//
// A hazard program that survives its mistake prints "RESULT ..." and leaves with
// code 0: silent corruption can then be told from a crash, and both from a
// program that never got as far.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sort"
)

// A program makes one mistake. Its file registers it.
type program struct {
	bad  func()          // makes the mistake
	good func()          // does the same work rightly; nil where Go has no right way
	tool func(good bool) // looks at one of the two with a tool; nil where the program is about none
}

var programs = map[string]program{}

func register(slug string, p program) {
	if _, taken := programs[slug]; taken {
		panic("two programs are called " + slug)
	}
	programs[slug] = p
}

// result says how a program ended that got to its end.
func result(format string, args ...any) {
	fmt.Printf("RESULT "+format+"\n", args...)
}

func main() {
	args := os.Args[1:]
	switch {
	case len(args) == 1 && args[0] == "list":
		list()
	case len(args) == 2 && args[0] == "run":
		run(args[1], false)
	case len(args) == 3 && args[0] == "run" && args[2] == "--good":
		run(args[1], true)
	case len(args) == 2 && args[0] == "tool":
		look(args[1], false)
	case len(args) == 3 && args[0] == "tool" && args[2] == "--good":
		look(args[1], true)
	case len(args) == 2 && args[0] == "canary":
		sing(args[1])
	case len(args) == 1 && args[0] == "parity":
		parity(os.Stdin, os.Stdout)
	default:
		usage("harness list | run SLUG [--good] | tool SLUG [--good] | canary DETECTOR | parity")
	}
}

func list() {
	slugs := make([]string, 0, len(programs))
	for slug := range programs {
		slugs = append(slugs, slug)
	}
	sort.Strings(slugs)
	lines := json.NewEncoder(os.Stdout)
	for _, slug := range slugs {
		line := struct {
			Slug    string `json:"slug"`
			HasGood bool   `json:"has_good"`
		}{slug, programs[slug].good != nil}
		if err := lines.Encode(line); err != nil {
			usage(err.Error())
		}
	}
}

func run(slug string, good bool) {
	p, known := programs[slug]
	switch {
	case !known:
		usage("no program is called " + slug)
	case good && p.good == nil:
		usage(slug + " has no good twin")
	case good:
		p.good()
	default:
		p.bad()
	}
}

func look(slug string, good bool) {
	p, known := programs[slug]
	if !known || p.tool == nil {
		usage("no program that is about a tool is called " + slug)
	}
	p.tool(good)
}

// usage leaves with a code that no detector, panic or signal uses.
func usage(message string) {
	fmt.Fprintln(os.Stderr, "harness:", message)
	os.Exit(64)
}
