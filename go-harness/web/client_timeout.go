package main

// The claim: with IdleConnTimeout at 0, http.Client's Timeout does not work.
//
// What to look for: it does: "Client.Timeout exceeded". The one limits a request,
// the other how long a connection is kept that has none; 0 keeps it.
//
// The rule: a client has a Timeout, or each request a context with a deadline.
//
// Source: https://pkg.go.dev/net/http#Client; https://pkg.go.dev/net/http#Transport

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"time"
)

func init() {
	register("client_timeout", program{bad: limitClient, good: limitRequest})
}

// silent answers when the client has gone.
func silent(_ http.ResponseWriter, request *http.Request) {
	<-request.Context().Done()
}

func limitClient() {
	server := httptest.NewServer(http.HandlerFunc(silent))
	defer server.Close()
	client := http.Client{Timeout: 20 * time.Millisecond, Transport: &http.Transport{IdleConnTimeout: 0}}
	_, err := client.Get(server.URL)
	var timeout net.Error
	result("the client's limit ended it: %t", errors.As(err, &timeout) && timeout.Timeout())
}

func limitRequest() {
	server := httptest.NewServer(http.HandlerFunc(silent))
	defer server.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
	if err == nil {
		_, err = http.DefaultClient.Do(request)
	}
	result("the request's limit ended it: %t", errors.Is(err, context.DeadlineExceeded))
}
