// What package openssl asks of libcrypto: each function is one cgo call that does
// the whole work, and that takes its own error off the queue before it returns.
#ifndef HARNESS_AEAD_H
#define HARNESS_AEAD_H

#include <stddef.h>

#define AEAD_OK 0
#define AEAD_FAILED 1 // `*error` says why
#define AEAD_REFUSED 2 // the tag does not fit

enum { AEAD_KEY = 32, AEAD_NONCE = 12, AEAD_TAG = 16, SHA256_SIZE = 32 };

// Encrypts `length` bytes from `text` to `out`, and writes the tag.
int aead_seal(const unsigned char *key, const unsigned char *nonce,
              const unsigned char *header, size_t header_length,
              const unsigned char *text, size_t length, unsigned char *out,
              unsigned char *tag, unsigned long *error);

// Decrypts; on anything but AEAD_OK, `out` holds nothing to be used.
int aead_open(const unsigned char *key, const unsigned char *nonce,
              const unsigned char *header, size_t header_length,
              const unsigned char *text, size_t length,
              const unsigned char *tag, unsigned char *out,
              unsigned long *error);

int digest_sha256(const unsigned char *data, size_t length, unsigned char *out,
                  unsigned long *error);

#endif
