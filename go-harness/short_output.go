package main

// The mistake: the buffer for a ciphertext is as long as the text. A cipher that pads
// writes up to a whole block more.
//
// What to look for: bytes behind the buffer that changed. AddressSanitizer does not
// see it, for libcrypto comes from the distribution and is not instrumented. Memcheck
// does, because this buffer is from malloc: of a Go slice it would not know the end.
//
// The rule: the text's length and EVP_CIPHER_get_block_size, and the slice is cut
// afterwards to what was written.
//
// Source: https://docs.openssl.org/3.0/man3/EVP_EncryptInit/; https://valgrind.org/docs/manual/mc-manual.html

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
	register("short_output", program{bad: encryptToLength, good: encryptToBlocks})
}

// What this leaves of a last block happens to lie within the room that malloc adds to
// a block, so that nothing falls over it.
const textLength = 41

// encryptTo encrypts a text to `room` bytes, and says how many were written.
func encryptTo(room int) int {
	key, iv := bytes.Repeat([]byte{7}, 32), bytes.Repeat([]byte{9}, 16)
	text := bytes.Repeat([]byte{'t'}, textLength)
	ctx := C.EVP_CIPHER_CTX_new()
	defer C.EVP_CIPHER_CTX_free(ctx)
	block := C.malloc(C.size_t(room))
	defer C.free(block)
	out := unsafe.Slice((*C.uchar)(block), room)
	var most, last C.int
	if C.EVP_EncryptInit_ex(ctx, C.EVP_aes_256_cbc(), nil, (*C.uchar)(&key[0]), (*C.uchar)(&iv[0])) != 1 ||
		C.EVP_EncryptUpdate(ctx, &out[0], &most, (*C.uchar)(&text[0]), textLength) != 1 ||
		C.EVP_EncryptFinal_ex(ctx, &out[most], &last) != 1 {
		panic("no ciphertext")
	}
	return int(most + last)
}

func encryptToLength() {
	result("libcrypto wrote %d bytes into %d", encryptTo(textLength), textLength)
}

func encryptToBlocks() {
	room := textLength + int(C.EVP_CIPHER_get_block_size(C.EVP_aes_256_cbc()))
	result("libcrypto wrote %d bytes into %d", encryptTo(room), room)
}
