package main

// The claim: a flame graph of the CPU profile shows where a process crashed.
//
// What to look for: the file is empty. runtime/pprof collects in memory and writes
// at StopCPUProfile, which a process that dies does not get to. What it does leave
// is the backtrace on stderr, and a core where GOTRACEBACK=crash asks for one.
//
// The rule: a crash is read from its backtrace and its core; a profile is for what
// is slow and ends well.
//
// Source: https://pkg.go.dev/runtime/pprof#StartCPUProfile; https://pkg.go.dev/runtime#hdr-Environment_Variables

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"
)

func init() {
	register("profile_of_a_crash", program{
		bad:  func() { work(crashWhileProfiled) },
		good: func() { work(func() {}) },
		tool: readProfile,
	})
}

// work is profiled; the file is the one that readProfile names, or is gone at once.
func work(last func()) {
	path := os.Getenv("HARNESS_PROFILE")
	file, err := os.Create(path)
	if path == "" {
		file, err = os.CreateTemp("", "harness-")
		must(err)
		err = os.Remove(file.Name())
	}
	must(err)
	must(pprof.StartCPUProfile(file))
	last()
	pprof.StopCPUProfile()
	must(file.Close())
	result("the profile is written")
}

//go:noinline
func crashWhileProfiled() {
	panic("boom while profiled")
}

func readProfile(good bool) {
	where, remove := folder()
	defer remove()
	path := filepath.Join(where, "cpu.pprof")
	cmd := self("profile_of_a_crash", good)
	cmd.Env = append(os.Environ(), "HARNESS_PROFILE="+path)
	words, _ := ran(cmd)
	say(words, "panic: ", "main.crashWhileProfiled")
	profile, err := os.ReadFile(path)
	must(err)
	whole := bytes.HasPrefix(profile, []byte{0x1f, 0x8b})
	result("a profile: %t, empty: %t; the backtrace names the function: %t",
		whole, len(profile) == 0, strings.Contains(words, "main.crashWhileProfiled"))
}
