// Command good has libcrypto copy a context, and goes on from one state in two ways.
package main

/*
#cgo LDFLAGS: -lcrypto
#include <openssl/evp.h>
*/
import "C"

import (
	"fmt"
	"unsafe"
)

func main() {
	ctx, other := C.EVP_MD_CTX_new(), C.EVP_MD_CTX_new()
	defer C.EVP_MD_CTX_free(ctx)
	defer C.EVP_MD_CTX_free(other)
	if C.EVP_DigestInit_ex(ctx, C.EVP_sha256(), nil) != 1 || !update(ctx, "a beginning, ") ||
		C.EVP_MD_CTX_copy_ex(other, ctx) != 1 {
		panic("no copy")
	}
	if !update(ctx, "and one end") || !update(other, "and another") {
		panic("no digest")
	}
	fmt.Println("RESULT digests differ:", finish(ctx) != finish(other))
}

func update(ctx *C.EVP_MD_CTX, text string) bool {
	data := []byte(text)
	return C.EVP_DigestUpdate(ctx, unsafe.Pointer(&data[0]), C.size_t(len(data))) == 1
}

func finish(ctx *C.EVP_MD_CTX) (digest [32]byte) {
	if C.EVP_DigestFinal_ex(ctx, (*C.uchar)(&digest[0]), nil) != 1 {
		panic("no digest")
	}
	return digest
}
