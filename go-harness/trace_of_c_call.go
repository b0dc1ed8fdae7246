package main

// The claim: `go tool trace` shows what a program does in C.
//
// What to look for: a call into C is one event to it, as a system call is: how long
// it took, and where Go stood. What C did in that time is not in the trace. Of what
// goroutines wait for it has the places.
//
// The rule: go tool trace for what goroutines wait for; perf or gdb for what C does.
//
// Source: https://pkg.go.dev/cmd/trace; https://pkg.go.dev/runtime/trace

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/trace"
	"strings"
	"time"
)

// whileInC and whileWaiting are in dump_of_c_call.go.
func init() {
	register("trace_of_c_call", program{
		bad:  func() { traced(whileInC) },
		good: func() { traced(whileWaiting) },
		tool: readTrace,
	})
}

// traced writes a trace to the file that readTrace names, or to none.
func traced(during func(func())) {
	var to io.Writer = io.Discard
	if path := os.Getenv("HARNESS_TRACE"); path != "" {
		file, err := os.Create(path)
		must(err)
		defer file.Close()
		to = file
	}
	must(trace.Start(to))
	during(func() { time.Sleep(50 * time.Millisecond) })
	trace.Stop()
	result("the trace is written")
}

func readTrace(good bool) {
	where, remove := folder()
	defer remove()
	path := filepath.Join(where, "trace")
	kind, function := "syscall", "main.waitInC"
	if good {
		kind, function = "sync", "main.waitForWord"
	}
	var names string
	// On a busy machine the wait may have been too short to be seen.
	for i := 0; i < 10 && !strings.Contains(names, function); i++ {
		cmd := self("trace_of_c_call", good)
		cmd.Env = append(os.Environ(), "HARNESS_TRACE="+path)
		words, err := ran(cmd)
		if err != nil {
			panic(words)
		}
		// What the page of `go tool trace` calls a blocking profile, without the page.
		view := goTool("tool", "trace", "-pprof="+kind, path)
		var profile, complaint bytes.Buffer
		view.Stdout, view.Stderr = &profile, &complaint
		if err := view.Run(); err != nil {
			panic(complaint.String())
		}
		unzipped, err := gzip.NewReader(&profile)
		must(err)
		text, err := io.ReadAll(unzipped)
		must(err)
		names = strings.Join(ownNames(text), "\n")
	}
	fmt.Println(names)
	result("names the function of Go: %t; the function of C that waits: %t",
		strings.Contains(names, function), strings.Contains(names, "wait_inside"))
}

// ownNames are the names of this package's functions in a profile: strings are the
// sixth field of its one message.
func ownNames(profile []byte) (names []string) {
	for len(profile) > 0 {
		tag, size := binary.Uvarint(profile)
		profile = profile[size:]
		length, size := binary.Uvarint(profile)
		profile = profile[size:]
		// The other kind of field that there is, a number, has no length.
		if tag&7 != 2 {
			continue
		}
		if text := string(profile[:length]); tag>>3 == 6 && strings.HasPrefix(text, "main.") && strings.Contains(text, "ait") {
			names = append(names, text)
		}
		profile = profile[length:]
	}
	return names
}
