// Command web has the hazards of goroutines, contexts and time limits, in
// handlers of the real gin: a module of its own, so that the programs that call C
// stay on the standard library.
//
//	web list               one JSON line for each hazard program
//	web run SLUG [--good]  runs a hazard program, or its right counterpart
package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"sync"

	"ffence/go-harness/lib/catalogue"
	"github.com/gin-gonic/gin"
)

// A program makes one mistake. Its file registers it.
type program struct {
	bad  func() // makes the mistake
	good func() // does the same work rightly
}

func register(slug string, p program) { catalogue.Register(slug, p.bad, p.good, nil) }

// result says how a program ended that got to its end.
func result(format string, args ...any) { catalogue.Result(format, args...) }

func main() {
	gin.SetMode(gin.ReleaseMode)
	if !catalogue.Serve(os.Args[1:]) {
		catalogue.Usage("web list | run SLUG [--good]")
	}
}

// serve sends one request through middlewares and a handler, without a network.
func serve(handlers ...gin.HandlerFunc) {
	engine := gin.New()
	engine.GET("/", handlers...)
	engine.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
}

// together runs work on goroutines that start at once, and waits for their ends.
func together(workers int, work func(worker int)) {
	var all sync.WaitGroup
	start := make(chan struct{})
	for worker := 0; worker < workers; worker++ {
		all.Add(1)
		go func(worker int) {
			defer all.Done()
			<-start
			work(worker)
		}(worker)
	}
	close(start)
	all.Wait()
}

// userKey is what the programs keep a user's name under: a type of their own, which
// no other package can name.
type userKey struct{}
