package main

// The claim: a handler that writes to a plain map on the side, called by several
// goroutines with one and the same id, panics.
//
// What to look for: mostly nothing. The first answer is cached, and the others do
// not get as far as the map: what happens depends on how many look before it is
// there, so that no run proves anything, with -race or without. (It would be a fatal
// error and no panic.)
//
// The rule: a race that is seldom is a race. Try with what makes the paths meet: an
// id each, as map_hidden_in_cache does.
//
// Source: https://pkg.go.dev/sync#Map.LoadOrStore;
// https://go.dev/doc/articles/race_detector

import "sync"

func init() {
	register("map_hidden_same_id", program{bad: answerSameID, good: answerOnce})
}

func answerSameID() {
	var cache sync.Map
	settings := map[string]string{}
	together(8, func(int) {
		if _, known := cache.Load("user_123"); !known {
			settings["last_id"] = "user_123"
			cache.Store("user_123", len(settings))
		}
	})
	result("one id, answered by 8 goroutines: %d", len(settings))
}

func answerOnce() {
	var once sync.Once
	settings := map[string]string{}
	together(8, func(int) {
		once.Do(func() { settings["last_id"] = "user_123" })
	})
	result("one id, answered by 8 goroutines: %d", len(settings))
}
