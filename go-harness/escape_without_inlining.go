package main

// The claim: -m -l shows what really escapes, because inlining hides it.
//
// What to look for: -l switches inlining off, and the analysis is then of another
// program. Here the call is inlined, the method behind the interface is known, and
// the variable stays on the stack; with -l it is moved to the heap. What is built
// and run has no -l.
//
// The rule: ask -m with the flags that the program is built with.
//
// Source: https://pkg.go.dev/cmd/compile; https://go.dev/doc/gc-guide#Escape_analysis

import "fmt"

func init() {
	register("escape_without_inlining", program{bad: sumThroughShape, good: sumDirectly, tool: readWithoutInlining})
}

type areaShape interface{ area(*int) }

type areaSquare struct{ side int }

func (s areaSquare) area(to *int) { *to = s.side * s.side }

func newAreaShape() areaShape { return areaSquare{3} }

func sumThroughShape() {
	n := 0
	newAreaShape().area(&n)
	result("through an interface: %d", n)
}

func sumDirectly() {
	n := 0
	areaSquare{3}.area(&n)
	result("directly: %d", n)
}

const (
	shapeSource = `package main

type shape interface{ area(*int) }

type square struct{ side int }

func (s square) area(to *int) { *to = s.side * s.side }

func newShape() shape { return square{3} }

//go:noinline
func total() int {
	n := 0
	newShape().area(&n)
	return n
}

func main() { println(total()) }
`
	squareSource = `package main

type square struct{ side int }

func (s square) area(to *int) { *to = s.side * s.side }

//go:noinline
func total() int {
	n := 0
	square{3}.area(&n)
	return n
}

func main() { println(total()) }
`
)

func readWithoutInlining(good bool) {
	source := shapeSource
	if good {
		source = squareSource
	}
	built, other := compiled(source, "-m"), compiled(source, "-m", "-l")
	for _, line := range append(having(built, "inlining call"), having(other, "moved to heap")...) {
		fmt.Println(line)
	}
	result("moved to the heap, as it is built: %t; with -l: %t",
		len(having(built, "moved to heap: n")) > 0, len(having(other, "moved to heap: n")) > 0)
}
