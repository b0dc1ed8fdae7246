// Package openssl is the little of libcrypto that the parity program needs, by
// cgo: each operation is one call into C, so that no error is asked for on
// another thread than the one it happened on.
package openssl

/*
#cgo CFLAGS: -std=c11
#cgo LDFLAGS: -lcrypto
#include "aead.h"
*/
import "C"

import (
	"fmt"
	"unsafe"
)

// Lengths of AES-256-GCM and SHA-256, in bytes.
const (
	KeySize   = C.AEAD_KEY
	NonceSize = C.AEAD_NONCE
	TagSize   = C.AEAD_TAG
)

// A Failure is the class of an error, by the names that the Rust side uses.
type Failure struct {
	Class string
	Code  uint64 // OpenSSL's packed error code; 0 where it recorded none
}

func (f *Failure) Error() string {
	return fmt.Sprintf("%s (OpenSSL %#x)", f.Class, f.Code)
}

// Seal encrypts with AES-256-GCM and returns the ciphertext with the tag after it.
func Seal(key, nonce, header, text []byte) ([]byte, error) {
	if err := checkLengths(key, nonce); err != nil {
		return nil, err
	}
	out := make([]byte, len(text)+TagSize)
	var code C.ulong
	status := C.aead_seal(bytes(key), bytes(nonce), bytes(header), C.size_t(len(header)),
		bytes(text), C.size_t(len(text)), bytes(out), (*C.uchar)(&out[len(text)]), &code)
	if err := failure(status, code); err != nil {
		return nil, err
	}
	return out, nil
}

// Open decrypts what Seal returned, if key, nonce and header are the same and
// nothing was altered.
func Open(key, nonce, header, sealed []byte) ([]byte, error) {
	if err := checkLengths(key, nonce); err != nil {
		return nil, err
	}
	if len(sealed) < TagSize {
		return nil, &Failure{Class: "authentication"}
	}
	length := len(sealed) - TagSize
	out := make([]byte, length)
	var code C.ulong
	status := C.aead_open(bytes(key), bytes(nonce), bytes(header), C.size_t(len(header)),
		bytes(sealed), C.size_t(length), (*C.uchar)(&sealed[length]), bytes(out), &code)
	if err := failure(status, code); err != nil {
		return nil, err
	}
	return out, nil
}

// Sha256 is the digest of data.
func Sha256(data []byte) ([]byte, error) {
	out := make([]byte, C.SHA256_SIZE)
	var code C.ulong
	if err := failure(C.digest_sha256(bytes(data), C.size_t(len(data)), bytes(out), &code), code); err != nil {
		return nil, err
	}
	return out, nil
}

// bytes is where a slice lies, for C; nil for an empty one, which has no first
// byte to point at.
func bytes(slice []byte) *C.uchar {
	if len(slice) == 0 {
		return nil
	}
	return (*C.uchar)(unsafe.Pointer(&slice[0]))
}

func checkLengths(key, nonce []byte) error {
	if len(key) != KeySize || len(nonce) != NonceSize {
		return &Failure{Class: "length"}
	}
	return nil
}

func failure(status C.int, code C.ulong) error {
	switch status {
	case C.AEAD_OK:
		return nil
	case C.AEAD_REFUSED:
		return &Failure{Class: "authentication"}
	default:
		return &Failure{Class: "openssl", Code: uint64(code)}
	}
}
