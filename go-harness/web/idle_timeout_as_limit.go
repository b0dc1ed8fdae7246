package main

// The mistake: Transport.IdleConnTimeout is set in the belief that it limits a
// request.
//
// What to look for: nothing tells: a server that does not answer is waited for,
// however short it is. It begins when the response has been read, and ends an idle
// connection.
//
// The rule: http.Client.Timeout, or a context with a deadline. For a phase of a
// request the Transport has ResponseHeaderTimeout and TLSHandshakeTimeout, and the
// Dialer has Timeout.
//
// Source: https://pkg.go.dev/net/http#Transport; https://pkg.go.dev/net/http#Client

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"time"
)

func init() {
	register("idle_timeout_as_limit", program{bad: limitIdle, good: limitWhole})
}

const idleLimit = time.Millisecond

func limitIdle() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(20 * idleLimit) // slow, and that is all
		io.WriteString(w, "at last")
	}))
	defer server.Close()
	client := http.Client{Transport: &http.Transport{IdleConnTimeout: idleLimit}}
	response, err := client.Get(server.URL)
	if err != nil {
		result("the request ended: %v", err)
		return
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	result("after twenty times the limit there is an answer: %s, %v", text, err)
}

func limitWhole() {
	server := httptest.NewServer(http.HandlerFunc(silent))
	defer server.Close()
	client := http.Client{Timeout: 20 * idleLimit}
	_, err := client.Get(server.URL)
	var timeout net.Error
	result("the request's limit ended it: %t", errors.As(err, &timeout) && timeout.Timeout())
}
