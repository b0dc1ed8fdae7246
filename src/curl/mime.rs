//! Bodies of several parts: forms with files, and multipart messages.

mod built;
mod source;

use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::handle::Handle;
use super::list::List;
use super::option::{Setting, sealed::Sealed};
use crate::error::{Error, ErrorKind, Result};

pub(super) use self::built::Built;
pub use self::source::Source;

/// A body of several parts, for [`option::MimePost`](super::option::MimePost).
///
/// It becomes libcurl's own when it is set on a handle, which keeps it from then on: no part of it
/// can outlive its handle, or be used with another.
///
/// [`curl_mime_init`](https://curl.se/libcurl/c/curl_mime_init.html), RFC 7578 for forms
///
/// ```
/// use ffence::curl::{Easy, Mime, Part, option};
///
/// let form = Mime::new()
///     .part(Part::new("Jane").name("user"))
///     .part(Part::new(vec![0_u8; 1 << 20]).name("picture").filename("picture.png").content_type("image/png"));
/// let mut easy = Easy::new()?;
/// easy.set(option::MimePost(form))?;
/// # Ok::<(), ffence::Error>(())
/// ```
#[derive(Debug, Default)]
#[doc(alias = "curl_mime_init")]
#[must_use]
pub struct Mime {
    parts: Vec<Part>,
}

impl Mime {
    /// No parts.
    pub fn new() -> Self {
        Self::default()
    }

    /// With `part` behind the others.
    #[doc(alias = "curl_mime_addpart")]
    pub fn part(mut self, part: Part) -> Self {
        self.parts.push(part);
        self
    }
}

/// One part of a [`Mime`]: its content, and what is said of it.
#[derive(Debug)]
#[must_use]
pub struct Part {
    content: Content,
    name: Option<String>,
    filename: Option<String>,
    content_type: Option<String>,
    encoder: Option<Encoder>,
    headers: List,
}

enum Content {
    Memory(Bytes),
    File(PathBuf),
    Stream(Box<dyn Source>, Option<u64>),
    Parts(Mime),
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Memory(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Stream(_, Some(len)) => write!(f, "a stream of {len} bytes"),
            Self::Stream(_, None) => f.write_str("a stream"),
            Self::Parts(mime) => mime.parts.fmt(f),
        }
    }
}

/// How a part's content is encoded for transport (RFC 2045 section 6).
///
/// [`curl_mime_encoder`](https://curl.se/libcurl/c/curl_mime_encoder.html)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias = "curl_mime_encoder")]
pub enum Encoder {
    /// As it is.
    Binary,
    /// As it is, and said to be short lines.
    EightBit,
    /// As it is; a byte beyond ASCII fails the transfer.
    SevenBit,
    /// Base64, in lines.
    Base64,
    /// Quoted-printable.
    QuotedPrintable,
}

impl Part {
    /// A part that lies in memory; owned bytes, and what is `'static`, are not copied.
    ///
    /// [`curl_mime_data_cb`](https://curl.se/libcurl/c/curl_mime_data_cb.html)
    #[doc(alias = "curl_mime_data")]
    pub fn new(content: impl Into<Bytes>) -> Self {
        Self::of(Content::Memory(content.into()))
    }

    /// A file, which libcurl opens when the transfer comes to it; its name goes along, unless
    /// [`filename`](Part::filename) gives another.
    ///
    /// [`curl_mime_filedata`](https://curl.se/libcurl/c/curl_mime_filedata.html)
    #[doc(alias = "curl_mime_filedata")]
    pub fn file(path: impl AsRef<Path>) -> Self {
        Self::of(Content::File(path.as_ref().to_owned()))
    }

    /// A part whose bytes come from `source` as they are sent; `len` bytes, if that is known.
    ///
    /// Where a length is missing, HTTP/1.1 sends the whole body in chunks. A source that ends before
    /// `len` bytes fails the transfer; what it has beyond them is not asked for.
    ///
    /// Every [`std::io::Read`] that is also [`Seek`](std::io::Seek) is a source; for others, see
    /// [`reader`](Part::reader).
    ///
    /// [`curl_mime_data_cb`](https://curl.se/libcurl/c/curl_mime_data_cb.html)
    #[doc(alias = "curl_mime_data_cb")]
    pub fn stream(source: impl Source + 'static, len: Option<u64>) -> Self {
        Self::of(Content::Stream(Box::new(source), len))
    }

    /// A part that is read once: a request that must be sent again (a redirect, an authentication)
    /// fails.
    pub fn reader(reader: impl std::io::Read + Send + 'static, len: Option<u64>) -> Self {
        Self::stream(source::Once::new(reader), len)
    }

    /// A part that is made of parts, such as `multipart/alternative`; `multipart/mixed` without a
    /// [`content_type`](Part::content_type).
    ///
    /// [`curl_mime_subparts`](https://curl.se/libcurl/c/curl_mime_subparts.html)
    #[doc(alias = "curl_mime_subparts")]
    pub fn parts(mime: Mime) -> Self {
        Self::of(Content::Parts(mime))
    }

    fn of(content: Content) -> Self {
        Self {
            content,
            name: None,
            filename: None,
            content_type: None,
            encoder: None,
            headers: List::new(),
        }
    }

    /// Names the part, as a form's field.
    ///
    /// [`curl_mime_name`](https://curl.se/libcurl/c/curl_mime_name.html)
    #[doc(alias = "curl_mime_name")]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The file name that goes along; it makes a form's field a file.
    ///
    /// [`curl_mime_filename`](https://curl.se/libcurl/c/curl_mime_filename.html)
    #[doc(alias = "curl_mime_filename")]
    pub fn filename(mut self, name: impl Into<String>) -> Self {
        self.filename = Some(name.into());
        self
    }

    /// The part's `Content-Type`.
    ///
    /// [`curl_mime_type`](https://curl.se/libcurl/c/curl_mime_type.html)
    #[doc(alias = "curl_mime_type")]
    pub fn content_type(mut self, value: impl Into<String>) -> Self {
        self.content_type = Some(value.into());
        self
    }

    /// How the content is encoded.
    pub fn encoder(mut self, encoder: Encoder) -> Self {
        self.encoder = Some(encoder);
        self
    }

    /// One more header line of the part, such as `X-Part: 7`.
    ///
    /// [`curl_mime_headers`](https://curl.se/libcurl/c/curl_mime_headers.html)
    ///
    /// # Errors
    /// Those of [`List::push`].
    #[doc(alias = "curl_mime_headers")]
    pub fn header(mut self, line: &str) -> Result<Self> {
        self.headers.push(line)?;
        Ok(self)
    }
}

/// Text that goes into a header line must not end it. libcurl escapes line ends in names only from
/// 7.81 on, and in types not at all.
fn one_line<'a>(text: &'a str, what: &'static str) -> Result<&'a str> {
    if text.contains(['\r', '\n']) {
        return Err(Error::ours(ErrorKind::Parameter, format!("{what} holds a line break")));
    }
    Ok(text)
}

/// The body of a `POST` request in parts; `None` takes it back and makes the request a `GET`.
///
/// It takes the place of [`PostFields`](super::option::PostFields) and the other way round: the last
/// one that was set counts.
///
/// [`CURLOPT_MIMEPOST`](https://curl.se/libcurl/c/CURLOPT_MIMEPOST.html)
#[doc(alias = "CURLOPT_MIMEPOST")]
#[derive(Debug)]
pub struct MimePost<M>(pub M);

impl<M: Into<Option<Mime>>> Sealed for MimePost<M> {}
impl<M: Into<Option<Mime>>> Setting for MimePost<M> {
    fn apply(self, handle: &mut Handle) -> Result<()> {
        match self.0.into() {
            Some(mime) => {
                let built = Built::new(handle, mime)?;
                handle.set_mime(Some(built))
            }
            None => handle.set_mime(None),
        }
    }
}
