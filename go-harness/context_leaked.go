package main

// The mistake: a context of OpenSSL is made for each message, and nobody frees it.
//
// What to look for: memory that only grows, a few hundred bytes a message, and a
// reference to the algorithm that never comes back. The collector does not know of
// any of it. LeakSanitizer reports it at exit from Go 1.24 on, memcheck always.
//
// The rule: EVP_MD_CTX_free is deferred in the line after EVP_MD_CTX_new.
//
// Source: https://docs.openssl.org/3.0/man3/EVP_DigestInit/; https://pkg.go.dev/cmd/cgo#hdr-Go_references_to_C

/*
#include <openssl/evp.h>
*/
import "C"

import "unsafe"

func init() {
	register("context_leaked", program{bad: digestAndForget, good: digestAndFree})
}

const messages = 20

// digestWith digests a message, and says how long the result is.
func digestWith(ctx *C.EVP_MD_CTX, message []byte) int {
	digest := make([]byte, C.EVP_MAX_MD_SIZE)
	var size C.uint
	if C.EVP_DigestInit_ex(ctx, C.EVP_sha256(), nil) != 1 ||
		C.EVP_DigestUpdate(ctx, unsafe.Pointer(&message[0]), C.size_t(len(message))) != 1 ||
		C.EVP_DigestFinal_ex(ctx, (*C.uchar)(&digest[0]), &size) != 1 {
		panic("no digest")
	}
	return int(size)
}

//go:noinline
func digestLeaking(message []byte) int {
	return digestWith(C.EVP_MD_CTX_new(), message)
}

func digestAndForget() {
	total := 0
	for i := 0; i < messages; i++ {
		total += digestLeaking([]byte("message"))
	}
	collect()
	result("contexts are leaked: one for each digest, %d bytes of digests", total)
}

func digestFreeing(message []byte) int {
	ctx := C.EVP_MD_CTX_new()
	defer C.EVP_MD_CTX_free(ctx)
	return digestWith(ctx, message)
}

func digestAndFree() {
	total := 0
	for i := 0; i < messages; i++ {
		total += digestFreeing([]byte("message"))
	}
	collect()
	result("%d bytes of digests", total)
}
