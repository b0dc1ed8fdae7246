#include "mac.h"

#include "aead.h"
#include "params.h"
#include <openssl/evp.h>
#include <openssl/provider.h>

static const unsigned char none = 0; // NULL would be no key; an empty one is a key

int mac_digest(const char *digest, const unsigned char *data, size_t length,
               unsigned char *out, size_t *written, unsigned long *error) {
  if (EVP_Q_digest(NULL, digest, NULL, data, length, out, written) != 1) {
    return openssl_failed(error);
  }
  return AEAD_OK;
}

int mac_digest_legacy(const char *digest, const unsigned char *data, size_t length,
                      unsigned char *out, size_t *written, unsigned long *error) {
  OSSL_LIB_CTX *library = OSSL_LIB_CTX_new();
  OSSL_PROVIDER *legacy = OSSL_PROVIDER_load(library, "legacy");
  int good = library != NULL && legacy != NULL &&
             EVP_Q_digest(library, digest, NULL, data, length, out, written) == 1;
  int status = good ? AEAD_OK : openssl_failed(error);
  if (legacy != NULL) {
    OSSL_PROVIDER_unload(legacy);
  }
  OSSL_LIB_CTX_free(library);
  return status;
}

int mac_xof(const char *digest, const unsigned char *data, size_t length,
            unsigned char *out, size_t room, unsigned long *error) {
  EVP_MD *md = EVP_MD_fetch(NULL, digest, NULL);
  EVP_MD_CTX *ctx = EVP_MD_CTX_new();
  int good = md != NULL && ctx != NULL && EVP_DigestInit_ex(ctx, md, NULL) == 1 &&
             EVP_DigestUpdate(ctx, data, length) == 1 &&
             EVP_DigestFinalXOF(ctx, out, room) == 1;
  EVP_MD_CTX_free(ctx);
  EVP_MD_free(md);
  return good ? AEAD_OK : openssl_failed(error);
}

int mac_any(const char *mac, const char *under, const unsigned char *block,
            size_t block_length, const unsigned char *key, size_t key_length,
            const unsigned char *data, size_t length, unsigned char *out,
            size_t room, size_t *written, unsigned long *error) {
  params given;
  if (!params_read(&given, block, block_length)) {
    return AEAD_LENGTH;
  }
  if (EVP_Q_mac(NULL, mac, NULL, under[0] == 0 ? NULL : under, given.list,
                key_length == 0 ? &none : key, key_length, data, length, out, room,
                written) == NULL) {
    return openssl_failed(error);
  }
  return AEAD_OK;
}
