package main

// The mistake: an OpenSSL context is freed, and used through a copy of its
// pointer.
//
// What to look for: EVP_DigestUpdate reads what was freed. libcrypto comes from
// the distribution and is not instrumented, so that AddressSanitizer does not see
// it, unless what it fills freed memory with is followed. Memcheck watches every
// load.
//
// The rule: one value owns the context, and it forgets its pointer when it frees.
//
// Source: https://docs.openssl.org/3.0/man3/EVP_DigestInit/; https://valgrind.org/docs/manual/mc-manual.html

/*
#include <openssl/evp.h>
*/
import "C"

import "unsafe"

func init() {
	register("context_used_after_free", program{bad: digestAfterFree, good: digestBeforeFree})
}

func digestAfterFree() {
	ctx := C.EVP_MD_CTX_new()
	alias := ctx
	C.EVP_MD_CTX_free(ctx)
	result("libcrypto answered %d of a context that was freed", digestMore(alias))
}

func digestBeforeFree() {
	ctx := C.EVP_MD_CTX_new()
	defer C.EVP_MD_CTX_free(ctx)
	if C.EVP_DigestInit_ex(ctx, C.EVP_sha256(), nil) != 1 {
		panic("no digest")
	}
	result("libcrypto answered %d", digestMore(ctx))
}

func digestMore(ctx *C.EVP_MD_CTX) C.int {
	data := []byte("data")
	return C.EVP_DigestUpdate(ctx, unsafe.Pointer(&data[0]), C.size_t(len(data)))
}
