// What package openssl asks of libcrypto: each function is one cgo call that does
// the whole work, and that takes its own error off the queue before it returns.
#ifndef HARNESS_AEAD_H
#define HARNESS_AEAD_H

#include <stddef.h>

#define AEAD_OK 0
#define AEAD_FAILED 1    // `*error` says why
#define AEAD_REFUSED 2   // the tag does not fit
#define AEAD_LENGTH 3    // a length that the algorithm does not take
#define AEAD_MALFORMED 4 // what was decrypted has not the form that it must have

// Encrypts `length` bytes from `text` to `out`, and writes the tag.
int aead_seal(const char *algorithm, const unsigned char *key, size_t key_length,
              const unsigned char *nonce, size_t nonce_length,
              const unsigned char *header, size_t header_length,
              const unsigned char *text, size_t length, unsigned char *out,
              unsigned char *tag, size_t tag_length, unsigned long *error);

// Decrypts; on anything but AEAD_OK, `out` holds nothing to be used.
int aead_open(const char *algorithm, const unsigned char *key, size_t key_length,
              const unsigned char *nonce, size_t nonce_length,
              const unsigned char *header, size_t header_length,
              const unsigned char *text, size_t length,
              const unsigned char *tag, size_t tag_length, unsigned char *out,
              unsigned long *error);

// The records of a failure, taken off the queue.
int openssl_failed(unsigned long *error);

#endif
