#include "kdf.h"

#include "aead.h"
#include <limits.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

// Lengths below are int, and nothing that is asked for here comes near.
static const size_t longest = INT_MAX;

// The most memory that scrypt may take.
static const uint64_t memory = 1 << 26;

static int ended(int good, unsigned long *error) {
  if (good) {
    return AEAD_OK;
  }
  *error = ERR_get_error();
  ERR_clear_error();
  return AEAD_FAILED;
}

// An empty slice of Go has no address, and some of these functions want one.
static const unsigned char *some(const unsigned char *bytes) {
  return bytes == NULL ? (const unsigned char *)"" : bytes;
}

int kdf_hkdf(const unsigned char *secret, size_t secret_length,
             const unsigned char *salt, size_t salt_length,
             const unsigned char *info, size_t info_length, unsigned char *out,
             size_t length, unsigned long *error) {
  size_t written = length;
  if (secret_length > longest || salt_length > longest || info_length > longest) {
    return AEAD_FAILED;
  }
  EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, NULL);
  int good = ctx != NULL && EVP_PKEY_derive_init(ctx) == 1 &&
             EVP_PKEY_CTX_set_hkdf_md(ctx, EVP_sha256()) == 1 &&
             EVP_PKEY_CTX_set1_hkdf_salt(ctx, some(salt), (int)salt_length) == 1 &&
             EVP_PKEY_CTX_set1_hkdf_key(ctx, some(secret), (int)secret_length) == 1 &&
             EVP_PKEY_CTX_add1_hkdf_info(ctx, some(info), (int)info_length) == 1 &&
             EVP_PKEY_derive(ctx, out, &written) == 1 && written == length;
  EVP_PKEY_CTX_free(ctx);
  return ended(good, error);
}

int kdf_pbkdf2(const unsigned char *password, size_t password_length,
               const unsigned char *salt, size_t salt_length,
               uint64_t iterations, unsigned char *out, size_t length,
               unsigned long *error) {
  if (password_length > longest || salt_length > longest ||
      iterations > longest || length > longest) {
    return AEAD_FAILED;
  }
  return ended(PKCS5_PBKDF2_HMAC((const char *)some(password), (int)password_length,
                                 some(salt), (int)salt_length, (int)iterations,
                                 EVP_sha256(), (int)length, out) == 1,
               error);
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
