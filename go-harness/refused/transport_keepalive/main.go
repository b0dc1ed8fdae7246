package main

// The claim: http.Transport{KeepAlive: …} sets how long connections are kept.
//
// What to look for: there is no such field. How long an idle connection is kept is
// IdleConnTimeout; whether any is, DisableKeepAlives; and KeepAlive is a field of
// net.Dialer, which asks the kernel for probes.
//
// The rule: keep-alive of HTTP (a connection for several requests) and keep-alive of
// TCP (probes on one that is silent) are two things; name the one that is meant.
//
// Source: https://pkg.go.dev/net/http#Transport; https://pkg.go.dev/net#Dialer

import (
	"fmt"
	"net/http"
	"time"
)

func main() {
	transport := &http.Transport{KeepAlive: 30 * time.Second}
	fmt.Println("RESULT", transport)
}
