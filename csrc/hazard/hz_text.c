#include "hz_text.h"

#include <string.h>

// A loop of our own and not strlen: its loads are compiled here, so that a
// sanitizer sees each of them, whatever it thinks of the C library's strlen.
size_t hz_text_length(const char *text) {
  const volatile char *at = text;
  size_t length = 0;
  while (at[length] != '\0') {
    length++;
  }
  return length;
}

size_t hz_text_strlen(const char *text) { return strlen(text); }

size_t hz_text_total(const hz_text_list *list) {
  size_t total = 0;
  for (size_t i = 0; i < list->count; i++) {
    total += hz_text_length(list->items[i]);
  }
  return total;
}
