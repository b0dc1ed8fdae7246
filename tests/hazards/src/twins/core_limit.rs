//! Twin of `core_limit.go`.

/// A panic is no signal: it unwinds, says where it was, and leaves with a code of its own. Whether
/// there is a core is asked where a process aborts, and is the system's decision there as well.
pub fn twin() -> ffence::Result<()> {
    panic!("boom for a core");
}
