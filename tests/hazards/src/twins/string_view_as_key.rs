//! Twin of `string_view_as_key.go`.

use std::collections::HashMap;

/// A map shows its keys, and does not lend them for writing.
///
/// ```compile_fail,E0596
/// use std::collections::HashMap;
/// let mut ages = HashMap::from([("bob".to_owned(), 42)]);
/// for name in ages.keys() {
///     name.make_ascii_uppercase();
/// }
/// # drop(ages.remove("BOB"));
/// ```
///
/// The values it lends:
///
/// ```
/// use std::collections::HashMap;
/// let mut ages = HashMap::from([("bob".to_owned(), 42)]);
/// for age in ages.values_mut() {
///     *age += 1;
/// }
/// assert_eq!(ages["bob"], 43);
/// ```
pub fn twin() -> ffence::Result<()> {
    let mut ages = HashMap::from([("bob".to_owned(), 42)]);
    // A key changes by leaving the map, and coming back as another.
    if let Some((mut name, age)) = ages.remove_entry("bob") {
        name.make_ascii_uppercase();
        ages.insert(name, age);
    }
    assert_eq!((ages.get("bob"), ages.get("BOB")), (None, Some(&42)));
    Ok(())
}
