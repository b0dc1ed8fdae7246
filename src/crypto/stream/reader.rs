//! Opening a stream.

use std::fmt;
use std::io;
use std::task::{Poll, ready};

use zeroize::{Zeroize as _, Zeroizing};

use super::derive::{Header, Secrets};
use super::{CHUNK, CHUNKS, StreamAead, blocking, nonce};
use crate::crypto::aead::Opener;
use crate::crypto::held::Held;
use crate::crypto::library::Home;
use crate::error::{Error, ErrorKind, Result};
use crate::sync::Arc;

/// Opens what it reads, chunk by chunk.
///
/// A chunk is verified before its first byte is handed out. **The text is complete only when a read
/// has returned 0**: a stream that was cut off ends with an error of
/// [`InvalidData`](io::ErrorKind::InvalidData) ([`ErrorKind::Authentication`] inside), as does one
/// that was altered, and after that every read fails. An error of the inner reader passes through
/// and the read can be tried again. Memory: one chunk of 16 KiB.
///
/// Over a reader that is not blocking it reads without blocking: with the feature `futures-io` it
/// has that crate's `AsyncRead`, with the feature `tokio` tokio's. What was read before a future is
/// dropped stays here: the next read goes on from it.
pub struct OpenReader<A: StreamAead, R> {
    inner: R,
    state: State<A>,
    /// The bytes of the header or of a chunk, as far as they were read; then the chunk's text.
    chunk: Zeroizing<Vec<u8>>,
    filled: usize,
    /// The text that was not handed out yet.
    text: std::ops::Range<usize>,
}

enum State<A: StreamAead> {
    /// The header is being read.
    Header { home: Home, key: Arc<Held>, context: Vec<u8> },
    /// The chunk of this number is being read.
    Chunk { opener: Opener<A>, base: [u8; 12], number: u64 },
    /// The last chunk was genuine.
    Complete,
    /// Something was not.
    Failed(ErrorKind),
}

impl<A: StreamAead, R> OpenReader<A, R> {
    pub(super) fn new(home: &Home, key: Arc<Held>, context: &[u8], inner: R) -> Self {
        let state = State::Header { home: home.clone(), key, context: context.to_vec() };
        Self { inner, state, chunk: Zeroizing::new(Vec::new()), filled: 0, text: 0..0 }
    }

    /// Whether the end was reached and is genuine.
    pub fn is_complete(&self) -> bool {
        matches!(self.state, State::Complete) && self.text.is_empty()
    }

    /// The inner reader.
    pub fn get_ref(&self) -> &R {
        &self.inner
    }

    /// Text that was not handed out yet, of which there is none at the genuine end; `read` says how
    /// the inner reader is read.
    pub(super) fn poll_text(
        &mut self,
        mut read: impl FnMut(&mut R, &mut [u8]) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<&[u8]>> {
        while self.text.is_empty() && !matches!(self.state, State::Complete) {
            ready!(self.poll_advance(&mut read))?;
        }
        Poll::Ready(Ok(self.chunk.get(self.text.clone()).unwrap_or_default()))
    }

    /// Hands out as much of the text as there is room for.
    pub(super) fn poll_read_with(
        &mut self,
        out: &mut [u8],
        read: impl FnMut(&mut R, &mut [u8]) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if out.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let text = ready!(self.poll_text(read))?;
        let len = text.len().min(out.len());
        out[..len].copy_from_slice(&text[..len]);
        self.consume(len);
        Poll::Ready(Ok(len))
    }

    /// Counts `len` bytes of the text as handed out.
    pub(super) fn consume(&mut self, len: usize) {
        self.text.start += len;
    }

    /// Reads on until `want` bytes are there or the inner reader ends.
    fn poll_fill(
        &mut self,
        want: usize,
        read: &mut impl FnMut(&mut R, &mut [u8]) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<()>> {
        self.chunk.resize(CHUNK + A::TAG_LEN, 0);
        while self.filled < want {
            match ready!(read(&mut self.inner, &mut self.chunk[self.filled..want])) {
                Ok(0) => break,
                // A reader that claims more than there was room for is taken at the whole.
                Ok(read) => self.filled = want.min(self.filled.saturating_add(read)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Goes on by the header or one chunk.
    fn poll_advance(
        &mut self,
        read: &mut impl FnMut(&mut R, &mut [u8]) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<()>> {
        match &self.state {
            State::Header { .. } => ready!(self.poll_fill(Header::LEN, read))?,
            State::Chunk { .. } => ready!(self.poll_fill(CHUNK + A::TAG_LEN, read))?,
            State::Complete => return Poll::Ready(Ok(())),
            State::Failed(kind) => return Poll::Ready(Err(Error::of(*kind).into())),
        }
        let opened = self.open();
        self.filled = 0;
        Poll::Ready(opened.map_err(|error| {
            self.state = State::Failed(error.kind());
            self.chunk.zeroize();
            io::Error::from(error)
        }))
    }

    /// Verifies what was read.
    fn open(&mut self) -> Result<()> {
        let forged = || Error::of(ErrorKind::Authentication);
        match &mut self.state {
            State::Header { home, key, context } => {
                let header = Header::read(&self.chunk[..self.filled]).ok_or_else(forged)?;
                let secrets = Secrets::<A>::derive(home, key, &header.salt, context)?;
                // No secret: it stands in the header of each stream of this salt and context.
                if secrets.commitment != header.commitment {
                    return Err(forged());
                }
                let opener = secrets.key.opener()?;
                self.state = State::Chunk { opener, base: secrets.base, number: 0 };
            }
            State::Chunk { opener, base, number } => {
                if *number >= CHUNKS {
                    return Err(Error::of(ErrorKind::Limit));
                }
                let len = self.filled.checked_sub(A::TAG_LEN).ok_or_else(forged)?;
                let (text, rest) = self.chunk.split_at_mut(len);
                let tag = *rest.first_chunk().ok_or_else(forged)?;
                opener.open_in_place(b"", &nonce(*base, *number), text, &tag)?;
                self.text = 0..len;
                *number += 1;
                // Only the last chunk is short.
                if len < CHUNK {
                    self.state = State::Complete;
                }
            }
            State::Complete | State::Failed(_) => {}
        }
        Ok(())
    }
}

impl<A: StreamAead, R: io::Read> io::Read for OpenReader<A, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        blocking(self.poll_read_with(out, |inner, room| Poll::Ready(inner.read(room))))
    }
}

/// Nothing is pinned in here: a reader that is not `Unpin` can be read behind `Pin<Box<_>>`.
impl<A: StreamAead, R: Unpin> Unpin for OpenReader<A, R> {}

impl<A: StreamAead, R> fmt::Debug for OpenReader<A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Header { .. } => "header",
            State::Chunk { .. } => "open",
            State::Complete => "complete",
            State::Failed(_) => "failed",
        };
        write!(f, "OpenReader<{}>({state})", A::NAME)
    }
}
