// hz_bell: a C object that keeps a callback and the `user` that goes with it, and
// calls it when it is rung, on the thread that rings or on one of C's own.
#ifndef HZ_BELL_H
#define HZ_BELL_H

#include <stddef.h>
#include <stdint.h>

typedef struct hz_bell hz_bell;

typedef void (*hz_ring)(void *user);

// Keeps `ring` and `user`. As in most of C, `ring` is not asked whether it is
// NULL. NULL when out of memory.
hz_bell *hz_bell_new(hz_ring ring, void *user);

// Frees the bell, not what `user` points to.
void hz_bell_free(hz_bell *bell);

// Calls the callback.
void hz_bell_ring(hz_bell *bell);

// Calls the callback on a thread that C starts for it, and waits for its end.
// Anything but 0: there was no thread to be had.
int hz_bell_ring_elsewhere(hz_bell *bell);

// How many calls of the callback have come back.
size_t hz_bell_rung(const hz_bell *bell);

// The thread that rings or rang last, and the one that asks, as numbers.
uintptr_t hz_bell_rang_on(const hz_bell *bell);
uintptr_t hz_bell_here(void);

#endif
