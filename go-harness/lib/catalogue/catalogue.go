// Package catalogue keeps the programs of a harness, lists them and runs one.
package catalogue

import (
	"encoding/json"
	"fmt"
	"os"
	"sort"
)

// A program makes one mistake, or does the same work rightly.
type program struct {
	bad  func()
	good func()          // nil where Go has no right way
	tool func(good bool) // nil where the program is about none
}

var programs = map[string]program{}

// Register adds a program: its mistake, its right counterpart, and the tool that
// looks at one of the two.
func Register(slug string, bad, good func(), tool func(good bool)) {
	if _, taken := programs[slug]; taken {
		panic("two programs are called " + slug)
	}
	programs[slug] = program{bad, good, tool}
}

// Result says how a program ended that got to its end: silent corruption can
// then be told from a crash, and both from a program that never got as far.
func Result(format string, args ...any) {
	fmt.Printf("RESULT "+format+"\n", args...)
}

// Serve does what the arguments say, if they are of the catalogue:
//
//	list               one JSON line for each program
//	run SLUG [--good]  runs a program, or its right counterpart
//	tool SLUG [--good] shows the program to the tool that it is about
func Serve(args []string) bool {
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
	default:
		return false
	}
	return true
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
			Usage(err.Error())
		}
	}
}

func run(slug string, good bool) {
	p, known := programs[slug]
	switch {
	case !known:
		Usage("no program is called " + slug)
	case good && p.good == nil:
		Usage(slug + " has no good twin")
	case good:
		p.good()
	default:
		p.bad()
	}
}

func look(slug string, good bool) {
	p, known := programs[slug]
	if !known || p.tool == nil {
		Usage("no program that is about a tool is called " + slug)
	}
	p.tool(good)
}

// Usage leaves with a code that no detector, panic or signal uses.
func Usage(message string) {
	fmt.Fprintln(os.Stderr, "harness:", message)
	os.Exit(64)
}
