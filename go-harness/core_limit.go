package main

// The claim: GOTRACEBACK=crash leaves a core file.
//
// What to look for: it ends the process with SIGABRT, and whether that leaves a core
// is the system's decision: not while the limit is 0 (`ulimit -c`), as it is by
// default. With the limit raised there is one, where core_pattern says.
//
// The rule: GOTRACEBACK=crash and `ulimit -c unlimited` belong together; see
// core_pattern for where the file goes.
//
// Source: https://pkg.go.dev/runtime#hdr-Environment_Variables; https://man7.org/linux/man-pages/man5/core.5.html

import (
	"fmt"
)

func init() {
	register("core_limit", program{
		bad:  func() { panic("boom for a core") },
		good: func() { result("no crash, no core") },
		tool: lookForCore,
	})
}

func lookForCore(good bool) {
	where, remove := folder()
	defer remove()
	limit := uint64(0)
	if good {
		limit = unlimited
	}
	path, ended := crash(self("core_limit", false), where, limit, "GOTRACEBACK=crash")
	fmt.Println(ended)
	result("GOTRACEBACK=crash, limit raised: %t; a core: %t", good, path != "")
}
