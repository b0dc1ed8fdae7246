//! Twin of `hard_coded_text.go`.

/// Arithmetic on an address is anybody's; reading what it leads to as a text needs `unsafe`.
///
/// ```compile_fail,E0133
/// struct Account {
///     id: i64,
///     name: &'static str,
/// }
/// let it = Account { id: 7, name: "bob" };
/// let name = (&raw const it).cast::<u8>().wrapping_add(8).cast::<&str>().read();
/// assert_eq!(name, "bob");
/// # drop((it.id, it.name));
/// ```
///
/// By its name it compiles:
///
/// ```
/// struct Account {
///     id: i64,
///     name: &'static str,
/// }
/// let it = Account { id: 7, name: "bob" };
/// let name = it.name;
/// assert_eq!(name, "bob");
/// # drop((it.id, it.name));
/// ```
pub fn twin() -> ffence::Result<()> {
    // Two numbers in their bytes; that they are a text is tried before they are one.
    let bytes = [4096_i64.to_ne_bytes(), (-1_i64).to_ne_bytes()].concat();
    assert!(std::str::from_utf8(&bytes).is_err());
    Ok(())
}
