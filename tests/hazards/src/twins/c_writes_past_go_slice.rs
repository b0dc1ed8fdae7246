//! Twin of `c_writes_past_go_slice.go`.

use crate::fixtures::fill;

/// A slice that is lent to C carries its length, and one that is longer than its array cannot be
/// made: a panic, before C is called, and the neighbours keep what they have.
pub fn twin() -> ffence::Result<()> {
    let mut three = [b'B'; 96];
    let (before, rest) = three.split_at_mut(32);
    let (lent, after) = rest.split_at_mut(32);
    fill(lent, b'Z');
    assert_eq!((&*before, &*after), ([b'B'; 32].as_slice(), [b'B'; 32].as_slice()));
    fill(&mut lent[..40], b'Z');
    panic!("C wrote past a slice");
}
