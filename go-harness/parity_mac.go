package main

import "ffence/go-harness/lib/openssl"

// Digests and HMAC: header names the digest as OpenSSL does.
func init() {
	operations["digest"] = func(r request) reply {
		return withData(openssl.Digest(string(r.Header), r.Data))
	}
	operations["hmac"] = func(r request) reply {
		return withData(openssl.HMAC(string(r.Header), r.Key, r.Data))
	}
}
