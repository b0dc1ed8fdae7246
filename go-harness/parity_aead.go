package main

import "ffence/go-harness/lib/openssl"

// AEADs, and the ciphers that do not authenticate: algorithm is OpenSSL's name,
// length that of the tag.
func init() {
	operations["seal"] = func(r request) reply {
		return withData(openssl.Seal(r.Algorithm, r.Key, r.Nonce, r.Header, r.Data, r.Length))
	}
	operations["open"] = func(r request) reply {
		return withData(openssl.Open(r.Algorithm, r.Key, r.Nonce, r.Header, r.Data, r.Length))
	}
	operations["encrypt"] = func(r request) reply {
		return withData(openssl.Cipher(r.Algorithm, true, r.Under == "padded", r.Key, r.Nonce, r.Data))
	}
	operations["decrypt"] = func(r request) reply {
		return withData(openssl.Cipher(r.Algorithm, false, r.Under == "padded", r.Key, r.Nonce, r.Data))
	}
}
