//! libcurl's easy interface, owned: the layer below [`http`](crate::http).
//!
//! The files of this layer hold all of the crate's `unsafe` code around libcurl. What they promise
//! to the layer above is in [`Easy`]'s invariants.

mod callbacks;
mod easy;
mod info;
mod kept;
mod list;
pub(crate) mod option;

pub(crate) use callbacks::{Flow, Handler};
pub(crate) use easy::{Easy, Request, Verb};
pub(crate) use list::List;
