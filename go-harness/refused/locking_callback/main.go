package main

// The mistake: OpenSSL is given a locking callback, as versions before 1.1.0
// needed one. CRYPTO_num_locks and CRYPTO_set_locking_callback are macros that do
// nothing since then, and cgo knows functions and constants, not such macros.
//
// What to look for: cgo's complaint about both names.
//
// The rule: give OpenSSL no locks; it has its own. Guard each of its objects that
// two threads use, and read an error in the C call that failed.
//
// Source: https://docs.openssl.org/3.0/man7/openssl-threads/; https://docs.openssl.org/3.0/man3/CRYPTO_THREAD_run_once/

/*
#cgo LDFLAGS: -lcrypto
#include <openssl/crypto.h>
*/
import "C"

import (
	"fmt"
	"sync"
)

func main() {
	locks := make([]sync.Mutex, C.CRYPTO_num_locks())
	C.CRYPTO_set_locking_callback(nil)
	fmt.Println("RESULT locks:", len(locks))
}
