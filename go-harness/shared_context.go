package main

// The mistake: goroutines encrypt with one context and no lock. OpenSSL locks what its
// objects share among themselves, never the object itself.
//
// What to look for: pieces of keystream that are given out twice, which gives away both
// texts that they are added to. The race detector does not look into C. It is up to
// the scheduler: a run may come out right.
//
// The rule: one context for each goroutine, or a mutex around each call with it.
//
// Source: https://docs.openssl.org/3.0/man7/openssl-threads/

/*
#include <openssl/evp.h>
*/
import "C"

import (
	"bytes"
	"sync"
)

func init() {
	register("shared_context", program{bad: drawUnlocked, good: drawLocked})
}

// A piece of keystream is long enough for the scheduler to come in between.
type piece [4096]byte

// drawAll has four goroutines draw 200 pieces of keystream each, and says how many were
// drawn more than once. `guard` is around each call with the context.
func drawAll(guard sync.Locker) int {
	key, iv := bytes.Repeat([]byte{7}, 32), bytes.Repeat([]byte{9}, 16)
	ctx := C.EVP_CIPHER_CTX_new()
	defer C.EVP_CIPHER_CTX_free(ctx)
	if C.EVP_EncryptInit_ex(ctx, C.EVP_aes_256_ctr(), nil, (*C.uchar)(&key[0]), (*C.uchar)(&iv[0])) != 1 {
		panic("no keystream")
	}
	drawn := make([][200]piece, 4)
	var all sync.WaitGroup
	all.Add(len(drawn))
	for i := range drawn {
		go func(own *[200]piece) {
			defer all.Done()
			for j := range own {
				draw(ctx, &own[j], guard)
			}
		}(&drawn[i])
	}
	all.Wait()
	seen, twice := map[[16]byte]bool{}, 0
	for i := range drawn {
		for j := range drawn[i] {
			var first [16]byte
			copy(first[:], drawn[i][j][:])
			if seen[first] {
				twice++
			}
			seen[first] = true
		}
	}
	return twice
}

// draw encrypts zeros, which leaves the keystream.
func draw(ctx *C.EVP_CIPHER_CTX, out *piece, guard sync.Locker) {
	var written C.int
	at := (*C.uchar)(&out[0])
	guard.Lock()
	defer guard.Unlock()
	C.EVP_EncryptUpdate(ctx, at, &written, at, C.int(len(out)))
}

// noLock is what is there when nobody thought of a lock.
type noLock struct{}

func (noLock) Lock()   {}
func (noLock) Unlock() {}

// drawRounds draws until something was drawn twice, but not for ever.
func drawRounds(guard sync.Locker) (twice int) {
	for round := 0; round < 10 && twice == 0; round++ {
		twice = drawAll(guard)
	}
	return twice
}

func drawUnlocked() {
	result("pieces of keystream that were given out twice: %d", drawRounds(noLock{}))
}

func drawLocked() {
	result("pieces of keystream that were given out twice: %d", drawRounds(&sync.Mutex{}))
}
