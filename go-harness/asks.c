// C that asks Go for a text: see trampolines.c on handles, and on why this is no preamble.
#include "_cgo_export.h"
#include "hz_asker.h"

static const char *answer(void *user) { return goAnswer((uintptr_t)user); }

size_t go_ask(uintptr_t handle) { return hz_asker_ask(answer, (void *)handle); }

size_t go_hear(uintptr_t handle) {
  GoString told = goTell(handle);
  return (size_t)told.n;
}
