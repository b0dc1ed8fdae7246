package main

// The claim: a library for secrets in guarded memory, such as memguard, finds
// memory bugs as AddressSanitizer does, for a fraction of what that costs.
//
// What to look for: a secret lies between pages that nobody may touch, as such a
// library puts it, and a block of malloc's beside it is read past its end: the
// guards see nothing of it. They are around one buffer, AddressSanitizer's are
// around all. What each costs is measured, not tabled: guards cost pages and system
// calls for each buffer, AddressSanitizer costs each access of C and Go.
//
// The rule: guarded memory keeps secrets out of swap and core files; bugs are looked
// for with -asan. The module is github.com/awnumar/memguard.
//
// Source: https://pkg.go.dev/github.com/awnumar/memguard; https://go.dev/doc/asan-article

/*
#include <stdlib.h>

static __attribute__((noinline)) int guarded_read(const volatile unsigned char *at, size_t index) { return at[index]; }

static __attribute__((noinline)) void guarded_fill(volatile unsigned char *at, size_t length) {
	for (size_t i = 0; i < length; i++)
		at[i] = (unsigned char)i;
}
*/
import "C"

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

func init() {
	register("guarded_memory", program{
		bad:  func() { readBesideSecret(64) },
		good: func() { readBesideSecret(63) },
		tool: weighGuards,
	})
}

// guardedSecret is 32 bytes in a page of their own, between two that are closed.
func guardedSecret() (secret, pages []byte) {
	page := os.Getpagesize()
	pages, err := syscall.Mmap(-1, 0, 3*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
	must(err)
	must(syscall.Mprotect(pages[:page], syscall.PROT_NONE))
	must(syscall.Mprotect(pages[2*page:], syscall.PROT_NONE))
	// Its end is the page's, so that the next byte is a closed one.
	return pages[2*page-32 : 2*page : 2*page], pages
}

func readBesideSecret(index C.size_t) {
	secret, pages := guardedSecret()
	defer func() { must(syscall.Munmap(pages)) }()
	copy(secret, "the secret")
	block := C.calloc(1, 64)
	defer C.free(block)
	C.guarded_read((*C.uchar)(block), index)
	result("byte %d of 64 was read, and the guards saw nothing", index)
}

func weighGuards(good bool) {
	alone := os.Getenv("HARNESS_ALONE") != ""
	block := C.malloc(1 << 16)
	defer C.free(block)
	access := nanoseconds(100, func() { C.guarded_fill((*C.uchar)(block), 1<<16) })
	if alone {
		result("%d", access)
		return
	}
	guarded := nanoseconds(1000, func() {
		_, pages := guardedSecret()
		must(syscall.Munmap(pages))
	})
	plain := nanoseconds(1000, func() { C.free(C.malloc(32)) })
	_, pages := guardedSecret()
	defer func() { must(syscall.Munmap(pages)) }()
	fmt.Printf("to make and to free 32 bytes: guarded %d ns, malloc %d ns\n", guarded, plain)
	// The same program under AddressSanitizer, if it has been built.
	path, err := os.Executable()
	must(err)
	other := self("guarded_memory", good)
	other.Path = filepath.Join(filepath.Dir(path), "..", "asan", "harness")
	other.Args = []string{other.Path, "tool", "guarded_memory"}
	other.Env = append(os.Environ(), "HARNESS_ALONE=1")
	if words, err := ran(other); err == nil {
		fmt.Printf("to fill 64 KiB in C: plain %d ns, with -asan %s ns\n", access, strings.TrimSpace(strings.TrimPrefix(words, "RESULT ")))
	}
	result("32 bytes take %d behind guards; what is beside them is not guarded", len(pages))
}

// nanoseconds is the shortest of five measurements of so many rounds, for one.
func nanoseconds(rounds int, work func()) (least int64) {
	for run := 0; run < 5; run++ {
		start := time.Now()
		for i := 0; i < rounds; i++ {
			work()
		}
		if took := time.Since(start).Nanoseconds() / int64(rounds); run == 0 || took < least {
			least = took
		}
	}
	return least
}
