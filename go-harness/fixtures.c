// cgo compiles only the C files of its own folder, so this one brings in the
// fixtures that the Rust twins use too.
#include "../csrc/hazard/hz_box.c"
#include "../csrc/hazard/hz_errors.c"
#include "../csrc/hazard/hz_keeper.c"
#include "../csrc/hazard/hz_text.c"
#include "../csrc/hazard/hz_walker.c"
