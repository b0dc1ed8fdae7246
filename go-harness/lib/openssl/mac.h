// Digests and MACs by the functions of OpenSSL 3 that do all in one call.
#ifndef HARNESS_MAC_H
#define HARNESS_MAC_H

#include <stddef.h>

enum { MAC_ROOM = 64 }; // the longest digest

// Each writes at most `room` bytes to `out` and says how many.
int mac_digest(const char *digest, const unsigned char *data, size_t length,
               unsigned char *out, size_t *written, unsigned long *error);

// The same in a library of its own, which has loaded the legacy provider.
int mac_digest_legacy(const char *digest, const unsigned char *data, size_t length,
                      unsigned char *out, size_t *written, unsigned long *error);

// Fills `out` from a function whose output is as long as is wanted.
int mac_xof(const char *digest, const unsigned char *data, size_t length,
            unsigned char *out, size_t room, unsigned long *error);

// `under` is the digest or the cipher that the MAC is made of, or empty; `block`
// holds parameters, see params.h.
int mac_any(const char *mac, const char *under, const unsigned char *block,
            size_t block_length, const unsigned char *key, size_t key_length,
            const unsigned char *data, size_t length, unsigned char *out,
            size_t room, size_t *written, unsigned long *error);

#endif
