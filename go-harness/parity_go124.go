//go:build go1.24

package main

import (
	"crypto/hkdf"
	"crypto/pbkdf2"
	"crypto/sha3"
	"hash"

	"ffence/go-harness/lib/openssl"
)

// What Go's own packages have since 1.24.
func init() {
	hashes["SHA3-224"] = func() hash.Hash { return sha3.New224() }
	hashes["SHA3-256"] = func() hash.Hash { return sha3.New256() }
	hashes["SHA3-384"] = func() hash.Hash { return sha3.New384() }
	hashes["SHA3-512"] = func() hash.Hash { return sha3.New512() }

	operations["go-xof"] = func(r request) reply {
		shake := map[string]func() *sha3.SHAKE{
			"SHAKE-128": sha3.NewSHAKE128,
			"SHAKE-256": sha3.NewSHAKE256,
		}[r.Algorithm]
		if shake == nil {
			return withData(nil, errAbsent)
		}
		state, out := shake(), make([]byte, r.Length)
		state.Write(r.Data)
		state.Read(out)
		return withData(out, nil)
	}
	operations["go-hkdf"] = func(r request) reply {
		return withHash(r, func(newHash func() hash.Hash) ([]byte, error) {
			return sized(hkdf.Key(newHash, r.Key, r.Nonce, string(r.Header), r.Length))
		})
	}
	operations["go-pbkdf2"] = func(r request) reply {
		return withHash(r, func(newHash func() hash.Hash) ([]byte, error) {
			return sized(pbkdf2.Key(newHash, string(r.Key), r.Nonce, int(r.Cost[0]), r.Length))
		})
	}
}

// sized takes an error for what it is here: a length that is too long.
func sized(out []byte, err error) ([]byte, error) {
	if err != nil || len(out) == 0 {
		return nil, &openssl.Failure{Class: "length"}
	}
	return out, nil
}
