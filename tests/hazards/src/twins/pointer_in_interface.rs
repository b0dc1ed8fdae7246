//! Twin of `pointer_in_interface.go`.

use crate::fixtures::Bell;

/// C is given a pointer to a value behind a trait object, which is two pointers as well. Nothing
/// moves it and nothing frees it while it is borrowed, and so it may.
pub fn twin() -> ffence::Result<()> {
    let mut rings = 0;
    {
        let ring: Box<dyn FnMut() + Send + '_> = Box::new(|| rings += 1);
        let mut bell = Bell::new(ring);
        bell.ring()?;
        bell.ring()?;
        assert_eq!(bell.rung(), 2);
    }
    assert_eq!(rings, 2);
    Ok(())
}
