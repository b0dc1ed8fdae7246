package main

import "ffence/go-harness/lib/openssl"

// Key derivation: key is the secret or the password, nonce the salt, header the
// info; cost holds the iterations, or scrypt's N, r and p.
func init() {
	operations["hkdf"] = func(r request) reply {
		return withData(openssl.HKDF(r.Key, r.Nonce, r.Header, r.Length))
	}
	operations["pbkdf2"] = func(r request) reply {
		if len(r.Cost) != 1 {
			return reply{Error: &failure{Class: "request", Text: "pbkdf2 has one cost"}}
		}
		return withData(openssl.PBKDF2(r.Key, r.Nonce, r.Cost[0], r.Length))
	}
	operations["scrypt"] = func(r request) reply {
		if len(r.Cost) != 3 {
			return reply{Error: &failure{Class: "request", Text: "scrypt has three costs"}}
		}
		return withData(openssl.Scrypt(r.Key, r.Nonce, r.Cost[0], r.Cost[1], r.Cost[2], r.Length))
	}
}
