//! The lines before and after a body.

use ::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Version};
use bytes::Bytes;

use super::names::Names;
use crate::error::{Error, ErrorKind, Result};

/// How large a response's headers may be: libcurl's own limit from 8.3 on, where older ones have
/// none.
const MOST_HEADERS: usize = 300 * 1024;

/// The header lines of the last response: those of an interim response (1xx), of a redirect that is
/// followed or of a proxy come before it, and are forgotten.
pub(super) struct Head {
    status: u16,
    version: Version,
    headers: Block,
    trailers: Block,
    content_length: usize,
    complete: bool,
}

impl Default for Head {
    fn default() -> Self {
        Self {
            status: 0,
            version: Version::HTTP_11,
            headers: Block::default(),
            trailers: Block::default(),
            content_length: 0,
            complete: false,
        }
    }
}

/// What a head amounts to.
pub(super) type Parts = (StatusCode, Version, HeaderMap);

impl Head {
    /// Forgets all lines, and keeps the memory that most heads need.
    pub(super) fn clear(&mut self) {
        self.headers.clear();
        self.trailers.clear();
        (self.version, self.status) = (Version::HTTP_11, 0);
        (self.content_length, self.complete) = (0, false);
    }

    /// Takes a line; `true` when a head is complete with it.
    pub(super) fn line(&mut self, line: &[u8]) -> Result<bool> {
        if let Some(rest) = line.strip_prefix(b"HTTP/") {
            self.headers.clear();
            (self.version, self.status) = status_line(rest);
            (self.content_length, self.complete) = (0, false);
            return Ok(false);
        }
        let text = match line {
            // As nearly every line ends.
            [text @ .., last, b'\r', b'\n'] if last.is_ascii_graphic() => &line[..=text.len()],
            _ => line.trim_ascii_end(),
        };
        if self.complete {
            // After an empty line only another status line begins a head: these are trailers.
            if !text.is_empty() {
                self.trailers.push(text, "trailers")?;
            }
            return Ok(false);
        }
        if text.is_empty() {
            self.complete = true;
            return Ok(true);
        }
        self.headers.push(text, "headers")?;
        if let Some(length) = content_length(text) {
            self.content_length = length;
        }
        Ok(false)
    }

    /// The status that the last status line had.
    pub(super) fn status(&self) -> u16 {
        self.status
    }

    /// The version that the last status line had.
    pub(super) fn version(&self) -> Version {
        self.version
    }

    /// What `Content-Length` says, or 0.
    pub(super) fn content_length(&self) -> usize {
        self.content_length
    }

    /// A whole head is there.
    pub(super) fn is_complete(&self) -> bool {
        self.complete
    }

    /// How long the body is, where that is certain (RFC 9112 section 6.3).
    pub(super) fn body_length(&self) -> Option<u64> {
        if matches!(self.status, 204 | 304) {
            return Some(0);
        }
        let says = |name| self.values(name).next().is_some();
        let known = says("content-length") && !says("transfer-encoding");
        known.then_some(self.content_length as u64)
    }

    /// One of the ways to log in is Digest (RFC 7616).
    pub(super) fn asks_for_digest(&self) -> bool {
        let names = |value: &[u8]| value.windows(6).any(|it| it.eq_ignore_ascii_case(b"digest"));
        self.values("www-authenticate").any(names)
    }

    /// What the headers of this name say, in the order of their lines.
    pub(super) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.headers.each().filter_map(move |line| {
            let (found, value) = line.split_at_checked(name.len())?;
            let value = value.strip_prefix(b":")?;
            found.eq_ignore_ascii_case(name.as_bytes()).then(|| value.trim_ascii())
        })
    }

    /// The lines that are there, which are gone then. `names` are those of earlier heads.
    pub(super) fn take(&mut self, names: &mut Names) -> Result<Parts> {
        let status = self.status;
        let code = StatusCode::from_u16(status).map_err(|_| {
            let text = format!("the response's status is no HTTP status: {status}");
            Error::ours(ErrorKind::Transport, text)
        })?;
        Ok((code, self.version, self.headers.take(names)?))
    }

    /// The trailers, if there were any.
    pub(super) fn take_trailers(&mut self) -> Result<Option<Box<HeaderMap>>> {
        if self.trailers.count == 0 {
            return Ok(None);
        }
        let map = self.trailers.take(&mut Names::default())?;
        Ok(Some(Box::new(map)))
    }
}

/// The version and the status of a status line without its first five bytes.
fn status_line(rest: &[u8]) -> (Version, u16) {
    if let [b'1', b'.', b'1', b' ', a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', b' ', ..] =
        rest
    {
        let digit = |byte: u8| u16::from(byte - b'0');
        return (Version::HTTP_11, digit(*a) * 100 + digit(*b) * 10 + digit(*c));
    }
    let mut words = rest.split(|byte| *byte == b' ');
    let version = match words.next().and_then(|word| word.trim_ascii().first()) {
        Some(b'2') => Version::HTTP_2,
        Some(b'3') => Version::HTTP_3,
        _ if rest.starts_with(b"1.0") => Version::HTTP_10,
        _ => Version::HTTP_11,
    };
    let code = words.find(|word| !word.is_empty()).unwrap_or_default().trim_ascii_end();
    let code = std::str::from_utf8(code).ok().and_then(|code| code.parse().ok());
    (version, code.unwrap_or_default())
}

/// Lines of the form `name: value`.
#[derive(Default)]
struct Block {
    /// Each line as its length and its text. The memory serves one head after the other.
    lines: Vec<u8>,
    /// Where the last line's length stands.
    last: usize,
    count: usize,
}

/// How a line's length is written before it.
type Length = u32;

/// What is set aside for the first line: all that most responses need, and no more is kept.
const FEW_HEADERS: usize = 512;

impl Block {
    fn clear(&mut self) {
        self.lines.clear();
        if self.lines.capacity() > FEW_HEADERS {
            self.lines = Vec::new();
        }
        (self.last, self.count) = (0, 0);
    }

    fn push(&mut self, text: &[u8], what: &str) -> Result<()> {
        let needed = text.len() + size_of::<Length>();
        if self.lines.capacity() - self.lines.len() < needed {
            self.grow(needed, what)?;
        }
        // The limit is far below what a `Length` can hold.
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

    fn each(&self) -> impl Iterator<Item = &[u8]> {
        let mut lines = &self.lines[..];
        std::iter::from_fn(move || {
            let (length, rest) = lines.split_first_chunk()?;
            let (line, rest) = rest.split_at_checked(Length::from_ne_bytes(*length) as usize)?;
            lines = rest;
            Some(line)
        })
    }

    #[cold]
    fn grow(&mut self, needed: usize, what: &str) -> Result<()> {
        let len = self.lines.len();
        if len + needed > MOST_HEADERS {
            return Err(Error::ours(
                ErrorKind::Transport,
                format!("the response's {what} are larger than {MOST_HEADERS} bytes"),
            ));
        }
        // Twice what there is, but never beyond the limit.
        let more = needed.max(len).max(FEW_HEADERS).min(MOST_HEADERS - len);
        let reserved = self.lines.try_reserve_exact(more);
        reserved.map_err(|_| no_memory(what, len + needed))
    }

    /// The lines as a map, whose values share one copy of them.
    fn take(&mut self, names: &mut Names) -> Result<HeaderMap> {
        let len = self.lines.len();
        let mut copy = Vec::new();
        copy.try_reserve_exact(len).map_err(|_| no_memory("headers", len))?;
        copy.extend_from_slice(&self.lines);
        let (lines, count) = (Bytes::from(copy), self.count);
        self.clear();
        if let Some(map) = names.fill(&lines, count) {
            return Ok(map);
        }
        let mut map = HeaderMap::try_with_capacity(count).map_err(|_| too_many())?;
        for at in (Lines { block: &lines, at: 0 }) {
            let line = &lines[at.clone()];
            let (name, value) = header(&lines, at.start, line).ok_or_else(|| not_allowed(line))?;
            map.try_append(name, value).map_err(|_| too_many())?;
        }
        names.learn(&lines, &map);
        Ok(map)
    }
}

/// Where each line of a block lies.
pub(super) struct Lines<'a> {
    pub(super) block: &'a [u8],
    pub(super) at: usize,
}

impl Iterator for Lines<'_> {
    type Item = std::ops::Range<usize>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let length = self.block.get(self.at..)?.first_chunk()?;
        let start = self.at + size_of::<Length>();
        self.at = start + Length::from_ne_bytes(*length) as usize;
        (self.at <= self.block.len()).then_some(start..self.at)
    }
}

/// What the line says about the body's length, if it says that.
fn content_length(line: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"content-length:";
    if line.get(NAME.len() - 1) != Some(&b':') || !matches!(line[0], b'c' | b'C') {
        return None;
    }
    let (name, value) = line.split_at_checked(NAME.len())?;
    if !name.eq_ignore_ascii_case(NAME) {
        return None;
    }
    let value = value.trim_ascii();
    let digit = |number: usize, byte: &u8| {
        let digit = byte.is_ascii_digit().then(|| usize::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    };
    if value.is_empty() { None } else { value.iter().try_fold(0, digit) }
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
pub(super) fn no_memory(what: &str, len: usize) -> Error {
    Error::ours(
        ErrorKind::OutOfMemory,
        format!("no memory for the {what} of the response, of {len} bytes and more"),
    )
}

#[cold]
fn too_many() -> Error {
    Error::ours(ErrorKind::Transport, "the response has more headers than the http crate can hold")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_lines_of_every_version() {
        for (line, version, status) in [
            ("1.0 200 OK\r\n", Version::HTTP_10, 200),
            ("1.1 404\r\n", Version::HTTP_11, 404),
            ("2 204 \r\n", Version::HTTP_2, 204),
            ("2 204\r\n", Version::HTTP_2, 204),
            ("3 999 x y\r\n", Version::HTTP_3, 999),
            ("1.1 \r\n", Version::HTTP_11, 0),
            ("", Version::HTTP_11, 0),
        ] {
            assert_eq!(status_line(line.as_bytes()), (version, status), "{line:?}");
        }
    }
}
