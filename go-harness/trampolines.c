// The C functions that call into Go. They cannot stand in a Go file's preamble:
// cgo copies the preamble of a file that exports into two objects.
#include "_cgo_export.h"
#include "hz_walker.h"

// The handle travels as the number it is: made into a Go pointer, it would be one
// that points nowhere, which -d=checkptr (and so -race and -asan) aborts on.
static int visit(void *user, size_t step) { return goVisit((uintptr_t)user, step); }

int go_walk(hz_walker *walker, size_t steps, uintptr_t handle) {
  return hz_walker_walk(walker, steps, visit, (void *)handle);
}
