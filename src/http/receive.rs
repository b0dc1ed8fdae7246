//! What comes back: header lines are collected, the body goes to a [`Sink`].

use std::io;

use ::http::{HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;

use crate::curl::{Flow, Handler};
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
}

impl<S: Sink> Receiver<S> {
    pub(super) fn new(sink: S) -> Self {
        Self { head: Head::default(), sink, failure: None }
    }

    /// Why the transfer was given up from this side, if it was.
    pub(super) fn failure(&mut self) -> Option<Failure> {
        self.failure.take()
    }

    pub(super) fn finish(self) -> Result<(HeaderMap, S::Body)> {
        Ok((self.head.into_map()?, self.sink.finish()))
    }

    fn flow(&mut self, outcome: std::result::Result<(), Failure>) -> Flow {
        match outcome {
            Ok(()) => Flow::Continue,
            Err(failure) => {
                self.failure = Some(failure);
                Flow::Stop
            }
        }
    }
}

impl<S: Sink> Handler for Receiver<S> {
    fn header(&mut self, line: &[u8]) -> Flow {
        let outcome = self.head.line(line).map_err(Failure::Ours);
        self.flow(outcome)
    }

    fn body(&mut self, bytes: &[u8]) -> Flow {
        self.head.state = State::Body;
        let outcome = self.sink.take(bytes, self.head.content_length);
        self.flow(outcome)
    }
}

/// The header lines of the last response: those of an interim response (1xx), of a redirect that is
/// followed or of a proxy come before it, and are forgotten.
#[derive(Default)]
struct Head {
    lines: Vec<u8>,
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

impl Head {
    fn line(&mut self, line: &[u8]) -> Result<()> {
        const LENGTH: &[u8] = b"content-length:";
        if self.state == State::Body {
            return Ok(());
        }
        if line.starts_with(b"HTTP/") {
            self.lines.clear();
            self.count = 0;
            self.content_length = 0;
            self.state = State::Lines;
            return Ok(());
        }
        let text = line.trim_ascii_end();
        if self.state == State::Complete || text.is_empty() {
            self.state = State::Complete;
            return Ok(());
        }
        if self.lines.len() + text.len() > MOST_HEADERS {
            return Err(Error::ours(
                ErrorKind::Transport,
                format!("the response's headers are larger than {MOST_HEADERS} bytes"),
            ));
        }
        if matches!(text.first(), Some(b' ' | b'\t')) {
            // RFC 9112, 5.2: a folded line goes on where the last one ended.
            self.lines.pop();
        }
        self.lines
            .try_reserve(text.len() + 1)
            .map_err(|_| no_memory("the headers", self.lines.len() + text.len()))?;
        self.lines.extend_from_slice(text);
        self.lines.push(b'\n');
        self.count += 1;
        if let Some((name, value)) = text.split_at_checked(LENGTH.len()) {
            if name.eq_ignore_ascii_case(LENGTH) {
                let value = std::str::from_utf8(value).unwrap_or_default();
                self.content_length = value.trim().parse().unwrap_or_default();
            }
        }
        Ok(())
    }

    fn into_map(self) -> Result<HeaderMap> {
        let lines = Bytes::from(self.lines);
        let mut map = HeaderMap::try_with_capacity(self.count).map_err(|_| too_many())?;
        let mut start = 0;
        while let Some(len) = lines[start..].iter().position(|byte| *byte == b'\n') {
            let line = lines.slice(start..start + len);
            start += len + 1;
            let (name, value) = header(&line).ok_or_else(|| {
                Error::ours(
                    ErrorKind::Transport,
                    format!(
                        "the response has a header line that HTTP does not allow: {:?}",
                        line.escape_ascii().to_string()
                    ),
                )
            })?;
            map.try_append(name, value).map_err(|_| too_many())?;
        }
        Ok(map)
    }
}

/// The name and the value of a line; the value shares the line's memory.
fn header(line: &Bytes) -> Option<(HeaderName, HeaderValue)> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let name = HeaderName::from_bytes(&line[..colon]).ok()?;
    let value = line.slice_ref(line[colon + 1..].trim_ascii_start());
    Some((name, HeaderValue::from_maybe_shared(value).ok()?))
}

fn no_memory(what: &str, len: usize) -> Error {
    Error::ours(
        ErrorKind::OutOfMemory,
        format!("no memory for {what} of the response, of {len} bytes and more"),
    )
}

fn too_many() -> Error {
    Error::ours(ErrorKind::Transport, "the response has more headers than the http crate can hold")
}
