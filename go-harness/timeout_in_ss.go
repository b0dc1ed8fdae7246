package main

// The claim: `ss -i` shows whether Client.Timeout and IdleConnTimeout are in force.
//
// What to look for: a connection with both of them, an hour each, has no timer in
// ss. They are timers of Go's run-time, which the kernel does not know; what ss
// shows (rto, rtt, cwnd) is TCP's own. The one limit that it shows is the kernel's,
// with -o: the keep-alive probes that net.Dialer asks for.
//
// The rule: a time limit of Go's is tested by a server that does not answer; ss and
// netstat are for what the kernel keeps.
//
// Source: https://pkg.go.dev/net/http#Transport; https://man7.org/linux/man-pages/man8/ss.8.html; https://pkg.go.dev/net#Dialer

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"
)

func init() {
	register("timeout_in_ss", program{
		bad:  func() { result("answered: %s", keepIdle(-1, nil)) },
		good: func() { result("answered: %s", keepIdle(time.Hour, nil)) },
		tool: timersBySs,
	})
}

// keepIdle makes a request, and shows the connection that stays.
func keepIdle(keepAlive time.Duration, show func(client, server net.Addr)) (status string) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }))
	defer server.Close()
	var address net.Addr
	transport := &http.Transport{
		IdleConnTimeout: time.Hour,
		Dial: func(network, to string) (net.Conn, error) {
			conn, err := (&net.Dialer{KeepAlive: keepAlive}).Dial(network, to)
			if err == nil {
				address = conn.LocalAddr()
			}
			return conn, err
		},
	}
	defer transport.CloseIdleConnections()
	client := &http.Client{Timeout: time.Hour, Transport: transport}
	response, err := client.Get(server.URL)
	must(err)
	_, err = io.Copy(io.Discard, response.Body)
	must(err)
	must(response.Body.Close())
	if show != nil {
		show(address, server.Listener.Addr())
	}
	return response.Status
}

func timersBySs(good bool) {
	keepAlive := time.Duration(-1)
	if good {
		keepAlive = time.Hour
	}
	keepIdle(keepAlive, func(client, server net.Addr) {
		words, err := ran(tool("ss", "-tino", "src", client.String(), "dst", server.String()))
		if err != nil || !strings.Contains(words, "ESTAB") {
			missing("ss", "it does not show this program's connection")
		}
		say(words, "ESTAB", "rto:")
		result("ss shows a time limit: %t", strings.Contains(words, "timer:(keepalive"))
	})
}
