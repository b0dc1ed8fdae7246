// hz_bytes: a block from malloc, and C that reads and writes as far as it is told.
#ifndef HZ_BYTES_H
#define HZ_BYTES_H

#include <stddef.h>

// A block of `size` bytes which nobody has written yet. NULL when out of memory.
unsigned char *hz_bytes_new(size_t size);

// Frees what hz_bytes_new returned: all of it, and nothing else.
void hz_bytes_free(void *bytes);

// The byte at `index`, which the caller promises to be there.
int hz_bytes_get(const unsigned char *bytes, size_t index);

// Whether the byte at `index` is greater than `limit`: a decision that depends on it.
int hz_bytes_exceeds(const unsigned char *bytes, size_t index, int limit);

// Writes `value` to `size` bytes, which the caller promises to be there.
void hz_bytes_fill(unsigned char *bytes, size_t size, int value);

#endif
