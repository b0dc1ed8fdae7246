//! Go's own `unsafe.Pointer`, without C.

use crate::row::Hazard;

/// The rows of this kind, by their slugs.
pub(super) const ROWS: &[Hazard] = &[];
