#include "aead.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

// Every AEAD by the controls that are older than parameters, and by a context for
// each message: the other side keeps its contexts and uses parameters.

int openssl_failed(unsigned long *error) {
  *error = ERR_get_error();
  ERR_clear_error();
  return AEAD_FAILED;
}

static int refused(void) {
  ERR_clear_error();
  return AEAD_REFUSED;
}

// Update takes an int, and NULL as `out` for the header; an empty part has no
// address in Go.
static int feed(EVP_CIPHER_CTX *ctx, unsigned char *out, size_t *done,
                const unsigned char *in, size_t length) {
  int written = 0;
  if (length > INT_MAX) {
    return 0;
  }
  if (EVP_CipherUpdate(ctx, out, &written, in == NULL ? (const unsigned char *)"" : in,
                       (int)length) != 1) {
    return 0;
  }
  if (done != NULL) {
    *done += (size_t)written;
  }
  return 1;
}

// One message: the algorithm by OpenSSL's name, and all that goes in.
typedef struct {
  const char *algorithm;
  const unsigned char *key, *nonce, *header, *text;
  size_t key_length, nonce_length, header_length, length;
} message;

// Which order of calls a mode wants.
enum { PIECES, CCM, SIV, GCM_SIV };

static int flow(const EVP_CIPHER *cipher) {
  switch (EVP_CIPHER_get_mode(cipher)) {
  case EVP_CIPH_CCM_MODE:
    return CCM;
  case EVP_CIPH_SIV_MODE:
    return SIV;
#ifdef EVP_CIPH_GCM_SIV_MODE
  case EVP_CIPH_GCM_SIV_MODE:
    return GCM_SIV;
#endif
  default:
    return PIECES;
  }
}

// Key, nonce, tag to come, header: all before the text.
static int begin(EVP_CIPHER_CTX *ctx, const EVP_CIPHER *cipher,
                 const message *it, int encrypt, unsigned char *tag,
                 size_t tag_length) {
  int mode = flow(cipher);
  int length = (int)tag_length;
  if (EVP_CipherInit_ex(ctx, cipher, NULL, NULL, NULL, encrypt) != 1) {
    return 0;
  }
  if (mode != SIV && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN,
                                         (int)it->nonce_length, NULL) != 1) {
    return 0;
  }
  if (mode == CCM &&
      EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, length, encrypt ? NULL : tag) != 1) {
    return 0;
  }
  if (EVP_CipherInit_ex(ctx, NULL, NULL, it->key, mode == SIV ? NULL : it->nonce, encrypt) != 1) {
    return 0;
  }
  if (mode != CCM && !encrypt &&
      EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, length, tag) != 1) {
    return 0;
  }
  if (mode == CCM) { // the length of the text comes first
    int written = 0;
    if (EVP_CipherUpdate(ctx, NULL, &written, NULL, (int)it->length) != 1) {
      return 0;
    }
  }
  if (mode == SIV) { // each string of associated data is one update, the nonce the last
    return feed(ctx, NULL, NULL, it->header, it->header_length) == 1 &&
           (it->nonce_length == 0 || feed(ctx, NULL, NULL, it->nonce, it->nonce_length) == 1);
  }
  return it->header_length == 0 || feed(ctx, NULL, NULL, it->header, it->header_length) == 1;
}

static int run(const message *it, int encrypt, unsigned char *out,
               unsigned char *tag, size_t tag_length, unsigned long *error) {
  unsigned char rest[EVP_MAX_BLOCK_LENGTH], none = 0;
  size_t done = 0;
  int written = 0, outcome = AEAD_OK;
  EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, it->algorithm, NULL);
  EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
  if (cipher == NULL || ctx == NULL) {
    outcome = openssl_failed(error);
    goto end;
  }
  if (it->key_length != (size_t)EVP_CIPHER_get_key_length(cipher)) {
    outcome = AEAD_LENGTH;
    goto end;
  }
  int mode = flow(cipher);
  if (!begin(ctx, cipher, it, encrypt, tag, tag_length)) {
    outcome = openssl_failed(error);
    goto end;
  }
  // An empty text would be the end of it where texts come in pieces.
  if ((it->length > 0 || mode != PIECES) &&
      !feed(ctx, out == NULL ? &none : out, &done, it->text, it->length)) {
    outcome = !encrypt && mode != PIECES ? refused() : openssl_failed(error);
    goto end;
  }
  if (!encrypt && mode == CCM) {
    goto end; // the update was the verdict
  }
  if (EVP_CipherFinal_ex(ctx, rest, &written) != 1) {
    outcome = encrypt ? openssl_failed(error) : refused();
    goto end;
  }
  if (done + (size_t)written != it->length) {
    outcome = AEAD_FAILED;
    goto end;
  }
  memcpy(out == NULL ? &none : out + done, rest, (size_t)written);
  if (encrypt && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, (int)tag_length, tag) != 1) {
    outcome = openssl_failed(error);
  }
end:
  EVP_CIPHER_CTX_free(ctx);
  EVP_CIPHER_free(cipher);
  return outcome;
}

int aead_seal(const char *algorithm, const unsigned char *key, size_t key_length,
              const unsigned char *nonce, size_t nonce_length,
              const unsigned char *header, size_t header_length,
              const unsigned char *text, size_t length, unsigned char *out,
              unsigned char *tag, size_t tag_length, unsigned long *error) {
  message it = {algorithm,  key,          nonce,         header, text,
                key_length, nonce_length, header_length, length};
  return run(&it, 1, out, tag, tag_length, error);
}

int aead_open(const char *algorithm, const unsigned char *key, size_t key_length,
              const unsigned char *nonce, size_t nonce_length,
              const unsigned char *header, size_t header_length,
              const unsigned char *text, size_t length,
              const unsigned char *tag, size_t tag_length, unsigned char *out,
              unsigned long *error) {
  message it = {algorithm,  key,          nonce,         header, text,
                key_length, nonce_length, header_length, length};
  unsigned char expected[EVP_MAX_BLOCK_LENGTH]; // the controls take what is not const
  if (tag_length > sizeof expected) {
    return AEAD_LENGTH;
  }
  memcpy(expected, tag, tag_length);
  return run(&it, 0, out, expected, tag_length, error);
}
