// hz_text: C functions that take text as C does: a pointer, and an end that the
// caller promised to mark.
#ifndef HZ_TEXT_H
#define HZ_TEXT_H

#include <stddef.h>

// The number of bytes before the NUL.
size_t hz_text_length(const char *text);

// The same by the C library's strlen, which is not compiled here.
size_t hz_text_strlen(const char *text);

// A list of texts: a pointer to pointers.
typedef struct hz_text_list {
  const char *const *items;
  size_t count;
} hz_text_list;

// The lengths of all texts of the list, added.
size_t hz_text_total(const hz_text_list *list);

#endif
