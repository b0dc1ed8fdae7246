package main

// The mistake: requests that are served at the same time add their values to one
// context in a variable of the package.
//
// What to look for: "DATA RACE" under -race. Otherwise nothing tells: an interface
// is two words, and whoever reads between two writes has one of each; values get
// lost; the chain grows with every request and keeps all of them.
//
// The rule: a context is a function's first parameter, and is kept in no variable
// that outlives it.
//
// Source: https://pkg.go.dev/context; https://go.dev/doc/articles/race_detector;
// https://go.dev/ref/mem

import (
	"context"
	"sync/atomic"

	"github.com/gin-gonic/gin"
)

func init() {
	register("global_context_raced", program{bad: raceForGlobal, good: raceForNothing})
}

var shared = context.Background()

func raceForGlobal() {
	var served int32
	together(2, func(user int) {
		serve(func(*gin.Context) {
			shared = context.WithValue(shared, userKey{}, user)
			atomic.AddInt32(&served, 1)
		})
	})
	result("requests that added to one context: %d", served)
}

func raceForNothing() {
	var served int32
	together(2, func(user int) {
		serve(withValue(userKey{}, user), func(c *gin.Context) {
			if c.Request.Context().Value(userKey{}) == user {
				atomic.AddInt32(&served, 1)
			}
		})
	})
	result("requests that had a context each: %d", served)
}
