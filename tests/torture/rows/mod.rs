//! The registry: every public operation.

mod cipher;
mod digest;
mod families;
mod floor;
mod kdf;
mod library;
mod seeded;
mod stream;

use std::collections::BTreeMap;

use crate::row::Row;

pub use seeded::seeded;

/// All rows.
pub fn all() -> Vec<Row> {
    [
        digest::rows(),
        families::rows(),
        cipher::rows(),
        stream::rows(),
        kdf::rows(),
        library::rows(),
        floor::rows(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What has no row, with the reason: not counted as registered.
pub fn excluded() -> BTreeMap<String, &'static str> {
    BTreeMap::new()
}

/// Bytes that are the same each time: nothing that is drawn.
fn same(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}
