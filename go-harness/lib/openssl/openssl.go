// Package openssl is the little of libcrypto that the parity program needs, by
// cgo: each operation is one call into C, so that no error is asked for on
// another thread than the one it happened on.
package openssl

/*
#cgo CFLAGS: -std=c11
#cgo LDFLAGS: -lcrypto
#include <stdlib.h>
#include "aead.h"
*/
import "C"

import (
	"fmt"
	"unsafe"
)

// A Failure is the class of an error, by the names that the Rust side uses.
type Failure struct {
	Class string
	Code  uint64 // OpenSSL's packed error code; 0 where it recorded none
}

func (f *Failure) Error() string {
	return fmt.Sprintf("%s (OpenSSL %#x)", f.Class, f.Code)
}

// Seal encrypts with the AEAD that OpenSSL calls algorithm and returns the
// ciphertext with a tag of so many bytes after it.
func Seal(algorithm string, key, nonce, header, text []byte, tag int) ([]byte, error) {
	if tag < 1 {
		return nil, &Failure{Class: "length"}
	}
	name := C.CString(algorithm)
	defer C.free(unsafe.Pointer(name))
	out := make([]byte, len(text)+tag)
	var code C.ulong
	status := C.aead_seal(name, bytes(key), C.size_t(len(key)), bytes(nonce), C.size_t(len(nonce)),
		bytes(header), C.size_t(len(header)), bytes(text), C.size_t(len(text)), bytes(out),
		bytes(out[len(text):]), C.size_t(tag), &code)
	if err := failure(status, code); err != nil {
		return nil, err
	}
	return out, nil
}

// Open decrypts what Seal returned, if key, nonce and header are the same and
// nothing was altered.
func Open(algorithm string, key, nonce, header, sealed []byte, tag int) ([]byte, error) {
	if tag < 1 || len(sealed) < tag {
		return nil, &Failure{Class: "authentication"}
	}
	name := C.CString(algorithm)
	defer C.free(unsafe.Pointer(name))
	length := len(sealed) - tag
	out := make([]byte, length)
	var code C.ulong
	status := C.aead_open(name, bytes(key), C.size_t(len(key)), bytes(nonce), C.size_t(len(nonce)),
		bytes(header), C.size_t(len(header)), bytes(sealed), C.size_t(length),
		bytes(sealed[length:]), C.size_t(tag), bytes(out), &code)
	if err := failure(status, code); err != nil {
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

func failure(status C.int, code C.ulong) error {
	switch status {
	case C.AEAD_OK:
		return nil
	case C.AEAD_REFUSED:
		return &Failure{Class: "authentication"}
	case C.AEAD_LENGTH:
		return &Failure{Class: "length"}
	case C.AEAD_MALFORMED:
		return &Failure{Class: "malformed"}
	default:
		return &Failure{Class: "openssl", Code: uint64(code)}
	}
}
