package main

import "ffence/go-harness/lib/openssl"

// Digests and MACs: algorithm is OpenSSL's name, under what a MAC is made of.
func init() {
	operations["digest"] = func(r request) reply {
		return withData(openssl.Digest(r.Algorithm, false, r.Data))
	}
	operations["digest-legacy"] = func(r request) reply {
		return withData(openssl.Digest(r.Algorithm, true, r.Data))
	}
	operations["xof"] = func(r request) reply {
		return withData(openssl.XOF(r.Algorithm, r.Data, r.Length))
	}
	operations["mac"] = func(r request) reply {
		return withData(openssl.MAC(r.Algorithm, r.Under, r.Parameters, r.Key, r.Data, r.Length))
	}
}
