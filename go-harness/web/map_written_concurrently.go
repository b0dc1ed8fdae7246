package main

// The mistake: goroutines write to one map without a lock.
//
// What to look for: "fatal error: concurrent map writes", where the run-time comes
// across it: it is no panic, and recover does not help. Where it does not, a write
// is lost or the map is damaged. -race reports every two writes that nothing orders,
// whether they met or not.
//
// The rule: a map that is written to has a mutex beside it, or one goroutine that
// owns it.
//
// Source: https://go.dev/doc/faq#atomic_maps;
// https://go.dev/doc/articles/race_detector; https://go.dev/ref/mem

import "sync"

func init() {
	register("map_written_concurrently", program{bad: countUnlocked, good: countLocked})
}

func countUnlocked() {
	counts := map[int]int{}
	together(8, func(int) {
		defer func() { _ = recover() }()
		for i := 0; i < rounds; i++ {
			counts[i%1024]++
		}
	})
	result("additions that got lost: %d of %d", 8*rounds-total(counts), 8*rounds)
}

func countLocked() {
	counts := map[int]int{}
	var lock sync.Mutex
	together(8, func(int) {
		for i := 0; i < rounds; i++ {
			lock.Lock()
			counts[i%1024]++
			lock.Unlock()
		}
	})
	result("additions that got lost: %d of %d", 8*rounds-total(counts), 8*rounds)
}

func total(counts map[int]int) int {
	sum := 0
	for _, count := range counts {
		sum += count
	}
	return sum
}
