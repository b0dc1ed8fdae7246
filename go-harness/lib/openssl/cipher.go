package openssl

/*
#include <stdlib.h>
#include "cipher.h"
*/
import "C"

import "unsafe"

// Cipher encrypts or decrypts with the cipher that OpenSSL calls algorithm.
func Cipher(algorithm string, encrypt, padded bool, key, iv, text []byte) ([]byte, error) {
	name := C.CString(algorithm)
	defer C.free(unsafe.Pointer(name))
	out := make([]byte, len(text)+C.CIPHER_ROOM)
	var written C.size_t
	var code C.ulong
	status := C.cipher_run(name, yes(encrypt), yes(padded), bytes(key), C.size_t(len(key)),
		bytes(iv), C.size_t(len(iv)), bytes(text), C.size_t(len(text)), bytes(out), &written, &code)
	if err := failure(status, code); err != nil {
		return nil, err
	}
	return out[:written], nil
}

func yes(it bool) C.int {
	if it {
		return 1
	}
	return 0
}
