//! An HTTP request as each side of a comparison is given it, and what came of it.

use serde::{Deserialize, Serialize};

use crate::parity::{Failure, Octets};

/// One request.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Call {
    /// The method.
    pub method: String,
    /// Where to.
    pub url: String,
    /// Headers, in their order.
    pub headers: Vec<Header>,
    /// The body.
    pub body: Option<Octets>,
    /// The parts of a form, in place of a body.
    pub form: Vec<Part>,
    /// `basic`, `digest`, `bearer`, or nothing.
    pub auth: &'static str,
    /// Who asks.
    pub user: String,
    /// The password, or the token.
    pub password: String,
    /// How many redirects are followed.
    pub redirects: u8,
    /// Whether cookies are kept, from call to call.
    pub cookies: bool,
    /// The encodings that the body may come in.
    pub encoding: Option<&'static str>,
    /// `1.1` or `2`.
    pub version: &'static str,
    /// The file of the certificates to trust.
    pub ca_file: String,
    /// How long it may take; for as long as it likes with 0.
    pub timeout_ms: u64,
    /// What names mean: `name:port:address`.
    pub addresses: Vec<String>,
}

/// A header; its value may be any bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Octets,
}

/// A part of a form.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Part {
    /// The field's name.
    pub name: String,
    /// The file's name.
    pub filename: String,
    /// The media type.
    #[serde(rename = "type")]
    pub kind: String,
    /// What is in it.
    pub data: Octets,
}

/// What came of a call: a response, or an error. What a side does not tell is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Fetched {
    /// The status.
    pub status: u16,
    /// `1.1` or `2`.
    pub version: String,
    /// All that came before the bodies, as it came: libcurl's side.
    #[serde(deserialize_with = "or_default")]
    pub head: Octets,
    /// The headers of the last response: the other sides.
    #[serde(deserialize_with = "or_default")]
    pub headers: Vec<Header>,
    /// The body.
    #[serde(deserialize_with = "or_default")]
    pub body: Octets,
    /// The URL of the last request.
    pub url: String,
    /// How many redirects were followed.
    pub redirects: u32,
    /// The error.
    pub error: Option<Failure>,
}

/// Go has null for what is empty.
fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}
