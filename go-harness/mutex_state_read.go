package main

// The mistake: whether a sync.Mutex is locked is read out of its first word.
//
// What to look for: the word also counts who waits, so that "1 is locked" is wrong
// as soon as somebody does. It is a data race, which -race reports; checkptr has
// nothing against it.
//
// The rule: TryLock asks and takes in one step. That something is locked is old news
// to whoever only asks.
//
// Source: https://pkg.go.dev/sync#Mutex.TryLock;
// https://go.dev/src/internal/sync/mutex.go; https://go.dev/ref/mem

import (
	"runtime"
	"sync"
	"unsafe"
)

func init() {
	register("mutex_state_read", program{bad: readState, good: tryLock})
}

//go:noinline
func stateOf(lock *sync.Mutex) int32 {
	return *(*int32)(unsafe.Pointer(lock))
}

func readState() {
	var lock sync.Mutex
	lock.Lock()
	done := waitToLock(&lock)
	// Until the other one waits.
	for stateOf(&lock) == 1 {
		runtime.Gosched()
	}
	locked := stateOf(&lock) == 1
	lock.Unlock()
	<-done
	result("it is locked, and by its state it is: %t", locked)
}

func tryLock() {
	var lock sync.Mutex
	lock.Lock()
	done := waitToLock(&lock)
	locked := !lock.TryLock()
	lock.Unlock()
	<-done
	result("it is locked, and by TryLock it is: %t", locked)
}

func waitToLock(lock *sync.Mutex) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		lock.Lock()
		defer close(done)
		lock.Unlock()
	}()
	return done
}
