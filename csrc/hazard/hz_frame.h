// hz_frame: C that lends a buffer of its own stack frame to a callback, for as
// long as the callback runs, as libcurl does with what it received.
#ifndef HZ_FRAME_H
#define HZ_FRAME_H

#include <stddef.h>

#define HZ_FRAME_SIZE 1024
#define HZ_FRAME_FILL 0x11  // what the buffer holds when it is lent
#define HZ_FRAME_LATER 0x5a // what hz_frame_overwrite leaves in its place

// Called once, with `size` bytes that are gone when it has returned.
typedef void (*hz_borrow)(void *user, unsigned char *bytes, size_t size);

// Lends a buffer of this call's frame. Answers how many of its bytes the
// callback has changed.
size_t hz_frame_lend(hz_borrow borrow, void *user);

// The same on a thread of C's own, whose stack of 128 MiB is given back to the
// system before this returns. Anything but 0: there was no thread to be had.
int hz_frame_lend_elsewhere(hz_borrow borrow, void *user);

// Uses the stack below the caller's frame, as the next call of anything would.
void hz_frame_overwrite(void);

#endif
