package main

// The mistake: a heartbeat writes to a connection for ever, because nothing ends its
// loop: not the connection's end, whose error is ignored.
//
// What to look for: a number of goroutines that only grows. The deferred ticker.Stop
// that is blamed for it is right, and is never reached. The profile of leaked
// goroutines does not count them: a goroutine that a timer wakes can go on.
//
// The rule: who starts a goroutine knows what ends it: an error, a channel that is
// closed, a context.
//
// Source: https://pkg.go.dev/time#NewTicker; https://go.dev/blog/pipelines;
// https://pkg.go.dev/runtime/pprof#Profile;
// https://go.dev/doc/go1.26#goroutineleak-profiles

import (
	"fmt"
	"net"
	"runtime"
	"runtime/pprof"
	"strings"
	"time"
)

func init() {
	register("heartbeat_leak", program{bad: beatForEver, good: beatWhileHeard})
}

const heartbeats = 50

// A peer that has gone, and who tried to reach it.
type deadPeer struct {
	net.Conn
	tried chan error
}

func newDeadPeer() *deadPeer {
	near, far := net.Pipe()
	near.Close()
	far.Close()
	return &deadPeer{Conn: near, tried: make(chan error, 2)}
}

func (p *deadPeer) Write(text []byte) (int, error) {
	count, err := p.Conn.Write(text)
	select {
	case p.tried <- err:
	default: // nobody counts any more
	}
	return count, err
}

func beatForEver() {
	before := runtime.NumGoroutine()
	for i := 0; i < heartbeats; i++ {
		peer := newDeadPeer()
		go startHeartbeat(peer)
		// It has failed, and goes on.
		<-peer.tried
		<-peer.tried
	}
	result("goroutines that nothing ends: %d; the profile of leaked ones %s",
		runtime.NumGoroutine()-before, leaked(heartbeats))
}

func startHeartbeat(conn net.Conn) {
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for range ticker.C {
		conn.Write([]byte("PING"))
	}
}

func beatWhileHeard() {
	before := runtime.NumGoroutine()
	for i := 0; i < heartbeats; i++ {
		peer, ended := newDeadPeer(), make(chan struct{})
		go func() {
			defer close(ended)
			beat(peer)
		}()
		<-peer.tried
		<-ended
	}
	awaitGoroutines(before)
	result("goroutines that nothing ends: %d; the profile of leaked ones %s",
		runtime.NumGoroutine()-before, leaked(heartbeats))
}

func beat(conn net.Conn) {
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for range ticker.C {
		if _, err := conn.Write([]byte("PING")); err != nil {
			return
		}
	}
}

// awaitGoroutines waits until no more than so many are left: one that has closed its channel is
// still there for a moment.
func awaitGoroutines(left int) {
	for runtime.NumGoroutine() > left {
		runtime.Gosched()
	}
}

// leaked is what the profile of goroutines says that wait for what nobody can do any
// more. Go 1.27 has it, 1.26 as an experiment, and older ones have not.
func leaked(expected int) string {
	profile := pprof.Lookup("goroutineleak")
	if profile == nil {
		return "does not exist in this Go"
	}
	var page strings.Builder
	if err := profile.WriteTo(&page, 1); err != nil {
		return err.Error()
	}
	var total int
	if _, err := fmt.Sscanf(page.String(), "goroutineleak profile: total %d", &total); err != nil {
		return err.Error()
	}
	switch total {
	case 0:
		return "has none of them"
	case expected:
		return "has all of them"
	default:
		return "has some of them"
	}
}
