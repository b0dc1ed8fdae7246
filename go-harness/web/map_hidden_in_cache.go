package main

// The mistake: results are kept in a sync.Map, and what computes them writes to a
// plain map on the side.
//
// What to look for: "DATA RACE" under -race, of the line that nobody thought of.
// Without it, "fatal error: concurrent map writes" under load, or nothing.
//
// The rule: a lock protects what it is named beside. That one container is safe says
// nothing of what the functions do that fill it.
//
// Source: https://pkg.go.dev/sync#Map; https://go.dev/doc/articles/race_detector

import (
	"strconv"
	"sync"
)

func init() {
	register("map_hidden_in_cache", program{
		bad: answerAll(func(settings map[string]string, _ *sync.Mutex, id string) {
			settings["last_id"] = id
		}),
		good: answerAllLocked,
	})
}

func answerAllLocked() {
	answerAll(func(settings map[string]string, lock *sync.Mutex, id string) {
		lock.Lock()
		defer lock.Unlock()
		settings["last_id"] = id
	})()
}

// answerAll answers under an id each, by computing what the cache does not have. All of
// them have looked into it before the first computes: the cache's own locks
// would put them in an order otherwise, in which -race has nothing to report.
func answerAll(note func(map[string]string, *sync.Mutex, string)) func() {
	return func() {
		const workers = 8
		var cache sync.Map
		var lock sync.Mutex
		settings := map[string]string{}
		var looked sync.WaitGroup
		looked.Add(workers)
		together(workers, func(worker int) {
			for i := 0; i < rounds; i++ {
				id := strconv.Itoa(worker) + "-" + strconv.Itoa(i%16)
				_, known := cache.Load(id)
				if i == 0 {
					looked.Done()
					looked.Wait()
				}
				if !known || i >= 16 {
					note(settings, &lock, id)
					cache.Store(id, len(id))
				}
			}
		})
		result("answered by 8 goroutines, and settings written on the side: %d", len(settings))
	}
}
