// sigaction(2) is POSIX; the harness says so too, before its first header.
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

#include "hz_sigpipe.h"

#include <signal.h>
#include <stddef.h>

int hz_sigpipe_ignored(void) {
  struct sigaction now;
  // SA_SIGINFO may stay set when the handler is SIG_IGN: only the handler counts.
  return sigaction(SIGPIPE, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

void hz_sigpipe_default(void) { signal(SIGPIPE, SIG_DFL); }
