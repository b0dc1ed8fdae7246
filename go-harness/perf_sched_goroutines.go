package main

// The claim: `perf sched` shows how long goroutines wait for a processor.
//
// What to look for: it shows threads, by the names that the kernel has for them: of
// a hundred goroutines nothing is to be seen but the threads that ran them. A
// goroutine that has locked its thread, and has named it, is found.
//
// The rule: `go tool trace` for goroutines, perf for threads.
//
// Source: https://man7.org/linux/man-pages/man1/perf-sched.1.html; https://pkg.go.dev/cmd/trace

/*
#define _GNU_SOURCE
#include <sys/prctl.h>
#include <unistd.h>

static int name_thread(const char *name) { return prctl(PR_SET_NAME, name, 0, 0, 0); }
static void nap(void) { usleep(2000); }
*/
import "C"

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
)

func init() {
	register("perf_sched_goroutines", program{bad: takeTurns, good: takeNamedThread, tool: readPerfSched})
}

func takeTurns() {
	var all sync.WaitGroup
	for i := 0; i < 100; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for i := 0; i < 10; i++ {
				runtime.Gosched()
			}
		}()
	}
	all.Wait()
	result("a hundred took turns")
}

func takeNamedThread() {
	done := make(chan struct{})
	go func() {
		// The thread ends with the goroutine that never unlocks it.
		runtime.LockOSThread()
		name := []byte("hz-worker\x00")
		C.name_thread(cstring(name))
		for i := 0; i < 5; i++ {
			C.nap()
		}
		close(done)
	}()
	<-done
	result("one had a thread of its own")
}

func readPerfSched(good bool) {
	where, remove := folder()
	defer remove()
	path := filepath.Join(where, "perf.data")
	cmd := self("perf_sched_goroutines", good)
	words, err := ran(tool("perf", append([]string{"sched", "record", "-q", "-o", path, "--"}, cmd.Args...)...))
	if err != nil {
		missing("perf", "it may not record here: "+words)
	}
	words, err = ran(tool("perf", "sched", "latency", "-i", path))
	own := filepath.Base(os.Args[0])
	if err != nil || !strings.Contains(words, own) {
		missing("perf", "it shows nothing of this program")
	}
	say(words, "Task ", own+":", "hz-worker:")
	result("shows threads: true; a function of a goroutine: %t; a thread that was named: %t",
		strings.Contains(words, "main."), strings.Contains(words, "hz-worker"))
}
