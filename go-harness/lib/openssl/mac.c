#include "mac.h"
#include "aead.h"

#include <openssl/err.h>
#include <openssl/evp.h>

static int outcome(int succeeded, unsigned long *error) {
  if (succeeded) {
    return AEAD_OK;
  }
  *error = ERR_get_error();
  ERR_clear_error();
  return AEAD_FAILED;
}

int mac_digest(const char *digest, const unsigned char *data, size_t length,
               unsigned char *out, size_t *written, unsigned long *error) {
  return outcome(EVP_Q_digest(NULL, digest, NULL, data, length, out, written) == 1, error);
}

int mac_hmac(const char *digest, const unsigned char *key, size_t key_length,
             const unsigned char *data, size_t length, unsigned char *out,
             size_t *written, unsigned long *error) {
  static const unsigned char none = 0; // NULL would be no key; an empty one is a key
  const unsigned char *start = key_length == 0 ? &none : key;
  return outcome(EVP_Q_mac(NULL, "HMAC", NULL, digest, NULL, start, key_length, data,
                           length, out, MAC_ROOM, written) != NULL,
                 error);
}
