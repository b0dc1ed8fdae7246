// Digests and HMAC by the functions of OpenSSL 3 that do all in one call.
#ifndef HARNESS_MAC_H
#define HARNESS_MAC_H

#include <stddef.h>

enum { MAC_ROOM = 64 }; // the longest digest

// Each writes at most MAC_ROOM bytes to `out` and says how many.
int mac_digest(const char *digest, const unsigned char *data, size_t length,
               unsigned char *out, size_t *written, unsigned long *error);
int mac_hmac(const char *digest, const unsigned char *key, size_t key_length,
             const unsigned char *data, size_t length, unsigned char *out,
             size_t *written, unsigned long *error);

#endif
