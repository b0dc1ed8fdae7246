// hz_box: one C allocation with one free function. What a binding has to own.
#ifndef HZ_BOX_H
#define HZ_BOX_H

#include <stddef.h>

typedef struct hz_box hz_box;

// Copies `label`, which ends in NUL. NULL when out of memory.
hz_box *hz_box_new(const char *label);

// Frees the box. The box must not be used afterwards, nor freed again.
void hz_box_free(hz_box *box);

// The first byte of the label (0 for an empty one).
int hz_box_first(const hz_box *box);

// How many boxes were made and not freed.
size_t hz_box_live(void);

#endif
