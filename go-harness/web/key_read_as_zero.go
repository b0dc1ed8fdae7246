package main

// The mistake: a key of gin.Context is read with GetInt, and a middleware has put a
// string there.
//
// What to look for: nothing tells. GetInt answers 0 for a key that is missing or of
// another type, and 0 goes on as somebody's number.
//
// The rule: what must be there is asked for with its presence: value, ok.
//
// Source: https://pkg.go.dev/github.com/gin-gonic/gin#Context.GetInt;
// https://pkg.go.dev/context#WithValue

import "github.com/gin-gonic/gin"

func init() {
	register("key_read_as_zero", program{bad: getInt, good: getPresent})
}

func getInt() {
	serve(
		func(c *gin.Context) { c.Set("user_id", 123) },
		func(c *gin.Context) { c.Set("user_id", "trace-abc") },
		func(c *gin.Context) { result("the user is 123, read: %d", c.GetInt("user_id")) },
	)
}

func getPresent() {
	serve(
		withValue(userIDKey{}, 123),
		withValue(traceIDKey{}, "trace-abc"),
		func(c *gin.Context) {
			user, ok := c.Request.Context().Value(userIDKey{}).(int)
			result("the user is 123, read: %d, %t", user, ok)
		},
	)
}
