//! libcurl's easy interface, owned: the layer below [`http`](crate::http).
//!
//! The files of this layer hold all of the crate's `unsafe` code around libcurl. What they promise
//! to the layer above is in [`Easy`]'s invariants.

mod callbacks;
mod easy;
mod escape;
mod info;
mod kept;
mod list;
mod newer;
pub(crate) mod option;
mod url;

pub(crate) use callbacks::{Flow, Handler};
pub(crate) use easy::{Easy, Request, Verb};
pub use escape::{escape, unescape};
pub(crate) use list::List;
pub use url::{Url, UrlBuilder, UrlFlags, UrlPart};
