package main

// The claim: netstat shows which requests hang, by their ESTABLISHED.
//
// What to look for: a connection whose request nobody answers and one that idles in
// the pool are the same to netstat: ESTABLISHED, with empty queues. What netstat
// does show is that a limit has struck, because Go then closes the connection.
//
// The rule: what waits is told by the goroutines (pprof, debug=2) or by the client's
// own measurements; netstat tells how a connection ended.
//
// Source: https://man7.org/linux/man-pages/man8/netstat.8.html; https://pkg.go.dev/net/http#Client

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"
)

func init() {
	register("timeout_in_netstat", program{
		bad:  func() { result("%d connections, one of which waits", len(waitAndIdle(nil))) },
		good: func() { result("given up: %t", giveUp(nil)) },
		tool: statesByNetstat,
	})
}

// connections answers at /, and nothing at /never until it is released.
type connections struct {
	server   *httptest.Server
	client   *http.Client
	local    []net.Addr
	arrived  chan struct{}
	released chan struct{}
}

func connect() *connections {
	it := &connections{arrived: make(chan struct{}), released: make(chan struct{})}
	it.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/never" {
			close(it.arrived)
			<-it.released
		}
		fmt.Fprint(w, "ok")
	}))
	it.client = &http.Client{Transport: &http.Transport{Dial: func(network, to string) (net.Conn, error) {
		conn, err := net.Dial(network, to)
		if err == nil {
			it.local = append(it.local, conn.LocalAddr())
		}
		return conn, err
	}}}
	return it
}

func (it *connections) get(ctx context.Context, path string) error {
	request, err := http.NewRequestWithContext(ctx, "GET", it.server.URL+path, nil)
	must(err)
	response, err := it.client.Do(request)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, response.Body)
	must(err)
	return response.Body.Close()
}

func (it *connections) close() {
	close(it.released)
	it.client.CloseIdleConnections()
	it.server.Close()
}

// waitAndIdle shows a connection that waits for its answer, and one that idles.
func waitAndIdle(show func(waits, idles, server net.Addr)) []net.Addr {
	it := connect()
	done := make(chan error)
	go func() { done <- it.get(context.Background(), "/never") }()
	<-it.arrived
	must(it.get(context.Background(), "/"))
	local := it.local
	if show != nil {
		show(local[0], local[1], it.server.Listener.Addr())
	}
	it.close()
	must(<-done)
	return local
}

// giveUp shows a connection whose request was given up when the server had it, as a
// time limit does.
func giveUp(show func(client, server net.Addr)) bool {
	it := connect()
	defer it.close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		<-it.arrived
		cancel()
	}()
	err := it.get(ctx, "/never")
	if show != nil {
		show(it.local[0], it.server.Listener.Addr())
	}
	return err != nil
}

func statesByNetstat(good bool) {
	if good {
		giveUp(func(client, server net.Addr) {
			state := stateByNetstat(client, server)
			for i := 0; i < 100 && strings.Contains(state, "ESTABLISHED"); i++ {
				time.Sleep(50 * time.Millisecond)
				state = stateByNetstat(client, server)
			}
			fmt.Println(state)
			result("the client has closed it: %t", !strings.Contains(state, "ESTABLISHED"))
		})
		return
	}
	waitAndIdle(func(waits, idles, server net.Addr) {
		var one, other string
		// Until the request is acknowledged, it stands in the queue.
		same := false
		for i := 0; i < 100 && !same; i++ {
			one, other = stateByNetstat(waits, server), stateByNetstat(idles, server)
			same = strings.ReplaceAll(one, waits.String(), "") == strings.ReplaceAll(other, idles.String(), "")
			if !same {
				time.Sleep(50 * time.Millisecond)
			}
		}
		if !strings.Contains(one+other, "ESTABLISHED") {
			missing("netstat", "it does not show this program's connections")
		}
		fmt.Println(one)
		fmt.Println(other)
		result("tells the one that waits from the one that idles: %t", !same)
	})
}

// stateByNetstat is its line of the client's side of a connection, without the blanks
// between its columns.
func stateByNetstat(client, server net.Addr) string {
	words, err := ran(tool("netstat", "-tn"))
	if err != nil {
		missing("netstat", words)
	}
	for _, line := range strings.Split(words, "\n") {
		if columns := strings.Fields(line); len(columns) > 5 && columns[3] == client.String() && columns[4] == server.String() {
			return strings.Join(columns, " ")
		}
	}
	return client.String() + " is gone"
}
