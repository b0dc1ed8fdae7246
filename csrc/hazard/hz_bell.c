#include "hz_bell.h"

#include <pthread.h>
#include <stdlib.h>

struct hz_bell {
  hz_ring ring;
  void *user;
  size_t rung;
  uintptr_t thread;
};

hz_bell *hz_bell_new(hz_ring ring, void *user) {
  hz_bell *bell = calloc(1, sizeof *bell);
  if (bell != NULL) {
    bell->ring = ring;
    bell->user = user;
  }
  return bell;
}

void hz_bell_free(hz_bell *bell) { free(bell); }

void hz_bell_ring(hz_bell *bell) {
  bell->thread = hz_bell_here();
  bell->ring(bell->user);
  bell->rung++;
}

static void *ring_it(void *bell) {
  hz_bell_ring(bell);
  return NULL;
}

int hz_bell_ring_elsewhere(hz_bell *bell) {
  pthread_t thread;
  int failed = pthread_create(&thread, NULL, ring_it, bell);
  return failed != 0 ? failed : pthread_join(thread, NULL);
}

size_t hz_bell_rung(const hz_bell *bell) { return bell->rung; }

uintptr_t hz_bell_rang_on(const hz_bell *bell) { return bell->thread; }

uintptr_t hz_bell_here(void) { return (uintptr_t)pthread_self(); }
