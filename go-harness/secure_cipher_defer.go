package main

// The mistake: the constructor of the article, which means to free the context
// only when it fails, and asks recover() to tell. recover() is nil when nothing
// panicked, which is success as well: a successful call frees the context and
// hands out a cipher that has none. When something did panic, recover() swallows
// it, and the context is not freed at all.
//
// What to look for: NewSecureCipher returns a cipher and no error, and the first
// use of it passes NULL to libcrypto, which dereferences it.
//
// The rule: let the deferred function look at a named error, not at recover.
//
// Source: https://go.dev/ref/spec#Handling_panics; https://docs.openssl.org/3.0/man3/EVP_EncryptInit/

/*
#include <openssl/evp.h>
*/
import "C"

import (
	"bytes"
	"errors"
)

func init() {
	register("secure_cipher_defer", program{bad: useSecureCipher, good: usePlainCipher})
}

type secureCipher struct{ ctx *C.EVP_CIPHER_CTX }

func newSecureCipher() (*secureCipher, error) {
	ctx := C.EVP_CIPHER_CTX_new()
	if ctx == nil {
		return nil, errors.New("failed to allocate cipher context")
	}
	c := &secureCipher{ctx: ctx}
	defer func() {
		if c.ctx != nil && recover() == nil {
			C.EVP_CIPHER_CTX_free(c.ctx)
			c.ctx = nil
		}
	}()
	if C.EVP_EncryptInit_ex(c.ctx, C.EVP_aes_256_gcm(), nil, nil, nil) != 1 {
		return nil, errors.New("cipher init failed")
	}
	return c, nil
}

func newPlainCipher() (c *secureCipher, err error) {
	ctx := C.EVP_CIPHER_CTX_new()
	if ctx == nil {
		return nil, errors.New("failed to allocate cipher context")
	}
	defer func() {
		if err != nil {
			C.EVP_CIPHER_CTX_free(ctx)
		}
	}()
	if C.EVP_EncryptInit_ex(ctx, C.EVP_aes_256_gcm(), nil, nil, nil) != 1 {
		return nil, errors.New("cipher init failed")
	}
	return &secureCipher{ctx}, nil
}

// encrypt keys the context and gives it a message, as any caller would next.
func (c *secureCipher) encrypt(message []byte) (int, error) {
	key, nonce := bytes.Repeat([]byte{7}, 32), bytes.Repeat([]byte{9}, 12)
	if C.EVP_EncryptInit_ex(c.ctx, nil, nil, (*C.uchar)(&key[0]), (*C.uchar)(&nonce[0])) != 1 {
		return 0, errors.New("keying failed")
	}
	out := make([]byte, len(message))
	var written C.int
	if C.EVP_EncryptUpdate(c.ctx, (*C.uchar)(&out[0]), &written, (*C.uchar)(&message[0]), C.int(len(message))) != 1 {
		return 0, errors.New("encryption failed")
	}
	return int(written), nil
}

func useSecureCipher() {
	c, err := newSecureCipher()
	if err != nil {
		panic(err)
	}
	written, err := c.encrypt([]byte("hello"))
	result("the context is gone: %t, wrote %d, error: %v", c.ctx == nil, written, err)
}

func usePlainCipher() {
	c, err := newPlainCipher()
	if err != nil {
		panic(err)
	}
	defer C.EVP_CIPHER_CTX_free(c.ctx)
	written, err := c.encrypt([]byte("hello"))
	result("wrote %d, error: %v", written, err)
}
