// Command good is what is right since OpenSSL 1.1.0: nothing. Threads that work on
// objects of their own need no lock.
package main

/*
#cgo LDFLAGS: -lcrypto
#include <openssl/evp.h>

static int digest(const void *data, size_t size, unsigned char out[32]) {
  unsigned length = 0;
  return EVP_Digest(data, size, out, &length, EVP_sha256(), NULL) == 1 && length == 32;
}
*/
import "C"

import (
	"fmt"
	"sync"
	"unsafe"
)

func main() {
	const workers = 8
	digests := make([][32]byte, workers)
	var all sync.WaitGroup
	all.Add(workers)
	for i := range digests {
		go func(out *[32]byte) {
			defer all.Done()
			data := []byte("the same for all")
			for round := 0; round < 200; round++ {
				if C.digest(unsafe.Pointer(&data[0]), C.size_t(len(data)), (*C.uchar)(&out[0])) != 1 {
					panic("no digest")
				}
			}
		}(&digests[i])
	}
	all.Wait()
	for _, digest := range digests {
		if digest != digests[0] {
			panic("digests differ")
		}
	}
	fmt.Println("RESULT all digests are the same")
}
