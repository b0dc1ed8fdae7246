// hz_sigpipe: what this process does with SIGPIPE. It belongs to the process, and
// a library that changes it changes it for everybody.
#ifndef HZ_SIGPIPE_H
#define HZ_SIGPIPE_H

// Whether SIGPIPE is ignored now.
int hz_sigpipe_ignored(void);

// Has the system's default again: SIGPIPE ends the process.
void hz_sigpipe_default(void);

#endif
