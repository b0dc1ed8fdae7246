//! What is said of tools and detectors, and what is true of it.
//!
//! A row says what is claimed, its program and its tool show what is true. Where the claim is about a
//! tool, the program does nothing wrong, and what the tool says of it is the row's `Tool`.

mod crashes;
mod switches;
mod waiting;

use crate::row::Hazard;

/// Of what a crash leaves.
pub(super) const CRASHES: &[Hazard] = crashes::ROWS;
/// Of compilers, checks and settings.
pub(super) const SWITCHES: &[Hazard] = switches::ROWS;
/// Of what is slow, and what waits.
pub(super) const WAITING: &[Hazard] = waiting::ROWS;
