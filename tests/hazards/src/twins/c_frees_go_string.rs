//! Twin of `c_frees_go_string.go`.

use crate::fixtures::{bytes, fill, release};

/// A `String` is Rust's, and so are the bytes that can be got out of it: C's free takes neither.
///
/// ```compile_fail,E0308
/// use ffence_hazards::fixtures::release;
/// let text = "go".repeat(40);
/// release(text.into_bytes().into_boxed_slice());
/// ```
///
/// A block of C's is taken:
///
/// ```
/// use ffence_hazards::fixtures::{bytes, release};
/// let text = "go".repeat(40);
/// release(bytes(text.len(), b'g'));
/// ```
pub fn twin() -> ffence::Result<()> {
    let mut text = "go".repeat(40).into_bytes().into_boxed_slice();
    // C may write to it, which is lending, and does not own it afterwards.
    fill(&mut text, b'A');
    assert!(text.iter().all(|it| *it == b'A'));
    release(bytes(text.len(), b'A'));
    Ok(())
}
