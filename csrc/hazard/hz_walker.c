#include "hz_walker.h"

#include <stdlib.h>

struct hz_walker {
  int busy;
  size_t tidied;
};

hz_walker *hz_walker_new(void) { return calloc(1, sizeof(hz_walker)); }

void hz_walker_free(hz_walker *walker) { free(walker); }

int hz_walker_walk(hz_walker *walker, size_t steps, hz_visit visit, void *user) {
  if (walker->busy) {
    return HZ_BUSY;
  }
  walker->busy = 1;
  int outcome = HZ_OK;
  for (size_t step = 0; step < steps && outcome == HZ_OK; step++) {
    if (visit(user, step) != 0) {
      outcome = HZ_STOPPED;
    }
  }
  // Whoever leaves `visit` other than by returning skips these two lines.
  walker->tidied++;
  walker->busy = 0;
  return outcome;
}

size_t hz_walker_tidied(const hz_walker *walker) { return walker->tidied; }
