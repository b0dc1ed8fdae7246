package main

import (
	"sync"

	"ffence/go-harness/lib/curl"
)

// What came of a call: a response, or error.
type fetched struct {
	Status    int           `json:"status"`
	Version   string        `json:"version"`
	Head      []byte        `json:"head"`
	Headers   []curl.Header `json:"headers"`
	Body      []byte        `json:"body"`
	URL       string        `json:"url"`
	Redirects int           `json:"redirects"`
	Error     *failure      `json:"error"`
}

func init() {
	// The calls one after the other, on one handle.
	operations["http"] = func(r request) reply {
		easy, err := curl.NewEasy()
		if err != nil {
			return withData(nil, err)
		}
		defer easy.Close()
		return reply{Results: each(r.Calls, func(call curl.Call) (*curl.Response, error) {
			return easy.Do(call, nil)
		})}
	}
	// The first call alone, and then the others at the same time: each on a thread
	// and with a handle of its own, and all with one share.
	operations["http-share"] = func(r request) reply {
		share, err := curl.NewShare()
		if err != nil {
			return withData(nil, err)
		}
		defer share.Close()
		do := func(call curl.Call) (*curl.Response, error) {
			easy, err := curl.NewEasy()
			if err != nil {
				return nil, err
			}
			defer easy.Close()
			return easy.Do(call, share)
		}
		results := make([]fetched, len(r.Calls))
		var others sync.WaitGroup
		for index, call := range r.Calls {
			if index == 0 {
				results[0] = came(do(call))
				continue
			}
			others.Add(1)
			go func(index int, call curl.Call) {
				defer others.Done()
				results[index] = came(do(call))
			}(index, call)
		}
		others.Wait()
		return reply{Results: results}
	}
}

func each(calls []curl.Call, do func(curl.Call) (*curl.Response, error)) []fetched {
	results := make([]fetched, len(calls))
	for index, call := range calls {
		results[index] = came(do(call))
	}
	return results
}

func came(response *curl.Response, err error) fetched {
	if err != nil {
		return fetched{Error: failureOf(err)}
	}
	return fetched{response.Status, response.Version, response.Head, response.Headers,
		response.Body, response.URL, response.Redirects, nil}
}
