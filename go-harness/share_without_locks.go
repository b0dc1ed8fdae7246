package main

// The mistake: handles on several threads use one share, and nobody gave it lock
// callbacks. Without them libcurl does not lock at all, and says nothing.
//
// What to look for: crashes and aborts in the cache of names, on a good day none. The
// race detector does not look into C.
//
// The rule: CURLSHOPT_LOCKFUNC and CURLSHOPT_UNLOCKFUNC, both, before the first handle
// uses the share. They are C: a callback into Go costs more than what it guards.
//
// Source: curl_share_setopt(3); CURLSHOPT_LOCKFUNC(3); libcurl-thread(3)

/*
#include <curl/curl.h>
#include <pthread.h>

static pthread_mutex_t share_locks[CURL_LOCK_DATA_LAST];

static void share_lock(CURL *easy, curl_lock_data data, curl_lock_access access, void *user) {
  (void)easy;
  (void)access;
  (void)user;
  pthread_mutex_lock(&share_locks[data]);
}

static void share_unlock(CURL *easy, curl_lock_data data, void *user) {
  (void)easy;
  (void)user;
  pthread_mutex_unlock(&share_locks[data]);
}

static CURLSHcode share_names(CURLSH *share) {
  return curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
}

static CURLSHcode share_with_locks(CURLSH *share) {
  for (int data = 0; data < CURL_LOCK_DATA_LAST; data++) {
    pthread_mutex_init(&share_locks[data], NULL);
  }
  CURLSHcode code = curl_share_setopt(share, CURLSHOPT_LOCKFUNC, share_lock);
  if (code == CURLSHE_OK) {
    code = curl_share_setopt(share, CURLSHOPT_UNLOCKFUNC, share_unlock);
  }
  return code;
}

static CURLcode use_share(CURL *easy, CURLSH *share) {
  return curl_easy_setopt(easy, CURLOPT_SHARE, share);
}

// Transfers nothing, after it has put `names` into the share's cache.
static CURLcode remember_names(CURL *easy, struct curl_slist *names) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_RESOLVE, names);
  return code == CURLE_OK ? curl_easy_perform(easy) : code;
}
*/
import "C"

import (
	"fmt"
	"os"
	"sync"
	"time"
	"unsafe"
)

func init() {
	register("share_without_locks", program{bad: shareUnlocked, good: shareLocked})
}

// shareNames has four goroutines put the same 64 names into one cache, 300 times each,
// and says how many of their transfers came to an end.
func shareNames(prepare func(share unsafe.Pointer) C.CURLSHcode) int {
	C.curl_global_init(C.CURL_GLOBAL_DEFAULT)
	share := C.curl_share_init()
	defer C.curl_share_cleanup(share)
	if prepare(share) != C.CURLSHE_OK || C.share_names(share) != C.CURLSHE_OK {
		panic("no share")
	}
	var done [4]int
	var all sync.WaitGroup
	all.Add(len(done))
	for i := range done {
		go func(done *int) {
			defer all.Done()
			*done = rememberNames(share)
		}(&done[i])
	}
	all.Wait()
	return done[0] + done[1] + done[2] + done[3]
}

func rememberNames(share unsafe.Pointer) (done int) {
	var names *C.struct_curl_slist
	for i := 0; i < 64; i++ {
		names = C.curl_slist_append(names, cstring([]byte(fmt.Sprintf("host%d.test:80:127.0.0.1\x00", i))))
	}
	defer C.curl_slist_free_all(names)
	easy := newEasy()
	defer C.curl_easy_cleanup(easy)
	setURL(easy, "file:///dev/null")
	if C.use_share(easy, share) != C.CURLE_OK {
		panic("no share")
	}
	for i := 0; i < 300; i++ {
		if C.remember_names(easy, names) == C.CURLE_OK {
			done++
		}
	}
	return done
}

func shareUnlocked() {
	// A list whose ends two threads have tied together has none.
	defer time.AfterFunc(10*time.Second, func() {
		result("without locks not all of 1200 transfers came to an end")
		os.Exit(0)
	}).Stop()
	done := shareNames(func(unsafe.Pointer) C.CURLSHcode { return C.CURLSHE_OK })
	result("without locks %d of 1200 transfers came to an end", done)
}

func shareLocked() {
	done := shareNames(func(share unsafe.Pointer) C.CURLSHcode { return C.share_with_locks(share) })
	result("with locks %d of 1200 transfers came to an end", done)
}
