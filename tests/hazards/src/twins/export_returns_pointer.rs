//! Twin of `export_returns_pointer.go`.

use crate::fixtures::ask;

/// What a callback answers outlives it: a text that ends with the callback cannot be returned.
///
/// ```compile_fail,E0515
/// use ffence_hazards::fixtures::ask;
/// let length = ask(|| {
///     let answer = c"the answer".to_owned();
///     answer.as_c_str()
/// });
/// # drop(length);
/// ```
///
/// One that lives outside of it can:
///
/// ```
/// use ffence_hazards::fixtures::ask;
/// let answer = c"the answer".to_owned();
/// let length = ask(|| answer.as_c_str());
/// # drop(length);
/// ```
pub fn twin() -> ffence::Result<()> {
    let answer = ffence::cstr::lend("the answer", "the answer")?;
    assert_eq!(ask(|| answer.as_c_str())?, 10);
    Ok(())
}
