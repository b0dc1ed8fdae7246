//! What is said of tools and detectors, and what is true of it.

use crate::row::Hazard;

/// The rows of this kind, by their slugs.
pub(super) const ROWS: &[Hazard] = &[];
