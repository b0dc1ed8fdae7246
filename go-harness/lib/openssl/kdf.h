// Key derivation, where there are such through the functions of OpenSSL that are
// older than EVP_KDF: what they agree on with the other side was computed along
// another way.
#ifndef HARNESS_KDF_H
#define HARNESS_KDF_H

#include <stddef.h>
#include <stdint.h>

// HKDF, extract and expand.
int kdf_hkdf(const char *digest, const unsigned char *secret, size_t secret_length,
             const unsigned char *salt, size_t salt_length,
             const unsigned char *info, size_t info_length, unsigned char *out,
             size_t length, unsigned long *error);

int kdf_pbkdf2(const char *digest, const unsigned char *password,
               size_t password_length, const unsigned char *salt,
               size_t salt_length, uint64_t iterations, unsigned char *out,
               size_t length, unsigned long *error);

int kdf_scrypt(const unsigned char *password, size_t password_length,
               const unsigned char *salt, size_t salt_length, uint64_t n,
               uint64_t r, uint64_t p, unsigned char *out, size_t length,
               unsigned long *error);

// Any EVP_KDF, with the parameters in `block`, see params.h.
int kdf_any(const char *kdf, const unsigned char *block, size_t block_length,
            unsigned char *out, size_t length, unsigned long *error);

#endif
