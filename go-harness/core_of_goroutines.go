package main

// The claim: gdb shows all goroutines of a core.
//
// What to look for: gdb shows the threads. The goroutine that crashed is on one of
// them, with its functions; one that waits is on none, and is not shown. Go's own
// backtrace has both.
//
// The rule: read what stands on stderr first (GOTRACEBACK=all, or crash); a core is
// for the values and for C's frames; a debugger that knows Go reads goroutines too.
//
// Source: https://go.dev/doc/gdb; https://pkg.go.dev/runtime#hdr-Environment_Variables

import (
	"os"
	"strings"
)

func init() {
	register("core_of_goroutines", program{
		bad:  func() { crashInCompany(func() { panic("boom in company") }) },
		good: func() { crashInCompany(func() { result("no crash, no core") }) },
		tool: readCoreWithGdb,
	})
}

func crashInCompany(last func()) {
	word, ready := make(chan string), make(chan struct{})
	go waitInCompany(word, ready)
	<-ready
	last()
}

//go:noinline
func waitInCompany(word <-chan string, ready chan<- struct{}) {
	close(ready)
	<-word
}

func readCoreWithGdb(good bool) {
	where, remove := folder()
	defer remove()
	if good {
		cmd := self("core_of_goroutines", false)
		cmd.Env = append(os.Environ(), "GOTRACEBACK=all")
		words, _ := ran(cmd)
		say(words, "panic: ", "main.crashInCompany(", "main.waitInCompany(")
		concludeFromCore(words)
		return
	}
	core, ended := crash(self("core_of_goroutines", false), where, unlimited, "GOTRACEBACK=crash")
	if core == "" {
		missing("core", "none was written: "+ended)
	}
	path, err := os.Executable()
	must(err)
	words, _ := ran(tool("gdb", "-nx", "-batch", "-iex", "set auto-load no", "-ex", "thread apply all bt", path, core))
	say(words, "Program terminated", "main.crashInCompany")
	concludeFromCore(words)
}

func concludeFromCore(words string) {
	result("shows the goroutine that crashed: %t; the one that waits: %t",
		strings.Contains(words, "main.crashInCompany"), strings.Contains(words, "main.waitInCompany"))
}
