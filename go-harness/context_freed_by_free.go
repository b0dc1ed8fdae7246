package main

// The mistake: a context of OpenSSL is given to C.free, as a string from C.CString
// would be.
//
// What to look for: nothing crashes. The context itself is gone, and what it pointed
// to is leaked: the cipher's state, with the key in it, which nobody wipes any more.
//
// The rule: what a library made, the library's own function frees.
//
// Source: https://docs.openssl.org/3.0/man3/EVP_EncryptInit/; https://docs.openssl.org/3.0/man3/OPENSSL_malloc/

/*
#include <openssl/evp.h>
#include <stdlib.h>
*/
import "C"

import (
	"bytes"
	"unsafe"
)

func init() {
	register("context_freed_by_free", program{bad: freeAsBlocks, good: freeAsContexts})
}

//go:noinline
func keyedContext() *C.EVP_CIPHER_CTX {
	key, nonce := bytes.Repeat([]byte{7}, 32), bytes.Repeat([]byte{9}, 12)
	ctx := C.EVP_CIPHER_CTX_new()
	if C.EVP_EncryptInit_ex(ctx, C.EVP_aes_256_gcm(), nil, (*C.uchar)(&key[0]), (*C.uchar)(&nonce[0])) != 1 {
		panic("no cipher")
	}
	return ctx
}

func freeAsBlocks() {
	for i := 0; i < 20; i++ {
		C.free(unsafe.Pointer(keyedContext()))
	}
	collect()
	result("20 contexts were freed, and their keys were not")
}

func freeAsContexts() {
	for i := 0; i < 20; i++ {
		C.EVP_CIPHER_CTX_free(keyedContext())
	}
	collect()
	result("20 contexts were freed")
}
