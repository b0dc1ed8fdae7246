// Parameters that come in one block of bytes: for each, a letter for its kind, its
// name with a NUL, its value's length in 4 bytes (the lowest first), its value. A
// text counts the NUL at its end, which providers rely on.
#ifndef HARNESS_PARAMS_H
#define HARNESS_PARAMS_H

#include <openssl/params.h>
#include <stddef.h>
#include <stdint.h>

enum { PARAMS_MOST = 12 };

typedef struct {
  OSSL_PARAM list[PARAMS_MOST + 1];
  uint64_t numbers[PARAMS_MOST];
} params;

// Points into `block`; 0 for a block that is none.
int params_read(params *to, const unsigned char *block, size_t length);

#endif
