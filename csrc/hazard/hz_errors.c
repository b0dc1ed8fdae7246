#include "hz_errors.h"

#include <openssl/err.h>

int hz_errors_fail(int reason) {
  ERR_raise(ERR_LIB_USER, reason);
  return 0;
}

int hz_errors_take(void) { return ERR_GET_REASON(ERR_get_error()); }

int hz_errors_fail_and_take(int reason) {
  hz_errors_fail(reason);
  return hz_errors_take();
}
