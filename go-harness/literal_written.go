package main

// The mistake: the bytes of a string literal are written to through a slice made of
// its header.
//
// What to look for: "unexpected fault address": literals lie in pages that nobody
// may write to. It is a fatal error, which recover does not catch.
//
// The rule: []byte(text) copies, and the copy may be written to.
//
// Source: https://go.dev/ref/spec#String_types;
// https://pkg.go.dev/unsafe#StringData;
// https://pkg.go.dev/runtime/debug#SetPanicOnFault

import "unsafe"

func init() {
	register("literal_written", program{bad: writeLiteral, good: writeCopy})
}

//go:noinline
func writableBytes(text string) []byte {
	header := struct {
		text     string
		capacity int
	}{text, len(text)}
	return *(*[]byte)(unsafe.Pointer(&header))
}

func writeLiteral() {
	text := "constant"
	defer func() { result("recovered: %v, and the literal is %s", recover(), text) }()
	writableBytes(text)[0] = 'X'
}

func writeCopy() {
	text := "constant"
	bytes := []byte(text)
	bytes[0] = 'X'
	result("the copy is %s, and the literal is %s", bytes, text)
}
