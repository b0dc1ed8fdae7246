package main

// The mistake: a Go function is meant to be called by C, and its //export is missing
// (or has a space after the slashes, and is a comment).
//
// What to look for: no crash at run time, as is said, but the linker's complaint:
// C calls a function that nobody has made. A function that is exported from a package
// other than main is fine.
//
// The rule: //export NAME, without a space, in the line above the function.
//
// Source: https://pkg.go.dev/cmd/cgo#hdr-C_references_to_Go

/*
extern int goDouble(int number);

static int ask(int number) { return goDouble(number); }
*/
import "C"

import "fmt"

// export goDouble
func goDouble(number C.int) C.int { return 2 * number }

func main() {
	fmt.Println("RESULT", C.ask(21))
}
