package main

// The claim: GODEBUG=sigpanic=1 is needed to see a signal in C end the program.
//
// What to look for: Go knows no such setting, and ignores what it does not know. A
// signal in C ends the program with the same words in any case. A setting that there
// is, such as inittrace, is to be seen.
//
// The rule: the settings of GODEBUG stand in the documentation of runtime; one that
// does not stand there does nothing, and says nothing.
//
// Source: https://pkg.go.dev/runtime#hdr-Environment_Variables; https://go.dev/doc/godebug

/*
#include <stdlib.h>
*/
import "C"

import (
	"fmt"
	"os"
	"strings"
)

func init() {
	register("sigpanic_variable", program{
		bad:  func() { C.abort() },
		good: func() { result("no signal") },
		tool: trySigpanic,
	})
}

func trySigpanic(good bool) {
	variable := "GODEBUG=sigpanic=1"
	if good {
		variable = "GODEBUG=inittrace=1"
	}
	plain, with := headlines(), headlines(variable)
	for _, line := range strings.Split(with, "\n")[:2] {
		fmt.Println(line)
	}
	result("%s changes what is said: %t", variable, with != plain)
}

// headlines are how it ended and what was said, without what differs from run to run.
func headlines(environment ...string) string {
	cmd := self("sigpanic_variable", false)
	cmd.Env = append(os.Environ(), environment...)
	words, _ := ran(cmd)
	lines := []string{cmd.ProcessState.String()}
	for _, line := range strings.Split(words, "\n") {
		name := strings.FieldsFunc(line, func(r rune) bool { return r == '(' || r == ' ' || r == '@' })
		switch {
		case strings.HasPrefix(line, "SIG"):
			lines = append(lines, line)
		case strings.HasPrefix(line, "main.") || strings.HasPrefix(line, "init "):
			lines = append(lines, strings.Join(name[:1], ""))
		}
	}
	return strings.Join(lines, "\n")
}
