package main

import "ffence/go-harness/lib/openssl"

// Key derivation: key is the secret or the password, nonce the salt, header the
// info, algorithm the digest; cost holds the iterations, or scrypt's N, r and p.
func init() {
	operations["hkdf"] = func(r request) reply {
		return withData(openssl.HKDF(r.Algorithm, r.Key, r.Nonce, r.Header, r.Length))
	}
	operations["pbkdf2"] = func(r request) reply {
		if len(r.Cost) != 1 {
			return reply{Error: &failure{Class: "request", Text: "pbkdf2 has one cost"}}
		}
		return withData(openssl.PBKDF2(r.Algorithm, r.Key, r.Nonce, r.Cost[0], r.Length))
	}
	// The others: algorithm is OpenSSL's name, and all that counts is a parameter.
	operations["kdf"] = func(r request) reply {
		return withData(openssl.KDF(r.Algorithm, r.Parameters, r.Length))
	}
	operations["scrypt"] = func(r request) reply {
		if len(r.Cost) != 3 {
			return reply{Error: &failure{Class: "request", Text: "scrypt has three costs"}}
		}
		return withData(openssl.Scrypt(r.Key, r.Nonce, r.Cost[0], r.Cost[1], r.Cost[2], r.Length))
	}
}
