//! Twin of `leaked_string.go`.

use crate::fixtures::HzBox;

/// Nobody frees anything here, and nothing leaks: the owner frees what C allocated where its scope
/// ends. It runs under `LeakSanitizer`, and the fixture counts.
pub fn twin() -> ffence::Result<()> {
    for _ in 0..100 {
        let copy = HzBox::new(c"a copy for C");
        assert_eq!(copy.look().first(), i32::from(b'a'));
        assert_eq!(HzBox::live(), 1);
        // Forgotten, as it may be.
    }
    assert_eq!(HzBox::live(), 0);
    Ok(())
}
