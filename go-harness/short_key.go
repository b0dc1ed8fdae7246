package main

// The mistake: the key of 16 bytes that begins a message is passed to AES-256, which
// takes 32. libcrypto is not told how many there are.
//
// What to look for: one key that encrypts the same text differently, depending on what
// lies behind it. Nothing is reported: libcrypto reads memory that is there, only not
// the key's.
//
// The rule: compare len(key) with EVP_CIPHER_get_key_length before each call that
// takes a key.
//
// Source: https://docs.openssl.org/3.0/man3/EVP_EncryptInit/

/*
#include <openssl/evp.h>
*/
import "C"

import (
	"bytes"
	"fmt"
)

func init() {
	register("short_key", program{bad: encryptUnmeasured, good: encryptMeasured})
}

// encryptBlock encrypts a block of zeros.
func encryptBlock(cipher *C.EVP_CIPHER, key []byte) (block [16]byte, err error) {
	var iv, zeros [16]byte
	ctx := C.EVP_CIPHER_CTX_new()
	defer C.EVP_CIPHER_CTX_free(ctx)
	if C.EVP_EncryptInit_ex(ctx, cipher, nil, (*C.uchar)(&key[0]), (*C.uchar)(&iv[0])) != 1 {
		return block, fmt.Errorf("the key was refused")
	}
	var written C.int
	if C.EVP_EncryptUpdate(ctx, (*C.uchar)(&block[0]), &written, (*C.uchar)(&zeros[0]), 16) != 1 {
		return block, fmt.Errorf("the text was refused")
	}
	return block, nil
}

// measuredBlock is encryptBlock with a key as long as it must be.
func measuredBlock(cipher *C.EVP_CIPHER, key []byte) (block [16]byte, err error) {
	if want := int(C.EVP_CIPHER_get_key_length(cipher)); len(key) != want {
		return block, fmt.Errorf("the key is %d bytes long, not %d", len(key), want)
	}
	return encryptBlock(cipher, key)
}

// messagesWithKey are two messages that begin with one key.
func messagesWithKey() (one, other []byte) {
	key := bytes.Repeat([]byte{7}, 16)
	return append(key[:16:16], "and then a text!"...), append(key[:16:16], "or another text!"...)
}

func encryptUnmeasured() {
	one, other := messagesWithKey()
	first, err := encryptBlock(C.EVP_aes_256_cbc(), one[:16])
	if err != nil {
		panic(err)
	}
	second, err := encryptBlock(C.EVP_aes_256_cbc(), other[:16])
	if err != nil {
		panic(err)
	}
	result("one key, two ciphertexts of one text: %t", first != second)
}

func encryptMeasured() {
	one, other := messagesWithKey()
	_, refused := measuredBlock(C.EVP_aes_256_cbc(), one[:16])
	first, err := measuredBlock(C.EVP_aes_128_cbc(), one[:16])
	if err != nil {
		panic(err)
	}
	second, err := measuredBlock(C.EVP_aes_128_cbc(), other[:16])
	if err != nil {
		panic(err)
	}
	result("AES-256: %v; AES-128: one key, two ciphertexts of one text: %t", refused, first != second)
}
