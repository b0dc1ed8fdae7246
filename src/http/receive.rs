//! What comes back: header lines are collected, the body goes to a [`Sink`].

use std::io;
use std::time::Instant;

use ::http::{HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;

use crate::curl::{Flow, Receive, Write};
use crate::error::{Error, ErrorKind, Result};

/// How large a response's headers may be: libcurl's own limit from 8.3 on, where older ones have
/// none.
const MOST_HEADERS: usize = 300 * 1024;

/// The most that is allocated for a body because of its `Content-Length` alone.
const MOST_FORETOLD: usize = 1024 * 1024;

/// Where a body goes.
pub(super) trait Sink {
    type Body;
    /// The next bytes; `foretold` is the length that the whole body ought to have, or 0.
    fn take(&mut self, bytes: &[u8], foretold: usize) -> std::result::Result<(), Failure>;
    fn finish(self) -> Self::Body;
}

/// Why a body was not taken.
pub(super) enum Failure {
    Writer(io::Error),
    Ours(Error),
}

/// Keeps the body.
#[derive(Default)]
pub(super) struct Collect(Vec<u8>);

impl Sink for Collect {
    type Body = Vec<u8>;

    fn take(&mut self, bytes: &[u8], foretold: usize) -> std::result::Result<(), Failure> {
        let reserved = if self.0.is_empty() {
            let first = foretold.min(MOST_FORETOLD).max(bytes.len());
            self.0.try_reserve_exact(first)
        } else {
            self.0.try_reserve(bytes.len())
        };
        reserved.map_err(|_| Failure::Ours(no_memory("the body", self.0.len() + bytes.len())))?;
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// Passes the body on, and counts it.
pub(super) struct Forward<'a> {
    writer: &'a mut dyn io::Write,
    written: u64,
}

impl<'a> Forward<'a> {
    pub(super) fn new(writer: &'a mut dyn io::Write) -> Self {
        Self { writer, written: 0 }
    }
}

impl Sink for Forward<'_> {
    type Body = u64;

    fn take(&mut self, bytes: &[u8], _foretold: usize) -> std::result::Result<(), Failure> {
        self.writer.write_all(bytes).map_err(Failure::Writer)?;
        self.written += bytes.len() as u64;
        Ok(())
    }

    fn finish(self) -> u64 {
        self.written
    }
}

/// Takes one response.
pub(super) struct Receiver<S> {
    head: Head,
    sink: S,
    failure: Option<Failure>,
    answered: Option<Instant>,
}

impl<S: Sink> Receiver<S> {
    pub(super) fn new(sink: S) -> Self {
        Self { head: Head::default(), sink, failure: None, answered: None }
    }

    /// Why the transfer was given up from this side, if it was.
    pub(super) fn failure(&mut self) -> Option<Failure> {
        self.failure.take()
    }

    pub(super) fn finish(self) -> Result<(HeaderMap, S::Body)> {
        Ok((self.head.into_map()?, self.sink.finish()))
    }

    /// When the first header line came.
    pub(super) fn answered(&self) -> Option<Instant> {
        self.answered
    }
}

impl<S: Sink> Receive for Receiver<S> {
    fn header(&mut self, line: &[u8]) -> Option<Flow> {
        self.answered.get_or_insert_with(Instant::now);
        Some(match self.head.line(line) {
            Ok(()) => Flow::Continue,
            Err(error) => {
                self.failure = Some(Failure::Ours(error));
                Flow::Stop
            }
        })
    }

    fn body(&mut self, bytes: &[u8]) -> Write {
        self.head.state = State::Body;
        match self.sink.take(bytes, self.head.content_length) {
            Ok(()) => Write::Taken,
            Err(failure) => {
                self.failure = Some(failure);
                Write::Stop
            }
        }
    }
}

/// The header lines of the last response: those of an interim response (1xx), of a redirect that is
/// followed or of a proxy come before it, and are forgotten.
#[derive(Default)]
struct Head {
    /// Each line as its length and its text; the values of the map will share this memory.
    lines: Vec<u8>,
    /// Where the last line's length stands.
    last: usize,
    count: usize,
    content_length: usize,
    state: State,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Lines,
    /// The empty line came: another response or a body follows.
    Complete,
    /// Lines that come now are trailers.
    Body,
}

/// How a line's length is written before it.
type Length = u32;

/// What is set aside for the first line: all that most responses need.
const FEW_HEADERS: usize = 512;

impl Head {
    fn line(&mut self, line: &[u8]) -> Result<()> {
        if self.state == State::Body {
            return Ok(());
        }
        if line.starts_with(b"HTTP/") {
            *self = Self { lines: std::mem::take(&mut self.lines), ..Self::default() };
            self.lines.clear();
            return Ok(());
        }
        let text = line.trim_ascii_end();
        if self.state == State::Complete || text.is_empty() {
            self.state = State::Complete;
            return Ok(());
        }
        self.push(text)?;
        if let Some(length) = content_length(text) {
            self.content_length = length;
        }
        Ok(())
    }

    fn push(&mut self, text: &[u8]) -> Result<()> {
        let needed = text.len() + size_of::<Length>();
        if self.lines.len() + needed > MOST_HEADERS {
            return Err(Error::ours(
                ErrorKind::Transport,
                format!("the response's headers are larger than {MOST_HEADERS} bytes"),
            ));
        }
        let first = if self.lines.is_empty() { FEW_HEADERS } else { 0 };
        self.lines
            .try_reserve(needed.max(first))
            .map_err(|_| no_memory("the headers", self.lines.len() + needed))?;
        // The limit above is far below what a `Length` can hold.
        let length = |text: usize| Length::try_from(text).unwrap_or_default().to_ne_bytes();
        // RFC 9112, 5.2: a line that begins with a blank goes on where the last one ended.
        if matches!(text.first(), Some(b' ' | b'\t')) && self.count > 0 {
            self.lines.extend_from_slice(text);
            let (before, whole) = self.lines.split_at_mut(self.last + size_of::<Length>());
            before[self.last..].copy_from_slice(&length(whole.len()));
        } else {
            self.last = self.lines.len();
            self.count += 1;
            self.lines.extend_from_slice(&length(text.len()));
            self.lines.extend_from_slice(text);
        }
        Ok(())
    }

    fn into_map(self) -> Result<HeaderMap> {
        let mut map = HeaderMap::try_with_capacity(self.count).map_err(|_| too_many())?;
        let lines = Bytes::from(self.lines);
        let mut at = 0;
        while let Some((length, rest)) = lines[at..].split_first_chunk() {
            let line = rest.get(..Length::from_ne_bytes(*length) as usize).unwrap_or(rest);
            at += size_of::<Length>();
            let (name, value) = header(&lines, at, line).ok_or_else(|| not_allowed(line))?;
            map.try_append(name, value).map_err(|_| too_many())?;
            at += line.len();
        }
        Ok(map)
    }
}

/// What the line says about the body's length, if it says that.
fn content_length(line: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"content-length:";
    if !matches!(line.first(), Some(b'c' | b'C')) {
        return None;
    }
    let (name, value) = line.split_at_checked(NAME.len())?;
    if !name.eq_ignore_ascii_case(NAME) {
        return None;
    }
    std::str::from_utf8(value).ok()?.trim().parse().ok()
}

/// The name and the value of the line that begins at `at`; the value shares the memory of `lines`.
fn header(lines: &Bytes, at: usize, line: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let name = HeaderName::from_bytes(&line[..colon]).ok()?;
    let value = line[colon + 1..].trim_ascii_start();
    let end = at + line.len();
    let value = lines.slice(end - value.len()..end);
    Some((name, HeaderValue::from_maybe_shared(value).ok()?))
}

#[cold]
fn not_allowed(line: &[u8]) -> Error {
    let line = line.escape_ascii();
    Error::ours(
        ErrorKind::Transport,
        format!("the response has a header line that HTTP does not allow: \"{line}\""),
    )
}

#[cold]
fn no_memory(what: &str, len: usize) -> Error {
    Error::ours(
        ErrorKind::OutOfMemory,
        format!("no memory for {what} of the response, of {len} bytes and more"),
    )
}

#[cold]
fn too_many() -> Error {
    Error::ours(ErrorKind::Transport, "the response has more headers than the http crate can hold")
}
