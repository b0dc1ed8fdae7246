package main

// The claim: sync.Map has a shorter P99 than a map under an RWMutex, so it is the
// better cache.
//
// What to look for: the figures, which change from one machine and one mixture to
// the next: how many read, how many write, and whether the keys are new. No figure
// decides it for another program.
//
// The rule: sync.Map where keys are written once and read often, or each goroutine
// has keys of its own; else a map and a mutex; and measure before changing one for
// the other.
//
// Source: https://pkg.go.dev/sync#Map

import (
	"fmt"
	"sort"
	"sync"
	"time"
)

func init() {
	register("rwmutex_or_sync_map", program{
		bad:  func() { compareMaps(func(m shared) int { return len(latencies(m, 200, 2)) }) },
		good: func() { compareMaps(func(m shared) int { return len(latencies(m, 200, 100)) }) },
		tool: measureMaps,
	})
}

type shared interface {
	load(key int) (int, bool)
	store(key, value int)
}

type guardedMap struct {
	lock sync.RWMutex
	all  map[int]int
}

func (m *guardedMap) load(key int) (int, bool) {
	m.lock.RLock()
	defer m.lock.RUnlock()
	value, known := m.all[key]
	return value, known
}

func (m *guardedMap) store(key, value int) {
	m.lock.Lock()
	defer m.lock.Unlock()
	m.all[key] = value
}

type syncMap struct{ all sync.Map }

func (m *syncMap) load(key int) (int, bool) {
	value, known := m.all.Load(key)
	if !known {
		return 0, false
	}
	return value.(int), true
}

func (m *syncMap) store(key, value int) { m.all.Store(key, value) }

func compareMaps(of func(shared) int) {
	one, other := of(&guardedMap{all: map[int]int{}}), of(&syncMap{})
	result("both did the same: %t", one == other)
}

// latencies is what each of so many reads took, sorted; a new key is written by
// every `each`th turn of each of four goroutines.
func latencies(m shared, turns, each int) (all []time.Duration) {
	const workers = 4
	var lock sync.Mutex
	var done sync.WaitGroup
	for worker := 0; worker < workers; worker++ {
		done.Add(1)
		go func(worker int) {
			defer done.Done()
			var own []time.Duration
			for i := 0; i < turns; i++ {
				if i%each == 0 {
					m.store(worker*turns+i, i)
				}
				start := time.Now()
				m.load(worker*turns + i)
				own = append(own, time.Since(start))
			}
			lock.Lock()
			defer lock.Unlock()
			all = append(all, own...)
		}(worker)
	}
	done.Wait()
	sort.Slice(all, func(i, j int) bool { return all[i] < all[j] })
	return all
}

func measureMaps(good bool) {
	each := 2
	if good {
		each = 1000
	}
	const turns = 50000
	percentile := func(m shared) (p50, p99 time.Duration) {
		all := latencies(m, turns, each)
		return all[len(all)/2], all[len(all)*99/100]
	}
	for run := 0; run < 3; run++ {
		lock50, lock99 := percentile(&guardedMap{all: map[int]int{}})
		sync50, sync99 := percentile(&syncMap{})
		fmt.Printf("RWMutex P50 %d ns, P99 %d ns; sync.Map P50 %d ns, P99 %d ns\n",
			lock50.Nanoseconds(), lock99.Nanoseconds(), sync50.Nanoseconds(), sync99.Nanoseconds())
	}
	result("measured, with a new key in every %d turns", each)
}
