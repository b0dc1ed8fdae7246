#include "cipher.h"

#include "aead.h"
#include <limits.h>
#include <openssl/err.h>
#include <openssl/evp.h>

// What is wrong when a cipher refuses its text.
static int wrong(int mode, int encrypt) {
  ERR_clear_error();
  if (encrypt || mode == EVP_CIPH_XTS_MODE) {
    return AEAD_LENGTH;
  }
  return mode == EVP_CIPH_WRAP_MODE ? AEAD_REFUSED : AEAD_MALFORMED;
}

int cipher_run(const char *algorithm, int encrypt, int padded,
               const unsigned char *key, size_t key_length,
               const unsigned char *iv, size_t iv_length,
               const unsigned char *text, size_t length, unsigned char *out,
               size_t *written, unsigned long *error) {
  int first = 0, last = 0, outcome = AEAD_OK;
  EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, algorithm, NULL);
  EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
  if (cipher == NULL || ctx == NULL) {
    outcome = openssl_failed(error);
    goto end;
  }
  int mode = EVP_CIPHER_get_mode(cipher);
  size_t wanted = mode == EVP_CIPH_WRAP_MODE ? 0 : (size_t)EVP_CIPHER_get_iv_length(cipher);
  if (key_length != (size_t)EVP_CIPHER_get_key_length(cipher) || iv_length != wanted ||
      length > INT_MAX - CIPHER_ROOM) {
    outcome = AEAD_LENGTH;
    goto end;
  }
  EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  if (EVP_CipherInit_ex(ctx, cipher, NULL, key, iv, encrypt) != 1 ||
      EVP_CIPHER_CTX_set_padding(ctx, padded) != 1) {
    outcome = openssl_failed(error);
    goto end;
  }
  // An empty text has no address in Go, and wrap and XTS refuse it.
  int empty_is_wrong = mode == EVP_CIPH_WRAP_MODE || mode == EVP_CIPH_XTS_MODE;
  if ((length > 0 || empty_is_wrong) &&
      (length == 0 || EVP_CipherUpdate(ctx, out, &first, text, (int)length) != 1)) {
    outcome = wrong(mode, encrypt);
    goto end;
  }
  if (EVP_CipherFinal_ex(ctx, out + first, &last) != 1) {
    outcome = wrong(mode, encrypt);
    goto end;
  }
  *written = (size_t)first + (size_t)last;
end:
  EVP_CIPHER_CTX_free(ctx);
  EVP_CIPHER_free(cipher);
  return outcome;
}
