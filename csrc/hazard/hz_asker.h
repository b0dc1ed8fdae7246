// hz_asker: C that asks its caller for a text, by a callback that returns one.
#ifndef HZ_ASKER_H
#define HZ_ASKER_H

#include <stddef.h>

// Answers a text that ends in NUL, or NULL. The asker only reads it, at once.
typedef const char *(*hz_answer)(void *user);

// Asks, and answers the number of bytes before the NUL; 0 for NULL.
size_t hz_asker_ask(hz_answer answer, void *user);

#endif
