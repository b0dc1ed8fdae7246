//! Every option of libcurl, each as a type with the value that it takes.
//!
//! `easy.set(option::TcpKeepAlive(true))?` is `curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L)`, with
//! what C leaves to the caller checked: the type of the value, its range, and whether the linked
//! libcurl has the option at all.
//!
//! Lengths of time are [`Duration`](std::time::Duration)s, rounded up to libcurl's unit; numbers are
//! as wide as libcurl can count; text is `&str`, a path, or `None`, which takes the option back; one
//! of several values, or a set of them, is a type of [`value`].
//!
//! Options that nobody sets by hand (what libcurl would point to, the size of something else, a
//! callback) have no type: [`all`] lists them, each with the reason.

mod kind;
mod special;
mod table;
pub mod value;

pub use self::kind::Text;
pub use self::special::*;
pub use self::table::*;
pub use super::mime::MimePost;

use super::handle::Handle;
use crate::error::Result;

/// An option with its value, for [`Easy::set`](super::Easy::set).
///
/// All of them are in this module; nobody else can write one.
pub trait Setting: sealed::Sealed {
    #[doc(hidden)]
    fn apply(self, handle: &mut Handle) -> Result<()>;
}

pub(super) mod sealed {
    /// Keeps [`Setting`](super::Setting) to this crate.
    pub trait Sealed {}
}
