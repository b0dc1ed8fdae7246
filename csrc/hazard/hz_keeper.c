#include "hz_keeper.h"

#include <stdlib.h>

struct hz_keeper {
  const volatile unsigned char *bytes;
};

hz_keeper *hz_keeper_new(void) { return calloc(1, sizeof(hz_keeper)); }

void hz_keeper_free(hz_keeper *keeper) { free(keeper); }

void hz_keeper_keep(hz_keeper *keeper, const unsigned char *bytes) {
  keeper->bytes = bytes;
}

int hz_keeper_first(const hz_keeper *keeper) {
  return keeper->bytes == NULL ? -1 : keeper->bytes[0];
}
