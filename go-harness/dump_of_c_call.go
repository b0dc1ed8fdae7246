package main

// The claim: /debug/pprof/goroutine?debug=2 shows where a goroutine is stuck in C.
//
// What to look for: it shows the call into C and ends there, with the state
// "syscall": a goroutine's stack is Go's, and C runs on another one. Of a goroutine
// that waits for another it says all: for what, where, and who started it.
//
// The rule: debug=2 for what waits in Go; gdb or a core for what is stuck in C.
//
// Source: https://pkg.go.dev/net/http/pprof; https://pkg.go.dev/cmd/cgo

/*
#include <unistd.h>

static int at_work;

static __attribute__((noinline)) int dump_wait_inside(int from) {
	char one;
	__atomic_store_n(&at_work, 1, __ATOMIC_SEQ_CST);
	return (int)read(from, &one, 1);
}

static int dump_wait(int from) {
	int got = dump_wait_inside(from);
	__atomic_store_n(&at_work, 0, __ATOMIC_SEQ_CST);
	return got;
}

static int dump_at_work(void) { return __atomic_load_n(&at_work, __ATOMIC_SEQ_CST); }
*/
import "C"

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"strings"
)

func init() {
	register("dump_of_c_call", program{
		bad:  func() { result("the dump names the function of C: %t", strings.Contains(dumpOfC(), "wait_inside")) },
		good: func() { result("the dump names what it waits for: %t", strings.Contains(dumpOfGo(), "chan receive")) },
		tool: readDump,
	})
}

// whileInC looks while a goroutine is in C.
func whileInC(look func()) {
	reader, writer, err := os.Pipe()
	must(err)
	done := make(chan struct{})
	go waitInC(C.int(reader.Fd()), done)
	for C.dump_at_work() == 0 {
		runtime.Gosched()
	}
	look()
	must(writer.Close())
	<-done
	must(reader.Close())
}

func waitInC(from C.int, done chan<- struct{}) {
	C.dump_wait(from)
	close(done)
}

// whileWaiting looks while a goroutine waits for a word, or is about to.
func whileWaiting(look func()) {
	word, done := make(chan string), make(chan struct{})
	go waitForWord(word, done)
	look()
	word <- "go"
	<-done
}

func waitForWord(word <-chan string, done chan<- struct{}) {
	<-word
	close(done)
}

// dumpOfC is what the dump has of a goroutine that is in C.
func dumpOfC() (dump string) {
	whileInC(func() { dump = dumpOf("main.waitInC") })
	return dump
}

// dumpOfGo is what the dump has of a goroutine that waits for a word.
func dumpOfGo() (dump string) {
	whileWaiting(func() {
		for !strings.Contains(dump, "chan receive") {
			runtime.Gosched()
			dump = dumpOf("main.waitForWord")
		}
	})
	return dump
}

// dumpOf is the part of the dump that is about the goroutine in this function.
func dumpOf(function string) string {
	var all bytes.Buffer
	must(pprof.Lookup("goroutine").WriteTo(&all, 2))
	for _, one := range strings.Split(all.String(), "\n\n") {
		if strings.Contains(one, function+"(") {
			return one
		}
	}
	return ""
}

func readDump(good bool) {
	dump := ""
	if good {
		dump = dumpOfGo()
	} else {
		dump = dumpOfC()
	}
	for _, line := range strings.Split(dump, "\n") {
		// Places differ between machines.
		if !strings.HasPrefix(line, "\t") && line != "" {
			fmt.Println(line)
		}
	}
	result("in C: %t; names the function of C: %t; names what is waited for: %t",
		strings.Contains(dump, "_Cfunc_dump_wait("), strings.Contains(dump, "wait_inside"),
		strings.Contains(dump, "chan receive"))
}
