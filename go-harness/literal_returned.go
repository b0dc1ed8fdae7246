package main

// The claim: that "go build -gcflags=-m" prints "escapes to heap" is a warning, and
// a page should not be built like that.
//
// What to look for: "&page{...} escapes to heap", once for each literal whose
// address is returned. It says where the literal lies, and that the collector will
// see to it.
//
// The rule: an escape costs an allocation, and is no fault. Return the value where
// it is small and copied seldom; measure before anything else.
//
// Source: https://go.dev/doc/gc-guide#Escape_analysis;
// https://go.dev/doc/faq#stack_or_heap

func init() {
	register("literal_returned", program{bad: returnLiteral, good: returnCopy})
}

type page struct {
	status int
	body   string
}

//go:noinline
func buildResponse() *page {
	return &page{200, "hello"}
}

//go:noinline
func makeResponse() page {
	return page{200, "hello"}
}

func returnLiteral() {
	it := buildResponse()
	collect()
	result("the literal lives on: %d %s", it.status, it.body)
}

func returnCopy() {
	it := makeResponse()
	collect()
	result("the literal was copied: %d %s", it.status, it.body)
}
