package main

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"hash"

	"ffence/go-harness/lib/openssl"
)

// The same by Go's own packages, which know nothing of C. Algorithms have
// OpenSSL's names; the newer packages are in parity_go124.go.

var hashes = map[string]func() hash.Hash{
	"SHA1":         sha1.New,
	"SHA2-224":     sha256.New224,
	"SHA2-256":     sha256.New,
	"SHA2-384":     sha512.New384,
	"SHA2-512":     sha512.New,
	"SHA2-512/224": sha512.New512_224,
	"SHA2-512/256": sha512.New512_256,
}

var errAbsent = &openssl.Failure{Class: "absent"}

func init() {
	operations["go-digest"] = func(r request) reply {
		return withHash(r, func(newHash func() hash.Hash) ([]byte, error) {
			h := newHash()
			h.Write(r.Data)
			return h.Sum(nil), nil
		})
	}
	operations["go-hmac"] = func(r request) reply {
		return withHash(r, func(newHash func() hash.Hash) ([]byte, error) {
			h := hmac.New(newHash, r.Key)
			h.Write(r.Data)
			return h.Sum(nil), nil
		})
	}
	operations["go-seal"] = func(r request) reply {
		return withGCM(r, func(gcm cipher.AEAD) ([]byte, error) {
			return gcm.Seal(nil, r.Nonce, r.Data, r.Header), nil
		})
	}
	operations["go-open"] = func(r request) reply {
		return withGCM(r, func(gcm cipher.AEAD) ([]byte, error) {
			text, err := gcm.Open(nil, r.Nonce, r.Data, r.Header)
			if err != nil {
				return nil, &openssl.Failure{Class: "authentication"}
			}
			return text, nil
		})
	}
	operations["go-ctr"] = func(r request) reply {
		return withBlock(r, func(block cipher.Block) ([]byte, error) {
			out := make([]byte, len(r.Data))
			cipher.NewCTR(block, r.Nonce).XORKeyStream(out, r.Data)
			return out, nil
		})
	}
	operations["go-cbc"] = func(r request) reply {
		return withBlock(r, func(block cipher.Block) ([]byte, error) {
			if len(r.Data)%block.BlockSize() != 0 {
				return nil, &openssl.Failure{Class: "length"}
			}
			out := make([]byte, len(r.Data))
			cipher.NewCBCEncrypter(block, r.Nonce).CryptBlocks(out, r.Data)
			return out, nil
		})
	}
}

// What an older Go has not; parity_go124.go, which comes after this file, replaces
// it.
func init() {
	for _, op := range []string{"go-xof", "go-hkdf", "go-pbkdf2"} {
		operations[op] = func(request) reply { return withData(nil, errAbsent) }
	}
}

func withHash(r request, work func(func() hash.Hash) ([]byte, error)) reply {
	newHash, known := hashes[r.Algorithm]
	if !known {
		return withData(nil, errAbsent)
	}
	return withData(work(newHash))
}

func withBlock(r request, work func(cipher.Block) ([]byte, error)) reply {
	block, err := aes.NewCipher(r.Key)
	if err != nil {
		return withData(nil, &openssl.Failure{Class: "length"})
	}
	return withData(work(block))
}

func withGCM(r request, work func(cipher.AEAD) ([]byte, error)) reply {
	return withBlock(r, func(block cipher.Block) ([]byte, error) {
		gcm, err := cipher.NewGCM(block)
		if err != nil {
			return nil, err
		}
		return work(gcm)
	})
}
