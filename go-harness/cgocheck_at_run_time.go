package main

// The claim: GODEBUG=cgocheck=2 switches the strictest check of cgo on.
//
// What to look for: before Go 1.21 it does. From then on it ends the program before
// main: the check is built in with GOEXPERIMENT=cgocheck2, or is not there. The
// levels 0 and 1 are still chosen at run time.
//
// The rule: build with GOEXPERIMENT=cgocheck2, and keep cgocheck=2 out of scripts
// that newer versions run.
//
// Source: https://go.dev/doc/go1.21#cgo; https://pkg.go.dev/cmd/cgo#hdr-Passing_pointers

import "os"

// storeFromGo and storeFromC are in cgo_check_variable.go.
func init() {
	register("cgocheck_at_run_time", program{bad: storeFromGo, good: storeFromC, tool: tryLevel})
}

func tryLevel(good bool) {
	cmd, level := self("cgocheck_at_run_time", false), "2"
	if good {
		cmd, level = self("cgocheck_at_run_time", true), "1"
	}
	cmd.Env = append(os.Environ(), "GODEBUG=cgocheck="+level)
	words, err := ran(cmd)
	say(words, "fatal error: ")
	result("with level %s, the program runs to its end: %t", level, err == nil)
}
