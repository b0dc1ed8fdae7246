//! What came back.

use std::borrow::Cow;
use std::fmt;

use ::http::{HeaderMap, StatusCode, Version};

use super::head::Parts;
use super::redirect::Hop;
use super::text;
use crate::error::libcurl::transfer;
#[cfg(feature = "json")]
use crate::error::{Error, ErrorKind};
use crate::error::{Phase, Result, Timings, Transfer};
use crate::ffi::curl as ffi;
use crate::sync::OnceLock;

/// A response, with its body as a `B`: the bytes, or how many were written elsewhere.
#[derive(Clone)]
pub struct Response<B> {
    status: StatusCode,
    version: Version,
    headers: HeaderMap,
    timings: Timings,
    received: u64,
    body: B,
    trailers: Option<Box<HeaderMap>>,
    url: String,
    history: Vec<Hop>,
    /// The body as text, where that is not the body itself.
    decoded: OnceLock<Box<str>>,
}

impl<B> Response<B> {
    pub(super) fn new(
        (status, version, headers): Parts,
        timings: Timings,
        received: u64,
        body: B,
        trailers: Option<Box<HeaderMap>>,
    ) -> Self {
        let (url, history, decoded) = (String::new(), Vec::new(), OnceLock::new());
        Self { status, version, headers, timings, received, body, trailers, url, history, decoded }
    }

    pub(super) fn came_from(&mut self, url: Cow<'_, str>, history: Vec<Hop>) {
        (self.url, self.history) = (url.into_owned(), history);
    }

    /// The same response with another body.
    pub(super) fn map<C>(self, body: impl FnOnce(B) -> C) -> Response<C> {
        Response {
            status: self.status,
            version: self.version,
            headers: self.headers,
            timings: self.timings,
            received: self.received,
            body: body(self.body),
            trailers: self.trailers,
            url: self.url,
            history: self.history,
            decoded: OnceLock::new(),
        }
    }

    /// What was asked for: the last URL, where redirects were followed, and an `https` one, where
    /// [`Hsts`](super::Hsts) made it that.
    ///
    /// [`CURLINFO_EFFECTIVE_URL`](https://curl.se/libcurl/c/CURLINFO_EFFECTIVE_URL.html)
    #[doc(alias = "CURLINFO_EFFECTIVE_URL")]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The redirects that were followed, first to last.
    ///
    /// ```
    /// # use std::io::{Read, Write};
    /// # let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    /// # let url = format!("http://{}", listener.local_addr().unwrap());
    /// # std::thread::spawn(move || {
    /// #     for answer in ["302 Found\r\nLocation: /new", "200 OK"] {
    /// #         let (mut peer, _) = listener.accept().unwrap();
    /// #         let _ = peer.read(&mut [0; 4096]);
    /// #         let end = "Content-Length: 0\r\nConnection: close";
    /// #         let _ = write!(peer, "HTTP/1.1 {answer}\r\n{end}\r\n\r\n");
    /// #     }
    /// # });
    /// use ffence::http::{Client, Redirect};
    ///
    /// let client = Client::builder().redirect(Redirect::limited(3)).build()?;
    /// let response = client.get(format!("{url}/old")).send()?;
    /// assert_eq!(response.url(), format!("{url}/new"));
    /// assert_eq!(response.history()[0].url, format!("{url}/old"));
    /// # Ok::<(), ffence::Error>(())
    /// ```
    pub fn history(&self) -> &[Hop] {
        &self.history
    }

    /// The status.
    ///
    /// [`CURLINFO_RESPONSE_CODE`](https://curl.se/libcurl/c/CURLINFO_RESPONSE_CODE.html)
    #[doc(alias = "CURLINFO_RESPONSE_CODE")]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The version of HTTP that was spoken.
    ///
    /// [`CURLINFO_HTTP_VERSION`](https://curl.se/libcurl/c/CURLINFO_HTTP_VERSION.html)
    #[doc(alias = "CURLINFO_HTTP_VERSION")]
    pub fn version(&self) -> Version {
        self.version
    }

    /// The headers of the last response, without those of interim responses (1xx) and of redirects
    /// that were followed, and without trailers.
    ///
    /// [`CURLOPT_HEADERFUNCTION`](https://curl.se/libcurl/c/CURLOPT_HEADERFUNCTION.html)
    #[doc(alias = "CURLOPT_HEADERFUNCTION")]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The headers that came after the body. Those of a body that is read as it arrives, the body
    /// itself has.
    pub fn trailers(&self) -> Option<&HeaderMap> {
        self.trailers.as_deref()
    }

    /// The body.
    pub fn body_mut(&mut self) -> &mut B {
        self.decoded = OnceLock::new();
        &mut self.body
    }

    /// The body.
    pub fn body(&self) -> &B {
        &self.body
    }

    /// The body, without the rest.
    pub fn into_body(self) -> B {
        self.body
    }

    /// When each phase of the call ended.
    pub fn timings(&self) -> &Timings {
        &self.timings
    }

    pub(super) fn received(&self) -> u64 {
        self.received
    }

    /// What came back and where the time went, in one line, for a log.
    pub fn diagnose(&self) -> String {
        format!("{:?} {}: {}", self.version, self.status, self.timings)
    }

    /// The response itself, unless its status is 400 or above.
    ///
    /// # Errors
    /// [`ErrorKind::Status`], with libcurl's code 22 and the status in
    /// [`Error::transfer`]. The body is dropped.
    pub fn error_for_status(self) -> Result<Self> {
        let status = self.status.as_u16();
        if status < 400 {
            return Ok(self);
        }
        // The text is the one that libcurl writes under CURLOPT_FAILONERROR, which keeps no body.
        Err(transfer(
            ffi::CURLE_HTTP_RETURNED_ERROR,
            format!("The requested URL returned error: {status}"),
            Transfer {
                status: Some(status),
                received: self.received,
                elapsed: self.timings.total,
                phase: Phase::Body,
                timings: self.timings,
                ..Transfer::default()
            },
        ))
    }
}

/// Without the body, which may be long.
impl<B> fmt::Debug for Response<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("version", &self.version)
            .field("headers", &self.headers)
            .field("timings", &self.timings)
            .finish_non_exhaustive()
    }
}

impl Response<Vec<u8>> {
    /// The body as text: by its byte order mark, else by the character set that `Content-Type` names,
    /// else UTF-8. A byte order mark is left out, and names mean what they mean to browsers:
    /// `iso-8859-1` is windows-1252.
    ///
    /// # Errors
    /// [`ErrorKind::Encoding`] when it is not such a text, or in a character set that nobody knows.
    /// Without the feature `charset` that is any but UTF-8.
    pub fn text(&self) -> Result<&str> {
        if let Some(decoded) = self.decoded.get() {
            return Ok(decoded);
        }
        match text::decode(&self.headers, &self.body)? {
            Cow::Borrowed(text) => Ok(text),
            Cow::Owned(text) => Ok(self.decoded.get_or_init(|| text.into())),
        }
    }
}

impl Response<Vec<u8>> {
    /// The body's lines, without their ends.
    ///
    /// # Errors
    /// As for [`text`](Response::text).
    pub fn lines(&self) -> Result<std::str::Lines<'_>> {
        Ok(self.text()?.lines())
    }

    /// The body, read as JSON.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] when it is none, or not of this type.
    #[cfg(feature = "json")]
    pub fn json<'a, T: serde::Deserialize<'a>>(&'a self) -> Result<T> {
        serde_json::from_slice(&self.body)
            .map_err(|error| Error::ours(ErrorKind::Malformed, format!("the body: {error}")))
    }
}

impl<B> From<Response<B>> for ::http::Response<B> {
    /// The same response as the `http` crate has it, with the [`Timings`] among its extensions.
    fn from(response: Response<B>) -> Self {
        let mut converted = Self::new(response.body);
        *converted.status_mut() = response.status;
        *converted.version_mut() = response.version;
        *converted.headers_mut() = response.headers;
        converted.extensions_mut().insert(response.timings);
        converted
    }
}
