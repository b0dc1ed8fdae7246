//! Twin of `hard_coded_offset.go`.

use std::mem::offset_of;

/// Where a layout is promised (`repr(C)`) and an offset is written down, the compiler compares it.
///
/// ```compile_fail,E0080
/// #[repr(C)]
/// struct Account {
///     flags: i64, // new: the id used to come first
///     id: i64,
/// }
/// const OFFSET_OF_ID: usize = 0;
/// const _: () = assert!(std::mem::offset_of!(Account, id) == OFFSET_OF_ID);
/// ```
///
/// With where it is now, it compiles:
///
/// ```
/// #[repr(C)]
/// struct Account {
///     flags: i64,
///     id: i64,
/// }
/// const OFFSET_OF_ID: usize = 8;
/// const _: () = assert!(std::mem::offset_of!(Account, id) == OFFSET_OF_ID);
/// ```
pub fn twin() -> ffence::Result<()> {
    #[repr(C)]
    struct Account {
        flags: i64,
        id: i64,
    }
    assert_eq!((offset_of!(Account, flags), offset_of!(Account, id)), (0, 8));
    let it = Account { flags: 4096, id: 7 };
    // Nobody needs an offset to read a field.
    assert_eq!((it.flags, it.id), (4096, 7));
    Ok(())
}
