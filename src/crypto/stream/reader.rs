//! Opening a stream.

use std::fmt;
use std::io;
use std::sync::Arc;

use zeroize::{Zeroize as _, Zeroizing};

use super::derive::{Header, Secrets};
use super::{CHUNK, CHUNKS, StreamAead, nonce};
use crate::crypto::aead::Opener;
use crate::crypto::held::Held;
use crate::error::{Error, ErrorKind, Result};

/// Opens what it reads, chunk by chunk.
///
/// A chunk is verified before its first byte is handed out. **The text is complete only when a read
/// has returned 0**: a stream that was cut off ends with an error of
/// [`InvalidData`](io::ErrorKind::InvalidData) ([`ErrorKind::Authentication`] inside), as does one
/// that was altered, and after that every read fails. An error of the inner reader passes through
/// and the read can be tried again. Memory: one chunk of 16 KiB.
pub struct OpenReader<A: StreamAead, R: io::Read> {
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
    Header { key: Arc<Held>, context: Vec<u8> },
    /// The chunk of this number is being read.
    Chunk { opener: Opener<A>, base: [u8; 12], number: u64 },
    /// The last chunk was genuine.
    Complete,
    /// Something was not.
    Failed(ErrorKind),
}

impl<A: StreamAead, R: io::Read> OpenReader<A, R> {
    pub(super) fn new(key: Arc<Held>, context: &[u8], inner: R) -> Self {
        let state = State::Header { key, context: context.to_vec() };
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

    /// Reads on until `want` bytes are there or the inner reader ends.
    fn fill(&mut self, want: usize) -> io::Result<()> {
        self.chunk.resize(CHUNK + A::TAG_LEN, 0);
        while self.filled < want {
            match self.inner.read(&mut self.chunk[self.filled..want]) {
                Ok(0) => break,
                // A reader that claims more than there was room for is taken at the whole.
                Ok(read) => self.filled = want.min(self.filled + read),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Goes on by the header or one chunk.
    fn advance(&mut self) -> io::Result<()> {
        match &self.state {
            State::Header { .. } => self.fill(Header::LEN)?,
            State::Chunk { .. } => self.fill(CHUNK + A::TAG_LEN)?,
            State::Complete => return Ok(()),
            State::Failed(kind) => return Err(Error::of(*kind).into()),
        }
        let opened = self.open();
        self.filled = 0;
        opened.map_err(|error| {
            self.state = State::Failed(error.kind());
            self.chunk.zeroize();
            io::Error::from(error)
        })
    }

    /// Verifies what was read.
    fn open(&mut self) -> Result<()> {
        let forged = || Error::of(ErrorKind::Authentication);
        match &mut self.state {
            State::Header { key, context } => {
                let header = Header::read(&self.chunk[..self.filled]).ok_or_else(forged)?;
                let secrets = Secrets::<A>::derive(key, &header.salt, context)?;
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
        if out.is_empty() {
            return Ok(0);
        }
        while self.text.is_empty() && !matches!(self.state, State::Complete) {
            self.advance()?;
        }
        let text = self.chunk.get(self.text.clone()).unwrap_or_default();
        let len = text.len().min(out.len());
        out[..len].copy_from_slice(&text[..len]);
        self.text.start += len;
        Ok(len)
    }
}

impl<A: StreamAead, R: io::Read> fmt::Debug for OpenReader<A, R> {
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
