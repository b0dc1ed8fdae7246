package main

// The claim: time_total - time_starttransfer of `curl -w` is the time that the
// server took.
//
// What to look for: it is the time that the body took. A handler that answers at
// once and then pauses in its body has all of its pause in it; one that pauses
// before its first byte has nothing of it. What the server thought about is between
// the request and the first byte.
//
// The rule: subtract time_pretransfer (the request is about to be sent; name,
// connection and TLS are done) from time_starttransfer (the first byte is here).
// What is left is the server and one way there and back.
//
// Source: https://curl.se/docs/manpage.html#-w; https://curl.se/libcurl/c/curl_easy_getinfo.html (TIMES)

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"time"
)

func init() {
	register("curl_server_time", program{bad: pauseInBody, good: pauseBeforeAnswer, tool: timeByCurl})
}

const pause = 100 * time.Millisecond

// pausing answers at once and pauses in its body when the client has seen its first
// byte; or it pauses before it answers.
func pausing(good bool, seen <-chan struct{}) *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if good {
			time.Sleep(pause)
			fmt.Fprint(w, "all")
			return
		}
		fmt.Fprint(w, "first ")
		w.(http.Flusher).Flush()
		<-seen
		time.Sleep(pause)
		fmt.Fprint(w, "last")
	}))
}

func pauseInBody() {
	first, total := measured(false)
	result("between the first byte and the last: the pause, %t", total-first >= pause)
}

func pauseBeforeAnswer() {
	first, _ := measured(true)
	result("before the first byte: the pause, %t", first >= pause)
}

// measured is when the first byte came, and when the last, from the time on when
// there was a connection.
func measured(good bool) (first, total time.Duration) {
	seen := make(chan struct{})
	server := pausing(good, seen)
	defer server.Close()
	var start, answered time.Time
	request, err := http.NewRequest("GET", server.URL, nil)
	must(err)
	request = request.WithContext(httptrace.WithClientTrace(request.Context(), &httptrace.ClientTrace{
		GotConn:              func(httptrace.GotConnInfo) { start = time.Now() },
		GotFirstResponseByte: func() { answered = time.Now() },
	}))
	response, err := server.Client().Do(request)
	must(err)
	defer response.Body.Close()
	close(seen)
	_, err = io.Copy(io.Discard, response.Body)
	must(err)
	return answered.Sub(start), time.Since(start)
}

func timeByCurl(good bool) {
	seen := make(chan struct{})
	server := pausing(good, seen)
	defer server.Close()
	curl := tool("curl", "-qsSN", "--noproxy", "*", "-w",
		"\ntime_pretransfer=%{time_pretransfer}\ntime_starttransfer=%{time_starttransfer}\ntime_total=%{time_total}\n", server.URL)
	stdout, err := curl.StdoutPipe()
	must(err)
	must(curl.Start())
	// With -N, curl hands on what it has got: the first byte is here.
	one := make([]byte, 1)
	_, err = io.ReadFull(stdout, one)
	must(err)
	close(seen)
	rest, err := io.ReadAll(stdout)
	must(err)
	must(curl.Wait())
	words := string(rest)
	say(words, "time_")
	var request, first, total float64
	_, err = fmt.Sscanf(words[strings.Index(words, "time_pretransfer"):],
		"time_pretransfer=%f\ntime_starttransfer=%f\ntime_total=%f", &request, &first, &total)
	must(err)
	// curl counts microseconds, and cuts them off.
	least := pause.Seconds() - 0.001
	if good {
		result("starttransfer - pretransfer has the handler's pause in it: %t", first-request >= least)
	} else {
		result("total - starttransfer has the pause in it that the handler made after its answer: %t", total-first >= least)
	}
}
