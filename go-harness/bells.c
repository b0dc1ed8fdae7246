// Bells that ring in Go: see trampolines.c on handles, and on why this is no preamble.
#include "_cgo_export.h"
#include "hz_bell.h"

static void ring(void *user) { goRing((uintptr_t)user); }

hz_bell *go_bell_new(uintptr_t handle) { return hz_bell_new(ring, (void *)handle); }

hz_bell *go_bell_for(void *user) { return hz_bell_new(ring, user); }
