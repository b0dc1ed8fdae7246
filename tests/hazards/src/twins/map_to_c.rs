//! Twin of `map_to_c.go`.

use std::collections::HashMap;

use crate::fixtures::Bell;

/// The map goes to C as it is, behind the pointer that C hands back to the callback: it is borrowed
/// by the bell meanwhile, and nobody moves its tables but the callback.
pub fn twin() -> ffence::Result<()> {
    let mut rings = HashMap::from([("door", 0)]);
    let mut bell = Bell::new(|| {
        for name in ["door", "gate", "tower"] {
            *rings.entry(name).or_insert(0) += 1;
        }
    });
    bell.ring()?;
    bell.ring()?;
    drop(bell);
    assert_eq!((rings["door"], rings["tower"]), (2, 2));
    Ok(())
}
