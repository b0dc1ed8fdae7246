package main

import (
	"os"
	"path/filepath"
	"strings"
)

// compiled is what the compiler remarks on a source, line by line, without its own
// name for the file.
func compiled(source string, flags ...string) []string {
	where, remove := folder()
	defer remove()
	path := filepath.Join(where, "source.go")
	must(os.WriteFile(path, []byte(source), 0o600))
	args := append([]string{"tool", "compile", "-p", "main", "-o", filepath.Join(where, "out")}, flags...)
	cmd := goTool(append(args, path)...)
	cmd.Dir = where
	words, err := ran(cmd)
	if err != nil {
		panic(words)
	}
	var lines []string
	for _, line := range strings.Split(words, "\n") {
		if at := strings.Index(line, "source.go:"); at >= 0 {
			lines = append(lines, line[at:])
		}
	}
	return lines
}

// having are the lines that have a word.
func having(lines []string, word string) (found []string) {
	for _, line := range lines {
		if strings.Contains(line, word) {
			found = append(found, line)
		}
	}
	return found
}
