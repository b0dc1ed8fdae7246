// Go's net/http at the tasks of the other contenders; see src/case.rs for what it is told and answers.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	large = 32 << 20
	small = 1024
	warm  = 3
	long  = 400 * time.Millisecond
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func check(ok bool) {
	if !ok {
		fmt.Fprintln(os.Stderr, "not the answer")
		os.Exit(1)
	}
}

func cpu() time.Duration {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func peak() string {
	status, err := os.ReadFile("/proc/self/status")
	must(err)
	for _, line := range strings.Split(string(status), "\n") {
		if strings.HasPrefix(line, "VmHWM:") {
			return strings.Fields(line)[1]
		}
	}
	return "0"
}

type repeated struct{ left int }

func (r *repeated) Read(out []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	n := len(out)
	if n > r.left {
		n = r.left
	}
	for i := range out[:n] {
		out[i] = 'x'
	}
	r.left -= n
	return n, nil
}

func main() {
	// --contend WHO TASK AT_ONCE EACH BASE AUTHORITY
	task, base := os.Args[3], os.Args[6]
	atOnce, err := strconv.Atoi(os.Args[4])
	must(err)
	each, err := strconv.Atoi(os.Args[5])
	must(err)
	pem, err := os.ReadFile(os.Args[7])
	must(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	transport := &http.Transport{
		MaxIdleConnsPerHost: atOnce,
		TLSClientConfig:     &tls.Config{RootCAs: roots},
		ForceAttemptHTTP2:   true,
		DisableCompression:  true,
	}
	client := &http.Client{Transport: transport}
	get := func(url string) {
		response, err := client.Get(url)
		must(err)
		body, err := io.ReadAll(response.Body)
		must(err)
		response.Body.Close()
		check(response.StatusCode == 200 && len(body) == small)
	}
	tell := func(requests int, before time.Duration, started time.Time) {
		spent, took := cpu()-before, time.Since(started)
		fmt.Println(requests, spent.Microseconds(), took.Microseconds(), peak())
	}
	if strings.HasPrefix(task, "many") {
		all := func(url string, each int) {
			var rows sync.WaitGroup
			for i := 0; i < atOnce; i++ {
				rows.Add(1)
				go func() {
					defer rows.Done()
					for j := 0; j < each; j++ {
						get(url)
					}
				}()
			}
			rows.Wait()
		}
		all(fmt.Sprintf("%s/gate/%d", base, atOnce), 1)
		before, started := cpu(), time.Now()
		all(fmt.Sprintf("%s/%d", base, small), each)
		tell(atOnce*each, before, started)
		return
	}
	body := strings.Repeat("y", small)
	once := func() { get(fmt.Sprintf("%s/%d", base, small)) }
	switch task {
	case "post":
		once = func() {
			url := fmt.Sprintf("%s/%d", base, small)
			response, err := client.Post(url, "application/json", strings.NewReader(body))
			must(err)
			got, err := io.ReadAll(response.Body)
			must(err)
			response.Body.Close()
			check(response.StatusCode == 200 && len(got) == small)
		}
	case "download":
		once = func() {
			response, err := client.Get(fmt.Sprintf("%s/%d", base, large))
			must(err)
			got, err := io.Copy(io.Discard, response.Body)
			must(err)
			response.Body.Close()
			check(got == large)
		}
	case "upload":
		once = func() {
			request, err := http.NewRequest("POST", base+"/sum", &repeated{large})
			must(err)
			request.ContentLength = large
			response, err := client.Do(request)
			must(err)
			got, err := io.ReadAll(response.Body)
			must(err)
			response.Body.Close()
			check(string(got) == strconv.Itoa(large))
		}
	}
	for i := 0; i < warm; i++ {
		once()
	}
	before, started, requests := cpu(), time.Now(), 0
	for requests < each || time.Since(started) < long {
		once()
		requests++
	}
	tell(requests, before, started)
}
