package main

// The mistake: two middlewares keep values of two types under one key of
// gin.Context, and a handler asserts the type of the first.
//
// What to look for: a panic in the handler, "interface conversion: interface {} is
// string, not int". One goroutine does it all: -race has nothing to report.
//
// The rule: a key is of a type that its package does not export, and is read by a
// function of that package.
//
// Source: https://pkg.go.dev/github.com/gin-gonic/gin#Context.Set;
// https://pkg.go.dev/context#WithValue

import (
	"context"

	"github.com/gin-gonic/gin"
)

func init() {
	register("key_overwritten", program{bad: assertOverwritten, good: assertOwn})
}

func assertOverwritten() {
	serve(
		func(c *gin.Context) { c.Set("user_id", 123) },
		func(c *gin.Context) { c.Set("user_id", "trace-abc") },
		func(c *gin.Context) { result("user %d", c.MustGet("user_id").(int)) },
	)
}

type userIDKey struct{}

type traceIDKey struct{}

func withValue(key, value any) gin.HandlerFunc {
	return func(c *gin.Context) {
		c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), key, value))
	}
}

func assertOwn() {
	serve(
		withValue(userIDKey{}, 123),
		withValue(traceIDKey{}, "trace-abc"),
		func(c *gin.Context) { result("user %d", c.Request.Context().Value(userIDKey{}).(int)) },
	)
}
