//! Twin of `cgocheck_at_run_time.go`.

use crate::fixtures::Keeper;

/// The check is the compiler's and has no levels: what C keeps cannot be changed under its hands.
///
/// ```compile_fail,E0506
/// use ffence_hazards::fixtures::Keeper;
/// let mut bytes = [b'A'; 64];
/// let mut keeper = Keeper::new();
/// keeper.keep(&bytes);
/// bytes[0] = b'B';
/// assert_eq!(keeper.first(), Some(b'A'));
/// ```
///
/// When C has done with it, it can:
///
/// ```
/// use ffence_hazards::fixtures::Keeper;
/// let mut bytes = [b'A'; 64];
/// {
///     let mut keeper = Keeper::new();
///     keeper.keep(&bytes);
///     assert_eq!(keeper.first(), Some(b'A'));
/// }
/// bytes[0] = b'B';
/// assert_eq!(bytes[0], b'B');
/// ```
pub fn twin() -> ffence::Result<()> {
    let mut bytes = [b'A'; 64];
    {
        let mut keeper = Keeper::new();
        keeper.keep(&bytes);
        assert_eq!(keeper.first(), Some(b'A'));
    }
    bytes[0] = b'B';
    assert_eq!(bytes[0], b'B');
    Ok(())
}
