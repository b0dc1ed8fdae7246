package main

// The claim: "defer cancel()" in a timeout middleware fires before the handler has
// ended, and a cancelled context's Value answers nil.
//
// What to look for: neither happens. Next returns when the handlers have, and only
// then the deferred call runs; a context keeps its values for good.
//
// The rule: defer cancel() is right. What goes on after the handlers needs a context
// of its own: see cancelled_behind_middleware.
//
// Source: https://pkg.go.dev/context#WithTimeout;
// https://pkg.go.dev/github.com/gin-gonic/gin#Context.Next

import (
	"context"
	"time"

	"github.com/gin-gonic/gin"
)

func init() {
	register("cancel_in_middleware", program{bad: lookWhileHandled, good: stopAtDeadline})
}

// timeout gives the handlers behind it so long.
func timeout(limit time.Duration) gin.HandlerFunc {
	return func(c *gin.Context) {
		ctx, cancel := context.WithTimeout(c.Request.Context(), limit)
		defer cancel()
		c.Request = c.Request.WithContext(ctx)
		c.Next()
	}
}

func lookWhileHandled() {
	var during, after error
	var value any
	serve(
		func(c *gin.Context) {
			c.Next()
			after, value = c.Request.Context().Err(), c.Request.Context().Value(userKey{})
		},
		withValue(userKey{}, "bob"),
		timeout(time.Minute),
		func(c *gin.Context) { during = c.Request.Context().Err() },
	)
	result("in the handler: %v; behind the middleware: %v, and the user is still %v", during, after, value)
}

func stopAtDeadline() {
	serve(
		withValue(userKey{}, "bob"),
		timeout(time.Millisecond),
		func(c *gin.Context) {
			<-c.Request.Context().Done()
			user := c.Request.Context().Value(userKey{})
			result("the handler sees %v, and the user is still %v", c.Request.Context().Err(), user)
		},
	)
}
