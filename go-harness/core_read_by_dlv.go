package main

// The claim: dlv reads the core of any Go program.
//
// What to look for: it does where it knows the Go that built the program, and then
// shows goroutines that no thread runs. A delve that is older than the Go refuses.
// Go's own backtrace needs none.
//
// The rule: keep a delve of the same age as the Go, and the binary of every release:
// a core is nothing without it.
//
// Source: https://github.com/go-delve/delve/blob/master/Documentation/usage/dlv_core.md

import (
	"os"
	"path/filepath"
	"strings"
)

// crashInCompany is in core_of_goroutines.go.
func init() {
	register("core_read_by_dlv", program{
		bad:  func() { crashInCompany(func() { panic("boom for dlv") }) },
		good: func() { crashInCompany(func() { result("no crash, no core") }) },
		tool: readCoreWithDlv,
	})
}

func readCoreWithDlv(good bool) {
	dlv := tool("dlv")
	if good {
		cmd := self("core_read_by_dlv", false)
		cmd.Env = append(os.Environ(), "GOTRACEBACK=all")
		words, _ := ran(cmd)
		say(words, "panic: ", "main.waitInCompany(")
		result("the backtrace shows the goroutine that waits: %t", strings.Contains(words, "main.waitInCompany("))
		return
	}
	where, remove := folder()
	defer remove()
	core, ended := crash(self("core_read_by_dlv", false), where, unlimited, "GOTRACEBACK=crash")
	if core == "" {
		missing("core", "none was written: "+ended)
	}
	path, err := os.Executable()
	must(err)
	orders := filepath.Join(where, "orders")
	must(os.WriteFile(orders, []byte("goroutines\nexit\n"), 0o600))
	dlv.Args = append(dlv.Args, "core", path, core, "--allow-non-terminal-interactive=true", "--init", orders)
	dlv.Env = append(os.Environ(), "HOME="+where)
	words, _ := ran(dlv)
	say(words, "too old", "main.waitInCompany")
	shows, refuses := strings.Contains(words, "main.waitInCompany"), strings.Contains(words, "too old for Go")
	result("shows the goroutine that waits, or refuses a Go that is too new for it: %t", shows != refuses)
}
