#include "kdf.h"

#include "aead.h"
#include "params.h"
#include <limits.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

// Lengths below are int, and nothing that is asked for here comes near.
static const size_t longest = INT_MAX;

// The most memory that scrypt may take.
static const uint64_t memory = 1 << 26;

static int ended(int good, unsigned long *error) {
  return good ? AEAD_OK : openssl_failed(error);
}

// An empty slice of Go has no address, and some of these functions want one.
static const unsigned char *some(const unsigned char *bytes) {
  return bytes == NULL ? (const unsigned char *)"" : bytes;
}

int kdf_hkdf(const char *digest, const unsigned char *secret, size_t secret_length,
             const unsigned char *salt, size_t salt_length,
             const unsigned char *info, size_t info_length, unsigned char *out,
             size_t length, unsigned long *error) {
  size_t written = length;
  if (secret_length > longest || salt_length > longest || info_length > longest) {
    return AEAD_FAILED;
  }
  EVP_MD *md = EVP_MD_fetch(NULL, digest, NULL);
  EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, NULL);
  int good = md != NULL && ctx != NULL && EVP_PKEY_derive_init(ctx) == 1 &&
             EVP_PKEY_CTX_set_hkdf_md(ctx, md) == 1 &&
             EVP_PKEY_CTX_set1_hkdf_salt(ctx, some(salt), (int)salt_length) == 1 &&
             EVP_PKEY_CTX_set1_hkdf_key(ctx, some(secret), (int)secret_length) == 1 &&
             EVP_PKEY_CTX_add1_hkdf_info(ctx, some(info), (int)info_length) == 1 &&
             EVP_PKEY_derive(ctx, out, &written) == 1 && written == length;
  EVP_PKEY_CTX_free(ctx);
  EVP_MD_free(md);
  return ended(good, error);
}

int kdf_pbkdf2(const char *digest, const unsigned char *password,
               size_t password_length, const unsigned char *salt,
               size_t salt_length, uint64_t iterations, unsigned char *out,
               size_t length, unsigned long *error) {
  if (password_length > longest || salt_length > longest ||
      iterations > longest || length > longest) {
    return AEAD_FAILED;
  }
  EVP_MD *md = EVP_MD_fetch(NULL, digest, NULL);
  int good = md != NULL &&
             PKCS5_PBKDF2_HMAC((const char *)some(password), (int)password_length, some(salt),
                               (int)salt_length, (int)iterations, md, (int)length, out) == 1;
  EVP_MD_free(md);
  return ended(good, error);
}

int kdf_scrypt(const unsigned char *password, size_t password_length,
               const unsigned char *salt, size_t salt_length, uint64_t n,
               uint64_t r, uint64_t p, unsigned char *out, size_t length,
               unsigned long *error) {
  return ended(EVP_PBE_scrypt((const char *)some(password), password_length,
                              some(salt), salt_length, n, r, p, memory, out,
                              length) == 1,
               error);
}

int kdf_any(const char *kdf, const unsigned char *block, size_t block_length,
            unsigned char *out, size_t length, unsigned long *error) {
  params given;
  if (!params_read(&given, block, block_length)) {
    return AEAD_LENGTH;
  }
  EVP_KDF *fetched = EVP_KDF_fetch(NULL, kdf, NULL);
  EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(fetched);
  int good = ctx != NULL && EVP_KDF_derive(ctx, out, length, given.list) == 1;
  EVP_KDF_CTX_free(ctx);
  EVP_KDF_free(fetched);
  return ended(good, error);
}
