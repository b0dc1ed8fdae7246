package main

// The mistake: a context is copied by value, to go on from one state in two ways.
//
// What to look for: the complaint of cgo's compiler. The type is incomplete: since
// OpenSSL 1.1.0 no header says what is in a context, or how large it is. Before, this
// compiled, and both copies owned the same state.
//
// The rule: EVP_MD_CTX_copy_ex makes a context of its own, which is freed like any other.
//
// Source: https://docs.openssl.org/3.0/man3/EVP_DigestInit/; https://docs.openssl.org/3.0/man7/migration_guide/

/*
#cgo LDFLAGS: -lcrypto
#include <openssl/evp.h>
*/
import "C"

import "fmt"

func main() {
	ctx := C.EVP_MD_CTX_new()
	copied := *ctx
	C.EVP_MD_CTX_free(ctx)
	C.EVP_MD_CTX_free(&copied)
	fmt.Println("RESULT a context was copied by value")
}
