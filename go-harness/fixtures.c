// cgo compiles only the C files of its own folder, so this one brings in the
// fixtures that the Rust twins use too.
#define _POSIX_C_SOURCE 200809L // hz_sigpipe.c needs it, before the first header
#include "../csrc/hazard/hz_asker.c"
#include "../csrc/hazard/hz_bell.c"
#include "../csrc/hazard/hz_box.c"
#include "../csrc/hazard/hz_bytes.c"
#include "../csrc/hazard/hz_errors.c"
#include "../csrc/hazard/hz_frame.c"
#include "../csrc/hazard/hz_keeper.c"
#include "../csrc/hazard/hz_sigpipe.c"
#include "../csrc/hazard/hz_text.c"
#include "../csrc/hazard/hz_walker.c"
