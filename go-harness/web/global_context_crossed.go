package main

// The mistake: the context of "the" request is kept in a variable of the package,
// which every request assigns to.
//
// What to look for: a request acts for another one's user. Where something orders
// the two, as the channel does here, it is no data race, and -race says nothing.
//
// The rule: a context is a function's first parameter, and is kept in no variable
// that outlives it.
//
// Source: https://pkg.go.dev/context; https://go.dev/blog/context-and-structs

import (
	"context"

	"github.com/gin-gonic/gin"
)

func init() {
	register("global_context_crossed", program{bad: crossGlobal, good: crossNothing})
}

var current context.Context

func crossGlobal() {
	serve(withValue(userKey{}, 1001), func(c *gin.Context) {
		current = c.Request.Context()
		inBetween(func(c *gin.Context) { current = c.Request.Context() })
		result("the request of 1001 acts for %v", current.Value(userKey{}))
	})
}

func crossNothing() {
	serve(withValue(userKey{}, 1001), func(c *gin.Context) {
		inBetween(func(*gin.Context) {})
		result("the request of 1001 acts for %v", c.Request.Context().Value(userKey{}))
	})
}

// inBetween has another request served, from its beginning to its end.
func inBetween(handler gin.HandlerFunc) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		serve(withValue(userKey{}, 2002), handler)
	}()
	<-done
}
