#include "hz_frame.h"

#include <pthread.h>

// Without inline assembly on purpose: clang's AddressSanitizer does not look
// after the frame of a function that has any.
__attribute__((noinline)) size_t hz_frame_lend(hz_borrow borrow, void *user) {
  unsigned char buffer[HZ_FRAME_SIZE];
  volatile unsigned char *bytes = buffer;
  for (size_t i = 0; i < sizeof buffer; i++) {
    bytes[i] = HZ_FRAME_FILL;
  }
  borrow(user, buffer, sizeof buffer);
  size_t changed = 0;
  for (size_t i = 0; i < sizeof buffer; i++) {
    changed += bytes[i] != HZ_FRAME_FILL;
  }
  return changed;
}

struct loan {
  hz_borrow borrow;
  void *user;
};

static void *lend_here(void *user) {
  const struct loan *loan = user;
  hz_frame_lend(loan->borrow, loan->user);
  return NULL;
}

// glibc keeps the stacks of threads that ended, up to 40 MiB, for the next ones;
// a larger one goes back to the system when the thread is joined.
int hz_frame_lend_elsewhere(hz_borrow borrow, void *user) {
  struct loan loan = {borrow, user};
  pthread_attr_t attributes;
  int failed = pthread_attr_init(&attributes);
  if (failed != 0) {
    return failed;
  }
  pthread_t thread;
  failed = pthread_attr_setstacksize(&attributes, (size_t)128 << 20);
  if (failed == 0) {
    failed = pthread_create(&thread, &attributes, lend_here, &loan);
  }
  pthread_attr_destroy(&attributes);
  return failed != 0 ? failed : pthread_join(thread, NULL);
}

__attribute__((noinline)) void hz_frame_overwrite(void) {
  volatile unsigned char below[16 * HZ_FRAME_SIZE];
  for (size_t i = 0; i < sizeof below; i++) {
    below[i] = HZ_FRAME_LATER;
  }
}
