//! Twin of `double_free.go`.

use std::rc::Rc;

use crate::fixtures::HzBox;

/// The copy is a move, and whoever was moved from cannot be dropped again.
///
/// ```compile_fail,E0382
/// use ffence_hazards::fixtures::HzBox;
/// let first = HzBox::new(c"one owner, they said");
/// let second = first;
/// drop(first);
/// drop(second);
/// ```
///
/// Without the offending line it compiles, and the box is freed once:
///
/// ```
/// use ffence_hazards::fixtures::HzBox;
/// let first = HzBox::new(c"one owner, they said");
/// let second = first;
/// assert_eq!(second.look().first(), i32::from(b'o'));
/// drop(second);
/// ```
///
/// Two owners are a type of their own, which counts them.
pub fn twin() -> ffence::Result<()> {
    let first = Rc::new(HzBox::new(c"two owners, and counted"));
    let second = Rc::clone(&first);
    drop(first);
    assert_eq!(HzBox::live(), 1);
    drop(second);
    assert_eq!(HzBox::live(), 0);
    Ok(())
}
