package main

// The mistake: Close frees the context and keeps its pointer. One caller closes early
// and has a deferred Close as well, which frees it again.
//
// What to look for: EVP_CIPHER_CTX_free looks into the context before it frees it. It
// follows what the allocator has put there since: mostly a SIGSEGV, far from the
// cause; or a context that another message uses by now loses its memory.
//
// The rule: Close forgets the pointer. EVP_CIPHER_CTX_free of NULL does nothing.
//
// Source: https://docs.openssl.org/3.0/man3/EVP_EncryptInit/

/*
#include <openssl/evp.h>
*/
import "C"

import "bytes"

func init() {
	register("context_freed_twice", program{bad: closeTwice, good: closeTwiceForgetting})
}

// An openCipher is keyed. Its owner closes it.
type openCipher struct{ ctx *C.EVP_CIPHER_CTX }

func newOpenCipher() *openCipher {
	key, nonce := bytes.Repeat([]byte{7}, 32), bytes.Repeat([]byte{9}, 12)
	ctx := C.EVP_CIPHER_CTX_new()
	if C.EVP_EncryptInit_ex(ctx, C.EVP_aes_256_gcm(), nil, (*C.uchar)(&key[0]), (*C.uchar)(&nonce[0])) != 1 {
		panic("no cipher")
	}
	return &openCipher{ctx}
}

func (c *openCipher) closeKeeping() {
	C.EVP_CIPHER_CTX_free(c.ctx)
}

func (c *openCipher) closeForgetting() {
	C.EVP_CIPHER_CTX_free(c.ctx)
	c.ctx = nil
}

func closeTwice() {
	c := newOpenCipher()
	c.closeKeeping()
	c.closeKeeping()
	result("a context was freed twice")
}

func closeTwiceForgetting() {
	c := newOpenCipher()
	c.closeForgetting()
	c.closeForgetting()
	result("a context was closed twice")
}
