package main

// The mistake: a goroutine keeps the *gin.Context of a request that has been
// answered.
//
// What to look for: nothing tells. Gin keeps its contexts in a pool: by the time
// that the goroutine looks, it is another request's.
//
// The rule: copy out what is needed, or c.Copy().
//
// Source: https://pkg.go.dev/github.com/gin-gonic/gin#Context.Copy;
// https://gin-gonic.com/en/docs/middleware/goroutines-inside-a-middleware

import (
	"net/http"
	"net/http/httptest"

	"github.com/gin-gonic/gin"
)

func init() {
	register("gin_context_kept", program{
		bad:  keepContext(func(c *gin.Context) *gin.Context { return c }),
		good: keepCopyOfContext,
	})
}

func keepCopyOfContext() {
	keepContext(func(c *gin.Context) *gin.Context { return c.Copy() })()
}

func keepContext(kept func(*gin.Context) *gin.Context) func() {
	return func() {
		// A pool does not say what it hands out; mostly it is what came last.
		for {
			if user := askTwice(kept); user != nil {
				result("the goroutine that alice's request started works for %v", user)
				return
			}
		}
	}
}

// askTwice answers whom the goroutine works for when bob has asked after alice, or nothing where
// their requests had a context each.
func askTwice(kept func(*gin.Context) *gin.Context) any {
	var lent *gin.Context
	again := false
	answered, done := make(chan struct{}), make(chan any)
	engine := gin.New()
	engine.GET("/:user", func(c *gin.Context) {
		c.Set("user", c.Param("user"))
		if lent != nil {
			again = c == lent
			return
		}
		lent = c
		mine := kept(c)
		go func() {
			<-answered
			done <- mine.MustGet("user")
		}()
	})
	for _, path := range []string{"/alice", "/bob"} {
		engine.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
	}
	close(answered)
	if user := <-done; again {
		return user
	}
	return nil
}
