package main

// The claim: GODEBUG=schedtrace=1000 shows goroutines that race for a variable.
//
// What to look for: it counts processors, threads and goroutines that wait to run.
// It knows neither functions nor variables, and says the same of the right
// counterpart. -race names both accesses.
//
// The rule: a race is looked for with -race; schedtrace tells whether the scheduler
// has enough to do.
//
// Source: https://pkg.go.dev/runtime#hdr-Environment_Variables; https://go.dev/doc/articles/race_detector

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

func init() {
	register("schedtrace_of_a_race", program{bad: countUnguarded, good: countAtomically, tool: readSchedtrace})
}

var tally int64

func countUnguarded() {
	countTwice(func() { tally++ })
}

func countAtomically() {
	countTwice(func() { atomic.AddInt64(&tally, 1) })
}

func countTwice(count func()) {
	var both sync.WaitGroup
	for i := 0; i < 2; i++ {
		both.Add(1)
		go func() {
			defer both.Done()
			for i := 0; i < 1000; i++ {
				count()
			}
		}()
	}
	both.Wait()
	time.Sleep(20 * time.Millisecond)
	result("counted")
}

func readSchedtrace(good bool) {
	var words, first string
	for i := 0; i < 50 && first == ""; i++ {
		cmd := self("schedtrace_of_a_race", good)
		cmd.Env = append(os.Environ(), "GODEBUG=schedtrace=5")
		words, _ = ran(cmd)
		for _, line := range strings.Split(words, "\n") {
			if first == "" && strings.HasPrefix(line, "SCHED ") {
				first = line
			}
		}
	}
	// How many of the lists at the end there are is the machine's affair.
	fmt.Println(strings.Split(first, " [")[0])
	names := strings.Contains(words, "main.") || strings.Contains(words, "tally")
	result("schedtrace counts: %t; names a function or a variable: %t", strings.Contains(first, "runqueue="), names)
}
