//! The table of options: a row for each, from which its type, its documentation and its line in
//! docs/curl-options.md come.

#[macro_use]
mod rows;

mod auth;
mod connection;
mod http;
mod others;
mod proxy;
mod tls;
mod transfer;
mod untyped;

pub use self::{auth::*, connection::*, http::*, others::*, proxy::*, tls::*, transfer::*};

/// What the rows are written with.
mod prelude {
    pub(super) use std::fmt;
    pub(super) use std::time::Duration;

    pub(super) use super::{Kind, Policy, Row};
    pub(super) use crate::capabilities::Version;
    pub(super) use crate::curl::handle::Handle;
    pub(super) use crate::curl::list::List;
    pub(super) use crate::curl::option::kind::{self, Id, Long, Off, Text};
    pub(super) use crate::curl::option::{Setting, sealed::Sealed, value};
    pub(super) use crate::error::Result;
}

/// One option of libcurl's.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Row {
    /// libcurl's name, such as `CURLOPT_URL`.
    pub name: &'static str,
    /// Its number.
    pub number: u32,
    /// What C passes for it.
    pub kind: Kind,
    /// The version that brought it.
    pub since: &'static str,
    /// Who sets it.
    pub policy: Policy,
    /// The type that sets it, such as `Url`; empty where there is none.
    pub ours: &'static str,
    /// What it does; or why nobody sets it by hand.
    pub text: &'static str,
}

/// What C passes for an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A `long`.
    Long,
    /// A `curl_off_t`.
    OffT,
    /// A pointer to something else.
    Object,
    /// A string, which libcurl copies.
    Text,
    /// A list, which libcurl keeps a pointer to.
    List,
    /// A pointer for a callback.
    Data,
    /// A block of bytes.
    Blob,
    /// A callback.
    Function,
}

/// Who sets an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Policy {
    /// Anybody, with its type.
    Safe,
    /// This crate, as it follows from something else.
    Derived,
    /// This crate, for a method of the handler.
    Callback,
    /// Whoever vouches for it, with [`Easy::set_raw`](crate::curl::Easy::set_raw).
    Unsafe,
    /// Nobody: there is a better way.
    Refused,
    /// Nobody: it is another option's old name.
    Alias,
}

/// libcurl's name for the option with this number.
pub(in crate::curl) fn name(number: u32) -> &'static str {
    let row = all().find(|row| row.number == number && row.policy != Policy::Alias);
    row.map_or("an unknown option", |row| row.name)
}

/// Every option of libcurl's, also those that the linked one does not have.
///
/// ```
/// use ffence::curl::option::{self, Policy};
/// let refused = option::all().filter(|row| row.policy == Policy::Refused);
/// for row in refused {
///     println!("{}: {}", row.name, row.text);
/// }
/// ```
pub fn all() -> impl Iterator<Item = &'static Row> {
    [
        transfer::ROWS,
        http::ROWS,
        auth::ROWS,
        proxy::ROWS,
        tls::ROWS,
        connection::ROWS,
        others::ROWS,
        untyped::ROWS,
    ]
    .into_iter()
    .flatten()
}
