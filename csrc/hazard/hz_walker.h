// hz_walker: a C object that calls back, and that has something to put right
// after the callback: the shape of curl_easy_perform.
#ifndef HZ_WALKER_H
#define HZ_WALKER_H

#include <stddef.h>

#define HZ_OK 0
#define HZ_STOPPED 1 // a callback asked to stop
#define HZ_BUSY 2    // the walker is already walking

typedef struct hz_walker hz_walker;

// Called once a step; anything but 0 stops the walk.
typedef int (*hz_visit)(void *user, size_t step);

// NULL when out of memory.
hz_walker *hz_walker_new(void);

void hz_walker_free(hz_walker *walker);

// Calls `visit` with 0, 1, ... `steps` - 1. The walker is busy meanwhile, and
// refuses a second walk until this one has tidied up.
int hz_walker_walk(hz_walker *walker, size_t steps, hz_visit visit, void *user);

// How many walks have tidied up.
size_t hz_walker_tidied(const hz_walker *walker);

#endif
