//! The lines of a body, as they arrive.

use std::fmt;

use bytes::{Buf as _, BytesMut};

use super::body::Body;
use super::body_reader::BodyReader;
use crate::error::{Error, ErrorKind, Result};

/// The lines of a response's body as they arrive, without their ends (`\n` or `\r\n`), in UTF-8: made
/// by [`BodyReader::lines`] and [`Body::lines`].
///
/// No more of the body is in memory than a line, and what came with its end.
///
/// ```
/// # use std::io::{Read, Write};
/// # let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
/// # let url = format!("http://{}/", listener.local_addr().unwrap());
/// # std::thread::spawn(move || {
/// #     let (mut peer, _) = listener.accept().unwrap();
/// #     let _ = peer.read(&mut [0; 4096]);
/// #     let _ = peer.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\none\ntwo\n");
/// # });
/// let client = ffence::http::Client::new()?;
/// let lines = client.get(&url).open()?.into_body().lines(64 * 1024);
/// assert_eq!(lines.collect::<ffence::Result<Vec<_>>>()?, ["one", "two"]);
/// # Ok::<(), ffence::Error>(())
/// ```
pub struct Lines<B> {
    body: B,
    cutter: Cutter,
}

/// Cuts lines out of pieces.
struct Cutter {
    waiting: BytesMut,
    /// So many bytes of it hold no line's end.
    searched: usize,
    limit: usize,
    over: bool,
}

impl Cutter {
    fn new(limit: usize) -> Self {
        Self { waiting: BytesMut::new(), searched: 0, limit, over: false }
    }

    fn push(&mut self, piece: &[u8]) {
        self.waiting.extend_from_slice(piece);
    }

    /// The next line that is whole.
    fn cut(&mut self) -> Result<Option<String>> {
        let end = self.waiting[self.searched..].iter().position(|byte| *byte == b'\n');
        let Some(end) = end.map(|end| self.searched + end) else {
            self.searched = self.waiting.len();
            return self.within(self.searched).map(|()| None);
        };
        self.within(end)?;
        let mut line = self.waiting.split_to(end);
        self.waiting.advance(1);
        self.searched = 0;
        if line.last() == Some(&b'\r') {
            line.truncate(end - 1);
        }
        self.text(line).map(Some)
    }

    /// What is left at the body's end: a line without one.
    fn last(&mut self) -> Result<Option<String>> {
        self.over = true;
        if self.waiting.is_empty() {
            return Ok(None);
        }
        let line = std::mem::take(&mut self.waiting);
        self.text(line).map(Some)
    }

    fn within(&mut self, len: usize) -> Result<()> {
        if len <= self.limit {
            return Ok(());
        }
        self.over = true;
        let text = format!("a line of the body is longer than the limit of {} bytes", self.limit);
        Err(Error::ours(ErrorKind::Length, text))
    }

    fn text(&mut self, line: BytesMut) -> Result<String> {
        String::from_utf8(line.into()).map_err(|_| {
            self.over = true;
            Error::ours(ErrorKind::Encoding, "a line of the body is not UTF-8")
        })
    }
}

#[cfg(feature = "json")]
fn value<T: serde::de::DeserializeOwned>(line: &str) -> Result<T> {
    serde_json::from_str(line)
        .map_err(|error| Error::ours(ErrorKind::Malformed, format!("a line of the body: {error}")))
}

impl BodyReader {
    /// The body's lines as they arrive; one that is longer than `limit` bytes is an
    /// [`ErrorKind::Length`].
    pub fn lines(self, limit: usize) -> Lines<Self> {
        Lines { body: self, cutter: Cutter::new(limit) }
    }
}

impl Body {
    /// The body's lines as they arrive; one that is longer than `limit` bytes is an
    /// [`ErrorKind::Length`].
    pub fn lines(self, limit: usize) -> Lines<Self> {
        Lines { body: self, cutter: Cutter::new(limit) }
    }
}

/// The next line is an error where reading the body is one, and then there is no further one.
impl Iterator for Lines<BodyReader> {
    type Item = Result<String>;

    fn next(&mut self) -> Option<Result<String>> {
        loop {
            if self.cutter.over {
                return None;
            }
            if let Some(line) = self.cutter.cut().transpose() {
                return Some(line);
            }
            match self.body.chunk() {
                Ok(Some(piece)) => self.cutter.push(&piece),
                Ok(None) => return self.cutter.last().transpose(),
                Err(error) => {
                    self.cutter.over = true;
                    return Some(Err(error));
                }
            }
        }
    }
}

impl Lines<BodyReader> {
    /// The next value of a body that has one in JSON on each line; empty lines are passed over.
    ///
    /// # Errors
    /// As for the lines; [`ErrorKind::Malformed`] when it is no JSON, or not of this type, after which
    /// the next line follows.
    #[cfg(feature = "json")]
    pub fn next_json<T: serde::de::DeserializeOwned>(&mut self) -> Result<Option<T>> {
        for line in self {
            let line = line?;
            if !line.trim().is_empty() {
                return value(&line).map(Some);
            }
        }
        Ok(None)
    }

    /// The body, with what was not handed out as lines lost.
    pub fn into_body(self) -> BodyReader {
        self.body
    }
}

impl Lines<Body> {
    /// The next line; `None` after the last.
    ///
    /// Dropping the future loses nothing.
    ///
    /// # Errors
    /// Those of [`Body::chunk`]; [`ErrorKind::Length`], [`ErrorKind::Encoding`]. After any of them there
    /// is nothing more.
    pub async fn next_line(&mut self) -> Result<Option<String>> {
        loop {
            if self.cutter.over {
                return Ok(None);
            }
            if let Some(line) = self.cutter.cut()? {
                return Ok(Some(line));
            }
            match self.body.chunk().await {
                Ok(Some(piece)) => self.cutter.push(&piece),
                Ok(None) => return self.cutter.last(),
                Err(error) => {
                    self.cutter.over = true;
                    return Err(error);
                }
            }
        }
    }

    /// The next value of a body that has one in JSON on each line; empty lines are passed over.
    ///
    /// # Errors
    /// As for [`next_line`](Lines::next_line); [`ErrorKind::Malformed`] when it is no JSON, or not of
    /// this type, after which the next line follows.
    #[cfg(feature = "json")]
    pub async fn next_json<T: serde::de::DeserializeOwned>(&mut self) -> Result<Option<T>> {
        while let Some(line) = self.next_line().await? {
            if !line.trim().is_empty() {
                return value(&line).map(Some);
            }
        }
        Ok(None)
    }
}

impl<B: fmt::Debug> fmt::Debug for Lines<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines").field("body", &self.body).finish_non_exhaustive()
    }
}
