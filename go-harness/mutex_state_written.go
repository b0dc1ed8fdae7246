package main

// The mistake: a sync.Mutex is "unlocked" by writing zero to its first word.
//
// What to look for: "sync: unlock of unlocked mutex" from whoever held it, which is
// a fatal error: recover does not catch it.
//
// The rule: who locks unlocks, with defer. No other state of a lock is anybody's
// affair.
//
// Source: https://pkg.go.dev/sync#Mutex.Unlock;
// https://go.dev/src/internal/sync/mutex.go

import (
	"sync"
	"unsafe"
)

func init() {
	register("mutex_state_written", program{bad: clearState, good: unlockOnce})
}

func clearState() {
	var lock sync.Mutex
	lock.Lock()
	*(*int32)(unsafe.Pointer(&lock)) = 0
	defer func() { result("recovered: %v", recover()) }()
	lock.Unlock()
}

func unlockOnce() {
	var lock sync.Mutex
	lock.Lock()
	defer func() { result("recovered: %v", recover()) }()
	lock.Unlock()
}
