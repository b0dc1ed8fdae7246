#include "hz_asker.h"

size_t hz_asker_ask(hz_answer answer, void *user) {
  const volatile char *text = answer(user);
  size_t length = 0;
  while (text != NULL && text[length] != '\0') {
    length++;
  }
  return length;
}
