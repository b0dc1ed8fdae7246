//! Twin of `c_frees_go_literal.go`.

use crate::fixtures::{bytes, release, strlen};

/// A literal is borrowed for `'static`: nobody owns it, and so nobody can give it away.
///
/// ```compile_fail,E0308
/// use ffence_hazards::fixtures::release;
/// release(b"a literal in read-only pages");
/// ```
///
/// A block of C's is taken:
///
/// ```
/// use ffence_hazards::fixtures::{bytes, release};
/// release(bytes(28, b'a'));
/// ```
pub fn twin() -> ffence::Result<()> {
    // C may look at it, as often as it likes.
    assert_eq!(strlen(c"a literal in read-only pages"), 28);
    release(bytes(28, b'a'));
    Ok(())
}
