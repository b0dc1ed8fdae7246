// Frames lent to Go: see trampolines.c on handles, and on why this is no preamble.
#include "_cgo_export.h"
#include "hz_frame.h"

static void borrow(void *user, unsigned char *bytes, size_t size) {
  goBorrow((uintptr_t)user, bytes, size);
}

size_t go_frame_lend(uintptr_t handle) { return hz_frame_lend(borrow, (void *)handle); }

int go_frame_lend_elsewhere(uintptr_t handle) {
  return hz_frame_lend_elsewhere(borrow, (void *)handle);
}
