//! Goroutines, contexts and time limits.

use crate::row::Hazard;

/// The rows of this kind, by their slugs.
pub(super) const ROWS: &[Hazard] = &[];
