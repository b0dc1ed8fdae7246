// Ciphers that do not authenticate, and key wrap.
#ifndef HARNESS_CIPHER_H
#define HARNESS_CIPHER_H

#include <stddef.h>

enum { CIPHER_ROOM = 32 }; // what an output may be longer than its input

// Encrypts or decrypts `length` bytes to `out`, which has CIPHER_ROOM bytes more,
// and says how many were written.
int cipher_run(const char *algorithm, int encrypt, int padded,
               const unsigned char *key, size_t key_length,
               const unsigned char *iv, size_t iv_length,
               const unsigned char *text, size_t length, unsigned char *out,
               size_t *written, unsigned long *error);

#endif
