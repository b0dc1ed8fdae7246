package openssl

/*
#include <stdlib.h>
#include "mac.h"
*/
import "C"

import "unsafe"

// Digest is the digest of data by the algorithm that OpenSSL calls name, legacy
// one of the legacy provider's.
func Digest(name string, legacy bool, data []byte) ([]byte, error) {
	digest := C.CString(name)
	defer C.free(unsafe.Pointer(digest))
	out := make([]byte, C.MAC_ROOM)
	var written C.size_t
	var code C.ulong
	var status C.int
	if legacy {
		status = C.mac_digest_legacy(digest, bytes(data), C.size_t(len(data)), bytes(out), &written, &code)
	} else {
		status = C.mac_digest(digest, bytes(data), C.size_t(len(data)), bytes(out), &written, &code)
	}
	if err := failure(status, code); err != nil {
		return nil, err
	}
	return out[:written], nil
}

// XOF is as much as is wanted of an algorithm whose output has no end.
func XOF(name string, data []byte, length int) ([]byte, error) {
	digest := C.CString(name)
	defer C.free(unsafe.Pointer(digest))
	return derived(length, func(out []byte, code *C.ulong) C.int {
		return C.mac_xof(digest, bytes(data), C.size_t(len(data)), bytes(out), C.size_t(length), code)
	})
}

// MAC is the tag of data; under is the digest or the cipher that it is made of,
// or empty, and length how long a tag may be.
func MAC(name, under string, parameters []Parameter, key, data []byte, length int) ([]byte, error) {
	if length < 1 {
		length = C.MAC_ROOM
	}
	mac, of := C.CString(name), C.CString(under)
	defer C.free(unsafe.Pointer(mac))
	defer C.free(unsafe.Pointer(of))
	given := block(parameters)
	out := make([]byte, length)
	var written C.size_t
	var code C.ulong
	status := C.mac_any(mac, of, bytes(given), C.size_t(len(given)), bytes(key), C.size_t(len(key)),
		bytes(data), C.size_t(len(data)), bytes(out), C.size_t(length), &written, &code)
	if err := failure(status, code); err != nil {
		return nil, err
	}
	return out[:written], nil
}
