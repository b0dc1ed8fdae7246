package openssl

/*
#include <stdlib.h>
#include "aead.h"
#include "mac.h"
*/
import "C"

import "unsafe"

// Digest is the digest of data by the algorithm that OpenSSL calls name.
func Digest(name string, data []byte) ([]byte, error) {
	return named(name, func(digest *C.char, out []byte, written *C.size_t, code *C.ulong) C.int {
		return C.mac_digest(digest, bytes(data), C.size_t(len(data)), bytes(out), written, code)
	})
}

// HMAC is the tag of data over the digest that OpenSSL calls name.
func HMAC(name string, key, data []byte) ([]byte, error) {
	return named(name, func(digest *C.char, out []byte, written *C.size_t, code *C.ulong) C.int {
		return C.mac_hmac(digest, bytes(key), C.size_t(len(key)), bytes(data), C.size_t(len(data)),
			bytes(out), written, code)
	})
}

// named lends C a name and room for the longest digest.
func named(name string, fill func(digest *C.char, out []byte, written *C.size_t, code *C.ulong) C.int) ([]byte, error) {
	digest := C.CString(name)
	defer C.free(unsafe.Pointer(digest))
	out := make([]byte, C.MAC_ROOM)
	var written C.size_t
	var code C.ulong
	if err := failure(fill(digest, out, &written, &code), code); err != nil {
		return nil, err
	}
	return out[:written], nil
}
