// hz_errors: failures recorded as libcrypto records its own, on the error queue
// of the calling thread, under a reason the caller chooses.
#ifndef HZ_ERRORS_H
#define HZ_ERRORS_H

// Puts a record with `reason` (1 to 4095) on this thread's queue and returns 0,
// which is what a failed OpenSSL call does.
int hz_errors_fail(int reason);

// Takes the oldest record off this thread's queue and returns its reason, or 0
// when the queue is empty.
int hz_errors_take(void);

// Fails and takes the record in one call: nothing can come between.
int hz_errors_fail_and_take(int reason);

#endif
