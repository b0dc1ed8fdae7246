//! What a request can carry.

use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use http_body::Body as HttpBody;

use super::pump::{BoxError, Plain, Stream};
use super::source::{Open, Reader, Reading};
use crate::curl::Mime;

/// A request's body.
///
/// Bytes and text become one by themselves; they are kept, not copied, until the response is there.
/// Everything else is read while it is sent, a bounded piece at a time, however long it is.
///
/// One that cannot be sent again fails its request (with libcurl's code 65) where that would be needed:
/// when a kept connection turns out to be dead after a part was sent, or a log-in is asked for.
///
/// | made by | blocking | asynchronous | can be sent again |
/// |---|---|---|---|
/// | bytes or text | yes | yes | yes |
/// | [`file`](RequestBody::file), [`open`](RequestBody::open) | read on the calling thread | read ahead on a thread of its own | yes |
/// | [`reader`](RequestBody::reader) | the same | the same | no |
/// | [`form`](RequestBody::form) | read on the calling thread | read on the driver's | no |
/// | [`stream`](RequestBody::stream) | polled on the calling thread, where no runtime is | polled by the task that waits for the response | no |
pub struct RequestBody(pub(super) Kind);

pub(super) enum Kind {
    Bytes(Bytes),
    Read(Reading),
    Stream(Stream),
    Form(Mime),
}

impl RequestBody {
    /// What `reader` gives. `len` is how much that is, and then so much is sent; without it the body
    /// goes out in chunks (HTTP/1.1) or frames.
    pub fn reader(reader: impl io::Read + Send + 'static, len: impl Into<Option<u64>>) -> Self {
        let reader: Reader = Box::new(reader);
        Self(Kind::Read(Reading::once(reader, len.into())))
    }

    /// What each reader gives that `open` opens: one for each time that the body is sent.
    pub fn open<R: io::Read + Send + 'static>(
        mut open: impl FnMut() -> io::Result<R> + Send + 'static,
        len: impl Into<Option<u64>>,
    ) -> Self {
        let open: Open = Box::new(move || open().map(|reader| Box::new(reader) as Reader));
        Self(Kind::Read(Reading::reopened(open, len.into())))
    }

    /// A file, as long as it is now.
    ///
    /// # Errors
    /// Those of opening it. It is opened again whenever it is sent.
    pub fn file(path: impl AsRef<Path>) -> io::Result<Self> {
        let path: PathBuf = path.as_ref().to_owned();
        let len = File::open(&path)?.metadata()?.len();
        Ok(Self::open(move || File::open(&path), len))
    }

    /// A body of the crate [`http_body`]; its length is announced where it knows it exactly.
    ///
    /// Trailers are not sent, which libcurl does safely from 8.8 on only: a request that announces them
    /// by a `Trailer` header is refused before anything is sent, and one whose body comes to them after
    /// all fails there. It is polled where the response is waited for, outside of libcurl; a panic
    /// in it ends the request with [`ErrorKind::Panicked`](crate::ErrorKind::Panicked).
    pub fn stream<B>(body: B) -> Self
    where
        B: HttpBody + Send + 'static,
        B::Error: Into<BoxError>,
    {
        Self(Kind::Stream(Box::pin(Plain(Box::pin(body)))))
    }

    /// A form of several parts, files among them (`multipart/form-data`, RFC 7578); for `POST`.
    ///
    /// Its files and streams are read on the thread that drives the transfer: on the driver's, a slow
    /// one holds all transfers up.
    pub fn form(form: Mime) -> Self {
        Self(Kind::Form(form))
    }

    pub(super) fn is_empty(&self) -> bool {
        matches!(&self.0, Kind::Bytes(bytes) if bytes.is_empty())
    }
}

impl Default for RequestBody {
    /// No bytes.
    fn default() -> Self {
        Self(Kind::Bytes(Bytes::new()))
    }
}

impl<B: Into<Bytes>> From<B> for RequestBody {
    fn from(bytes: B) -> Self {
        Self(Kind::Bytes(bytes.into()))
    }
}

impl fmt::Debug for RequestBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let len = match &self.0 {
            Kind::Bytes(bytes) => Some(bytes.len() as u64),
            Kind::Read(reading) => reading.len(),
            Kind::Stream(body) => body.size_hint().exact(),
            Kind::Form(_) => return f.write_str("a form"),
        };
        match len {
            Some(len) => write!(f, "{len} bytes"),
            None => f.write_str("a stream"),
        }
    }
}
