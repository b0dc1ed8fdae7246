package openssl

/*
#include <stdlib.h>
#include "kdf.h"
*/
import "C"

import "unsafe"

// HKDF fills length bytes from a secret, with the digest that OpenSSL calls name.
func HKDF(name string, secret, salt, info []byte, length int) ([]byte, error) {
	digest := C.CString(name)
	defer C.free(unsafe.Pointer(digest))
	return derived(length, func(out []byte, code *C.ulong) C.int {
		return C.kdf_hkdf(digest, bytes(secret), C.size_t(len(secret)), bytes(salt), C.size_t(len(salt)),
			bytes(info), C.size_t(len(info)), bytes(out), C.size_t(length), code)
	})
}

// PBKDF2 fills length bytes from a password, with HMAC over the digest of that name.
func PBKDF2(name string, password, salt []byte, iterations uint64, length int) ([]byte, error) {
	digest := C.CString(name)
	defer C.free(unsafe.Pointer(digest))
	return derived(length, func(out []byte, code *C.ulong) C.int {
		return C.kdf_pbkdf2(digest, bytes(password), C.size_t(len(password)), bytes(salt),
			C.size_t(len(salt)), C.uint64_t(iterations), bytes(out), C.size_t(length), code)
	})
}

// Scrypt fills length bytes from a password.
func Scrypt(password, salt []byte, n, r, p uint64, length int) ([]byte, error) {
	return derived(length, func(out []byte, code *C.ulong) C.int {
		return C.kdf_scrypt(bytes(password), C.size_t(len(password)), bytes(salt), C.size_t(len(salt)),
			C.uint64_t(n), C.uint64_t(r), C.uint64_t(p), bytes(out), C.size_t(length), code)
	})
}

// KDF fills length bytes by the EVP_KDF of that name.
func KDF(name string, parameters []Parameter, length int) ([]byte, error) {
	kdf := C.CString(name)
	defer C.free(unsafe.Pointer(kdf))
	given := block(parameters)
	return derived(length, func(out []byte, code *C.ulong) C.int {
		return C.kdf_any(kdf, bytes(given), C.size_t(len(given)), bytes(out), C.size_t(length), code)
	})
}

// derived has one cgo call fill a slice. An empty one is refused here, because
// C would be given no address to write to.
func derived(length int, fill func(out []byte, code *C.ulong) C.int) ([]byte, error) {
	if length < 1 {
		return nil, &Failure{Class: "length"}
	}
	out := make([]byte, length)
	var code C.ulong
	if err := failure(fill(out, &code), code); err != nil {
		return nil, err
	}
	return out, nil
}
