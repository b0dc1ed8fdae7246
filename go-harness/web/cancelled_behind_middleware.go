package main

// The mistake: a handler starts a goroutine that goes on with the request's context
// when the request has been answered.
//
// What to look for: "context canceled" in whatever the goroutine does with it, from
// the moment that the timeout middleware returns. (Without one, net/http cancels
// it.)
//
// The rule: work that outlives the request has a limit of its own, and takes the
// values along: context.WithoutCancel since Go 1.21.
//
// Source: https://pkg.go.dev/net/http#Request.Context;
// https://pkg.go.dev/context#WithoutCancel

import (
	"context"
	"time"

	"github.com/gin-gonic/gin"
)

func init() {
	register("cancelled_behind_middleware", program{
		bad: goOnWith(func(request context.Context) (context.Context, context.CancelFunc) {
			return request, func() {}
		}),
		good: goOnWithItsOwn,
	})
}

func goOnWithItsOwn() {
	goOnWith(func(request context.Context) (context.Context, context.CancelFunc) {
		own := context.WithValue(context.Background(), userKey{}, request.Value(userKey{}))
		return context.WithTimeout(own, time.Minute)
	})()
}

func goOnWith(contextOf func(context.Context) (context.Context, context.CancelFunc)) func() {
	return func() {
		answered, done := make(chan struct{}), make(chan struct{})
		serve(
			withValue(userKey{}, "bob"),
			timeout(time.Minute),
			func(c *gin.Context) {
				ctx, cancel := contextOf(c.Request.Context())
				go func() {
					defer close(done)
					defer cancel()
					<-answered
					result("after the answer, for %v: %v", ctx.Value(userKey{}), ctx.Err())
				}()
			},
		)
		close(answered)
		<-done
	}
}
