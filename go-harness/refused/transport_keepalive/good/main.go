// Command good names both: how long an idle connection stays, and how often it is probed.
package main

import (
	"fmt"
	"net"
	"net/http"
	"time"
)

func main() {
	dialer := &net.Dialer{KeepAlive: 30 * time.Second}
	transport := &http.Transport{DialContext: dialer.DialContext, IdleConnTimeout: 90 * time.Second}
	fmt.Println("RESULT idle connections stay", transport.IdleConnTimeout, "and are probed every", dialer.KeepAlive)
}
