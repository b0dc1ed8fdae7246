#include "hz_bytes.h"

#include <stdlib.h>

unsigned char *hz_bytes_new(size_t size) { return malloc(size); }

void hz_bytes_free(void *bytes) { free(bytes); }

// `volatile`: each access happens, here, one byte at a time.
int hz_bytes_get(const unsigned char *bytes, size_t index) {
  return ((const volatile unsigned char *)bytes)[index];
}

int hz_bytes_exceeds(const unsigned char *bytes, size_t index, int limit) {
  if (((const volatile unsigned char *)bytes)[index] > limit) {
    return 1;
  }
  return 0;
}

void hz_bytes_fill(unsigned char *bytes, size_t size, int value) {
  for (size_t i = 0; i < size; i++) {
    ((volatile unsigned char *)bytes)[i] = (unsigned char)value;
  }
}
