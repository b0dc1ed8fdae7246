package main

// The mistake: a handler asks another server, and the request that it sends does not
// carry the context of the one that it answers.
//
// What to look for: nothing tells. Whoever asked has gone, and the work that nobody
// waits for is done all the same; only the client's own Timeout, if there is one,
// ends it.
//
// The rule: http.NewRequestWithContext(c.Request.Context(), ...). http.NewRequest
// and http.Get have the background's context, which never ends.
//
// Source: https://pkg.go.dev/net/http#NewRequestWithContext;
// https://go.dev/blog/context

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"

	"github.com/gin-gonic/gin"
)

func init() {
	register("outgoing_without_context", program{
		bad: askFor(func(_ context.Context, url string) (*http.Request, error) {
			return http.NewRequest(http.MethodGet, url, nil)
		}),
		good: askInItsContext,
	})
}

func askInItsContext() {
	askFor(func(ctx context.Context, url string) (*http.Request, error) {
		return http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	})()
}

func askFor(newRequest func(context.Context, string) (*http.Request, error)) func() {
	return func() {
		var asked int32
		other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			atomic.AddInt32(&asked, 1)
		}))
		defer other.Close()
		var ended error
		serve(
			hangUp,
			func(c *gin.Context) {
				request, err := newRequest(c.Request.Context(), other.URL)
				if err != nil {
					panic(err)
				}
				response, err := http.DefaultClient.Do(request)
				if err != nil {
					ended = err
					return
				}
				response.Body.Close()
			},
		)
		result("for nobody, the other server was asked %d times; cancelled: %t",
			atomic.LoadInt32(&asked), errors.Is(ended, context.Canceled))
	}
}

// hangUp is what net/http does to a request whose client has closed the connection.
func hangUp(c *gin.Context) {
	ctx, cancel := context.WithCancel(c.Request.Context())
	cancel()
	c.Request = c.Request.WithContext(ctx)
}
