//! Twin of `pinner_leak.go`.

use crate::fixtures::Keeper;

/// Lending is the pin, and it ends with the scope of who borrowed: there is nothing to undo, and so
/// nothing that could be forgotten. Afterwards the bytes may move and change again.
pub fn twin() -> ffence::Result<()> {
    let mut bytes = vec![b'A'; 64];
    {
        let mut keeper = Keeper::new();
        keeper.keep(&bytes);
        assert_eq!(keeper.first(), Some(b'A'));
        // Forgotten, as it may be.
    }
    bytes.fill(b'B');
    bytes.resize(4096, b'C');
    let mut keeper = Keeper::new();
    keeper.keep(&bytes);
    assert_eq!(keeper.first(), Some(b'B'));
    Ok(())
}
