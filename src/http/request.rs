//! A request on its way.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::time::Duration;

use ::http::{HeaderMap, HeaderName, HeaderValue, Method};
use bytes::Bytes;

use super::client::Client;
use super::receive::{Collect, Forward};
use super::response::Response;
use crate::error::{Error, ErrorKind, Result};

/// A request that [`send`](RequestBuilder::send) sends; made by [`Client::get`] and its like.
///
/// What is wrong with a header is told by `send`.
///
/// A request is sent once:
/// ```compile_fail,E0382
/// # fn f(client: ffence::http::Client) -> ffence::Result<()> {
/// let request = client.get("http://127.0.0.1/");
/// request.send()?;
/// request.send()?; // use of moved value
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is sent before `send`"]
pub struct RequestBuilder<'a> {
    client: &'a Client,
    parts: Parts<'a>,
    wrong: Option<Error>,
}

/// What a request consists of.
pub(super) struct Parts<'a> {
    pub(super) method: Method,
    pub(super) url: Cow<'a, str>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) timeout: Option<Duration>,
}

impl<'a> RequestBuilder<'a> {
    pub(super) fn new(client: &'a Client, method: Method, url: Cow<'a, str>) -> Self {
        Self {
            client,
            parts: Parts {
                method,
                url,
                headers: HeaderMap::new(),
                body: Bytes::new(),
                timeout: None,
            },
            wrong: None,
        }
    }

    /// Adds a header; one of the same name that is there already stays.
    ///
    /// A `Content-Length` must be the body's; `Transfer-Encoding` is refused. Without a
    /// `Content-Type` of its own a body is sent without one, and without an `Expect` nothing is
    /// asked before a large body is sent.
    ///
    /// [`CURLOPT_HTTPHEADER`](https://curl.se/libcurl/c/CURLOPT_HTTPHEADER.html)
    #[doc(alias = "CURLOPT_HTTPHEADER")]
    pub fn header<N, V>(mut self, name: N, value: V) -> Self
    where
        N: TryInto<HeaderName, Error: Into<::http::Error>>,
        V: TryInto<HeaderValue, Error: Into<::http::Error>>,
    {
        let name = name.try_into().map_err(Into::into);
        let value = value.try_into().map_err(Into::into);
        let added = match (name, value) {
            (Ok(name), Ok(value)) => self
                .parts
                .headers
                .try_append(name, value)
                .map(|_| ())
                .map_err(|error| wrong("the headers", &error)),
            (Ok(name), Err(error)) => {
                Err(wrong(&format!("the value of the header {name}"), &error))
            }
            (Err(error), _) => Err(wrong("the name of a header", &error)),
        };
        if let Err(error) = added {
            self.wrong.get_or_insert(error);
        }
        self
    }

    /// The body: owned bytes or text, or what is `'static`. It is kept, not copied, until the
    /// response is there.
    ///
    /// [`CURLOPT_POSTFIELDS`](https://curl.se/libcurl/c/CURLOPT_POSTFIELDS.html)
    #[doc(alias = "CURLOPT_POSTFIELDS")]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.parts.body = body.into();
        self
    }

    /// How long this call may take, in place of the client's
    /// [`total`](super::Timeouts::total) limit.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.parts.timeout = Some(limit);
        self
    }

    /// Sends the request and waits for the response, body and all.
    ///
    /// [`curl_easy_perform`](https://curl.se/libcurl/c/curl_easy_perform.html)
    ///
    /// # Errors
    /// Any that [`Client`] names. A status like 404 is no error: see
    /// [`Response::error_for_status`].
    #[doc(alias = "curl_easy_perform")]
    pub fn send(self) -> Result<Response<Vec<u8>>> {
        match self.wrong {
            None => self.client.call(self.parts, Collect::default()),
            Some(error) => Err(error),
        }
    }

    /// Sends the request and writes the response's body to `writer` as it arrives, whatever the
    /// status; the response then holds how many bytes that were.
    ///
    /// The writer is called on this thread, inside libcurl.
    ///
    /// [`CURLOPT_WRITEFUNCTION`](https://curl.se/libcurl/c/CURLOPT_WRITEFUNCTION.html)
    ///
    /// # Errors
    /// As for [`send`](RequestBuilder::send); [`ErrorKind::Sink`] when the writer failed, with its
    /// error as the [`source`](std::error::Error::source), and [`ErrorKind::Panicked`] when it
    /// panicked.
    ///
    /// What the writer borrows is free again afterwards, and cannot be touched meanwhile:
    /// ```compile_fail,E0502
    /// # fn f(client: ffence::http::Client) -> ffence::Result<()> {
    /// let mut file = Vec::new();
    /// let request = client.get("http://127.0.0.1/");
    /// let first = file.first();
    /// request.send_to(&mut file)?; // cannot borrow `file` as mutable
    /// println!("{first:?}");
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "CURLOPT_WRITEFUNCTION")]
    pub fn send_to(self, writer: &mut impl io::Write) -> Result<Response<u64>> {
        match self.wrong {
            None => self.client.call(self.parts, Forward::new(writer)),
            Some(error) => Err(error),
        }
    }
}

impl fmt::Debug for RequestBuilder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestBuilder")
            .field("method", &self.parts.method)
            .field("url", &self.parts.url)
            .field("headers", &self.parts.headers)
            .field("body", &format_args!("{} bytes", self.parts.body.len()))
            .field("timeout", &self.parts.timeout)
            .field("wrong", &self.wrong)
            .finish_non_exhaustive()
    }
}

fn wrong(what: &str, error: &dyn std::error::Error) -> Error {
    Error::ours(ErrorKind::InvalidRequest, format!("{what}: {error}"))
}
