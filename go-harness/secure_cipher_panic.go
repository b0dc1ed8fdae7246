package main

// The mistake: the other half of the article's constructor. Its deferred function asks
// recover() whether something went wrong. Asking is taking: the panic is over, the
// caller gets a nil cipher and a nil error, and the context is not freed either,
// because recover() was not nil.
//
// What to look for: a caller that goes on with a nil cipher, and memory that grows with
// each panic.
//
// The rule: recover only where the panic is turned into an error. Clean-up needs no
// recover: a deferred function runs anyway.
//
// Source: https://go.dev/ref/spec#Handling_panics; https://go.dev/blog/defer-panic-and-recover

/*
#include <openssl/evp.h>
*/
import "C"

import (
	"errors"
	"fmt"
)

func init() {
	register("secure_cipher_panic", program{bad: explodeUnnoticed, good: explodeAsError})
}

//go:noinline
func constructAsking(step func()) (*secureCipher, error) {
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
	step()
	return c, nil
}

func constructTelling(step func()) (c *secureCipher, err error) {
	ctx := C.EVP_CIPHER_CTX_new()
	if ctx == nil {
		return nil, errors.New("failed to allocate cipher context")
	}
	defer func() {
		if panicked := recover(); panicked != nil {
			c, err = nil, fmt.Errorf("%v", panicked)
		}
		if err != nil {
			C.EVP_CIPHER_CTX_free(ctx)
		}
	}()
	if C.EVP_EncryptInit_ex(ctx, C.EVP_aes_256_gcm(), nil, nil, nil) != 1 {
		return nil, errors.New("cipher init failed")
	}
	step()
	return &secureCipher{ctx}, nil
}

func explodeInside() { panic("init exploded") }

func explodeUnnoticed() {
	unnoticed := 0
	for i := 0; i < 20; i++ {
		if c, err := constructAsking(explodeInside); c == nil && err == nil {
			unnoticed++
		}
	}
	collect()
	result("no cipher, no error and no panic: %d times of 20", unnoticed)
}

func explodeAsError() {
	noticed := 0
	for i := 0; i < 20; i++ {
		if _, err := constructTelling(explodeInside); err != nil {
			noticed++
		}
	}
	collect()
	result("the panic came back as an error: %d times of 20", noticed)
}
