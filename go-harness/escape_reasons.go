package main

// The claim: -m -m finds escapes that -m does not.
//
// What to look for: the verdicts are the same. The second -m adds why: how the
// address flows to where it outlives the function, and what inlining costs.
//
// The rule: -m for what goes to the heap, -m -m for one of them that is not
// understood.
//
// Source: https://go.dev/doc/gc-guide#Escape_analysis; https://pkg.go.dev/cmd/compile

import (
	"fmt"
	"strings"
)

func init() {
	register("escape_reasons", program{bad: countFarPoint, good: countNearPoint, tool: readReasons})
}

type farPoint struct{ x int }

//go:noinline
func newFarPoint() *farPoint {
	p := farPoint{x: 1}
	return &p
}

//go:noinline
func makeNearPoint() farPoint {
	p := farPoint{x: 1}
	return p
}

func countFarPoint()  { result("by address: %d", newFarPoint().x) }
func countNearPoint() { result("by value: %d", makeNearPoint().x) }

const (
	farSource = `package main

type point struct{ x int }

//go:noinline
func newPoint() *point {
	p := point{x: 1}
	return &p
}

func main() { println(newPoint().x) }
`
	nearSource = `package main

type point struct{ x int }

//go:noinline
func makePoint() point {
	p := point{x: 1}
	return p
}

func main() { println(makePoint().x) }
`
)

func readReasons(good bool) {
	source := farSource
	if good {
		source = nearSource
	}
	once, twice := compiled(source, "-m"), compiled(source, "-m", "-m")
	verdicts := having(once, "moved to heap")
	reasons := append(having(twice, "flow:"), having(twice, "from ")...)
	for _, line := range append(verdicts, reasons...) {
		fmt.Println(line)
	}
	same := strings.Join(verdicts, "\n") == strings.Join(having(twice, "moved to heap"), "\n")
	result("%d on the heap; the same verdicts: %t; reasons for them with -m -m: %t",
		len(verdicts), same, len(reasons) > 0)
}
