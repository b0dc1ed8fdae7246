#include "params.h"

#include <string.h>

int params_read(params *to, const unsigned char *block, size_t length) {
  size_t at = 0, count = 0;
  while (at < length) {
    char kind = (char)block[at];
    const char *name = (const char *)block + at + 1;
    const char *end = memchr(name, 0, length - at - 1);
    if (count == PARAMS_MOST || end == NULL) {
      return 0;
    }
    const unsigned char *rest = (const unsigned char *)end + 1;
    at = (size_t)(rest - block);
    if (length - at < 4) {
      return 0;
    }
    size_t size = (size_t)rest[0] | (size_t)rest[1] << 8 | (size_t)rest[2] << 16 |
                  (size_t)rest[3] << 24;
    void *value = (void *)(rest + 4);
    at += 4;
    if (length - at < size) {
      return 0;
    }
    at += size;
    OSSL_PARAM *param = &to->list[count];
    switch (kind) {
    case 'o':
      *param = OSSL_PARAM_construct_octet_string(name, value, size);
      break;
    case 't':
      if (size == 0 || ((char *)value)[size - 1] != 0) {
        return 0;
      }
      *param = OSSL_PARAM_construct_utf8_string(name, value, size - 1);
      break;
    case 'n':
      if (size != sizeof to->numbers[count]) {
        return 0;
      }
      to->numbers[count] = 0;
      for (size_t i = size; i-- > 0;) {
        to->numbers[count] = to->numbers[count] << 8 | ((unsigned char *)value)[i];
      }
      *param = OSSL_PARAM_construct_uint64(name, &to->numbers[count]);
      break;
    default:
      return 0;
    }
    count++;
  }
  to->list[count] = OSSL_PARAM_construct_end();
  return 1;
}
