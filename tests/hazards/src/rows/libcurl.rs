//! libcurl's handles, and what it does to the process.

use crate::row::Hazard;

/// The rows of this kind, by their slugs.
pub(super) const ROWS: &[Hazard] = &[];
