package main

// The mistake: a goroutine sends its answer to a channel without a buffer, and
// whoever asked has stopped waiting.
//
// What to look for: a number of goroutines that only grows, in "chan send". The
// profile of leaked goroutines (Go 1.27, and 1.26 as an experiment) counts every
// one: nobody holds the other end.
//
// The rule: a channel for one answer has room for it, or the sender watches a
// context too.
//
// Source: https://go.dev/ref/spec#Channel_types; https://go.dev/blog/pipelines;
// https://pkg.go.dev/runtime/pprof

import (
	"runtime"
	"strings"
)

func init() {
	register("blocked_send_leak", program{bad: answerNobody, good: answerWithRoom})
}

const askers = 50

func answerNobody() {
	before := runtime.NumGoroutine()
	for i := 0; i < askers; i++ {
		askAndLeave(make(chan int))
	}
	for strings.Count(stacks(), "[chan send") < askers {
		runtime.Gosched()
	}
	result("goroutines that nothing ends: %d; the profile of leaked ones %s",
		runtime.NumGoroutine()-before, leaked(askers))
}

func answerWithRoom() {
	before := runtime.NumGoroutine()
	for i := 0; i < askers; i++ {
		askAndLeave(make(chan int, 1))
	}
	awaitGoroutines(before)
	result("goroutines that nothing ends: %d; the profile of leaked ones %s",
		runtime.NumGoroutine()-before, leaked(askers))
}

func askAndLeave(answer chan int) {
	go func() { answer <- 42 }()
	// Its time is over: it returns without the answer.
}

func stacks() string {
	page := make([]byte, 1<<20)
	return string(page[:runtime.Stack(page, true)])
}
