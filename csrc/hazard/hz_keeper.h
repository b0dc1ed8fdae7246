// hz_keeper: a C object that remembers the caller's buffer after the call that
// passed it, as CURLOPT_POSTFIELDS and CURLOPT_WRITEDATA do.
#ifndef HZ_KEEPER_H
#define HZ_KEEPER_H

#include <stddef.h>

typedef struct hz_keeper hz_keeper;

// NULL when out of memory.
hz_keeper *hz_keeper_new(void);

// Frees the keeper, not what it keeps.
void hz_keeper_free(hz_keeper *keeper);

// Remembers `bytes`, which must stay valid until another takes its place or the
// keeper is freed. NULL forgets.
void hz_keeper_keep(hz_keeper *keeper, const unsigned char *bytes);

// The first byte kept, or -1 when nothing is.
int hz_keeper_first(const hz_keeper *keeper);

#endif
