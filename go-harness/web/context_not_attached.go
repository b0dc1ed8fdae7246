package main

// The mistake: a middleware makes a context with a deadline, and does not put it
// into the request.
//
// What to look for: nothing tells. The middleware's own variable has a deadline;
// what the handlers ask has none, and they wait for as long as it takes.
//
// The rule: c.Request = c.Request.WithContext(ctx), or the context is not the
// request's.
//
// Source: https://pkg.go.dev/net/http#Request.WithContext;
// https://pkg.go.dev/context#Context

import (
	"context"
	"time"

	"github.com/gin-gonic/gin"
)

func init() {
	register("context_not_attached", program{bad: keepDeadline, good: passDeadline})
}

func keepDeadline() {
	serve(
		func(c *gin.Context) {
			_, cancel := context.WithTimeout(c.Request.Context(), time.Minute)
			defer cancel()
			c.Next()
		},
		tellDeadline,
	)
}

func passDeadline() {
	serve(timeout(time.Minute), tellDeadline)
}

func tellDeadline(c *gin.Context) {
	_, has := c.Request.Context().Deadline()
	result("the handler has a deadline: %t", has)
}
