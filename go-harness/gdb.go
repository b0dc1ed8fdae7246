package main

import (
	"os/exec"
	"strings"
)

// debugged is what gdb says while it runs a command, following orders.
func debugged(cmd *exec.Cmd, orders ...string) string {
	args := []string{"-nx", "-batch", "-iex", "set auto-load no"}
	for _, order := range orders {
		args = append(args, "-ex", order)
	}
	words, _ := ran(tool("gdb", append(append(args, "--args"), cmd.Args...)...))
	// Containers and hardened kernels forbid it.
	for _, refusal := range []string{"ptrace: Operation not permitted", "Could not trace the inferior", "Cannot create process"} {
		if strings.Contains(words, refusal) {
			missing("gdb", "it may trace nothing here: "+refusal)
		}
	}
	return words
}
