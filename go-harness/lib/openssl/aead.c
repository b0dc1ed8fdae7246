#include "aead.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/evp.h>

static int failed(unsigned long *error) {
  *error = ERR_get_error();
  ERR_clear_error();
  return AEAD_FAILED;
}

// Update takes an int, and NULL as `out` for the header. An empty part is left
// out: OpenSSL would take it for the end.
static int feed(EVP_CIPHER_CTX *ctx, unsigned char *out,
                const unsigned char *in, size_t length) {
  int written = 0;
  if (length == 0) {
    return 1;
  }
  if (length > INT_MAX) {
    return 0;
  }
  return EVP_CipherUpdate(ctx, out, &written, in, (int)length);
}

// Everything before the tag: 1 is encryption, 0 decryption.
static int run(EVP_CIPHER_CTX *ctx, int encrypt, const unsigned char *key,
               const unsigned char *nonce, const unsigned char *header,
               size_t header_length, const unsigned char *text, size_t length,
               unsigned char *out) {
  return EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce, encrypt) == 1 &&
         feed(ctx, NULL, header, header_length) == 1 &&
         feed(ctx, out, text, length) == 1;
}

int aead_seal(const unsigned char *key, const unsigned char *nonce,
              const unsigned char *header, size_t header_length,
              const unsigned char *text, size_t length, unsigned char *out,
              unsigned char *tag, unsigned long *error) {
  unsigned char rest[EVP_MAX_BLOCK_LENGTH];
  int written = 0;
  int outcome = AEAD_OK;
  EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
  if (ctx == NULL) {
    return failed(error);
  }
  if (!run(ctx, 1, key, nonce, header, header_length, text, length, out) ||
      EVP_CipherFinal_ex(ctx, rest, &written) != 1 ||
      EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, AEAD_TAG, tag) != 1) {
    outcome = failed(error);
  }
  EVP_CIPHER_CTX_free(ctx);
  return outcome;
}

int aead_open(const unsigned char *key, const unsigned char *nonce,
              const unsigned char *header, size_t header_length,
              const unsigned char *text, size_t length,
              const unsigned char *tag, unsigned char *out,
              unsigned long *error) {
  unsigned char rest[EVP_MAX_BLOCK_LENGTH];
  unsigned char expected[AEAD_TAG];
  int written = 0;
  int outcome = AEAD_OK;
  EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
  if (ctx == NULL) {
    return failed(error);
  }
  for (int i = 0; i < AEAD_TAG; i++) {
    expected[i] = tag[i]; // the control below takes a pointer that is not const
  }
  if (!run(ctx, 0, key, nonce, header, header_length, text, length, out) ||
      EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, AEAD_TAG, expected) != 1) {
    outcome = failed(error);
  } else if (EVP_CipherFinal_ex(ctx, rest, &written) != 1) {
    outcome = AEAD_REFUSED; // the only thing that can fail here; the queue stays empty
  }
  EVP_CIPHER_CTX_free(ctx);
  return outcome;
}

int digest_sha256(const unsigned char *data, size_t length, unsigned char *out,
                  unsigned long *error) {
  unsigned int written = 0;
  if (EVP_Digest(data, length, out, &written, EVP_sha256(), NULL) != 1 ||
      written != SHA256_SIZE) {
    return failed(error);
  }
  return AEAD_OK;
}
