package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

const unlimited = ^uint64(0)

// crash runs a command in a folder, allowed so much of a core, and says where the
// core is, if there is one, and how the command ended.
func crash(cmd *exec.Cmd, where string, limit uint64, environment ...string) (core, ended string) {
	pattern, err := os.ReadFile("/proc/sys/kernel/core_pattern")
	if err != nil || strings.ContainsAny(string(pattern), "|/") {
		missing("core", "this system takes cores elsewhere: "+strings.TrimSpace(string(pattern)))
	}
	var most syscall.Rlimit
	must(syscall.Getrlimit(syscall.RLIMIT_CORE, &most))
	if limit != 0 && most.Max == 0 {
		missing("core", "the hard limit is 0")
	}
	if limit > most.Max {
		limit = most.Max
	}
	must(syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{Cur: limit, Max: most.Max}))
	cmd.Dir = where
	cmd.Env = append(os.Environ(), environment...)
	words, _ := ran(cmd)
	say(words, "panic: ", "[signal")
	found, err := filepath.Glob(filepath.Join(where, "*core*"))
	must(err)
	if len(found) > 0 {
		core = found[0]
	}
	return core, cmd.ProcessState.String()
}
