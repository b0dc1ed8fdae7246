package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// What programs that are about a tool have in common. They print what the tool
// said, and their result is what they conclude from it. A tool that is not there,
// or may not do its work here, is no mistake: they say so, and the harness skips
// them by its name.

// self is the program itself, about to run the mistake or its right counterpart.
func self(slug string, good bool) *exec.Cmd {
	args := []string{"run", slug}
	if good {
		args = append(args, "--good")
	}
	path, err := os.Executable()
	must(err)
	return exec.Command(path, args...)
}

// tool is a command, about to be started.
func tool(name string, args ...string) *exec.Cmd {
	for _, folder := range []string{"", "/usr/sbin", "/sbin"} {
		if path, err := exec.LookPath(filepath.Join(folder, name)); err == nil {
			return exec.Command(path, args...)
		}
	}
	missing(name, "it is not on PATH")
	return nil
}

// goTool is the go command that built this program.
func goTool(args ...string) *exec.Cmd {
	return exec.Command(os.Getenv("HARNESS_GO"), args...)
}

// missing ends the program where it cannot have its tool.
func missing(name, reason string) {
	fmt.Printf("MISSING %s: %s\n", name, strings.ReplaceAll(reason, "\n", " "))
	os.Exit(69)
}

// ran is what a command wrote to both its outputs, and how it ended. One that does
// not end is killed after minutes.
func ran(cmd *exec.Cmd) (string, error) {
	var words bytes.Buffer
	cmd.Stdout, cmd.Stderr = &words, &words
	if err := cmd.Start(); err != nil {
		return "", err
	}
	late := time.AfterFunc(5*time.Minute, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	err := cmd.Wait()
	return words.String(), err
}

// say prints the lines that have one of the words; of long ones the beginning.
func say(text string, words ...string) {
	for _, line := range strings.Split(text, "\n") {
		for _, word := range words {
			if strings.Contains(line, word) {
				// Where a source lies differs between machines.
				line = strings.TrimSpace(strings.Split(line, " at /")[0])
				if len(line) > 120 {
					line = line[:120] + " ..."
				}
				fmt.Println(line)
				break
			}
		}
	}
}

// folder is a new one, and removed when the second is called.
func folder() (string, func()) {
	path, err := os.MkdirTemp("", "harness-")
	must(err)
	return path, func() { _ = os.RemoveAll(path) }
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
