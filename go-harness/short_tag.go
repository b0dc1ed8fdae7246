package main

// The mistake: the tag of GCM, 16 bytes, is asked for into a slice of 8.
//
// What to look for: a value beside the tag that changed. libcrypto copies by memcpy,
// which AddressSanitizer watches even where the caller is not instrumented; and it
// knows where Go's block ends.
//
// The rule: the length that C is told is len(tag), taken where the slice is passed.
//
// Source: https://docs.openssl.org/3.0/man3/EVP_EncryptInit/

/*
#include <openssl/evp.h>
*/
import "C"

import (
	"bytes"
	"unsafe"
)

func init() {
	register("short_tag", program{bad: tagIntoHalf, good: tagIntoLength})
}

// tagAmongOthers asks for the tag of an empty message, `size` bytes of it, into a slice
// of 8 that lies among others, and says how many bytes of those have changed.
func tagAmongOthers(size func(tag []byte) int) int {
	key, nonce := bytes.Repeat([]byte{7}, 32), bytes.Repeat([]byte{9}, 12)
	ctx := C.EVP_CIPHER_CTX_new()
	defer C.EVP_CIPHER_CTX_free(ctx)
	var written C.int
	var none [16]byte
	if C.EVP_EncryptInit_ex(ctx, C.EVP_aes_256_gcm(), nil, (*C.uchar)(&key[0]), (*C.uchar)(&nonce[0])) != 1 ||
		C.EVP_EncryptFinal_ex(ctx, (*C.uchar)(&none[0]), &written) != 1 {
		panic("no tag")
	}
	others := blocks(256, 8, 'B')
	tag := blocks(1, 8, 0)[0]
	others = append(others, blocks(256, 8, 'B')...)
	if C.EVP_CIPHER_CTX_ctrl(ctx, C.EVP_CTRL_AEAD_GET_TAG, C.int(size(tag)), unsafe.Pointer(&tag[0])) != 1 {
		panic("no tag")
	}
	changed := 0
	for _, other := range others {
		if !bytes.Equal(other, []byte("BBBBBBBB")) {
			changed++
		}
	}
	return changed
}

func tagIntoHalf() {
	changed := tagAmongOthers(func([]byte) int { return 16 })
	result("16 bytes of tag into 8: %d other slices changed", changed)
}

func tagIntoLength() {
	changed := tagAmongOthers(func(tag []byte) int { return len(tag) })
	result("8 bytes of tag into 8: %d other slices changed", changed)
}
