//! Sealing a stream.

use std::fmt;
use std::io;

use zeroize::Zeroizing;

use super::derive::{Header, Secrets};
use super::{CHUNK, CHUNKS, StreamAead, nonce};
use crate::crypto::aead::hazmat;
use crate::error::{Error, ErrorKind, Result};
use crate::fork::process;

/// Seals what is written to it, chunk by chunk, and passes it on.
///
/// **A stream is complete only after [`finish`](Self::finish)**: one that was dropped before is
/// recognised as truncated by who opens it. Memory: one chunk of 16 KiB.
///
/// `flush` passes on the chunks that are full; what is left waits, because the format has one short
/// chunk, the last. When the inner writer fails, the write can be tried again; when sealing fails,
/// the stream is lost ([`ErrorKind::Poisoned`]). It is, too, in a process that was forked since it was
/// begun: parent and child would seal different chunks under one nonce.
///
/// A finished one is gone:
/// ```compile_fail,E0382
/// # use std::io::Write;
/// # use ffence::crypto::{Aes128Gcm, StreamKey};
/// let key = StreamKey::<Aes128Gcm>::generate().unwrap();
/// let mut writer = key.seal(b"", Vec::new()).unwrap();
/// writer.finish().unwrap();
/// writer.write_all(b"more").unwrap(); // borrow of moved value
/// ```
/// and one that is not finished is noticed:
/// ```compile_fail
/// #![deny(unused_must_use)]
/// # use ffence::crypto::{Aes128Gcm, StreamKey};
/// let key = StreamKey::<Aes128Gcm>::generate().unwrap();
/// key.seal(b"", Vec::new()).unwrap();
/// ```
#[must_use = "a stream that is not finished counts as truncated"]
pub struct SealWriter<A: StreamAead, W: io::Write> {
    inner: W,
    sealer: hazmat::Sealer<A>,
    base: [u8; 12],
    /// The number of the chunk that is being filled.
    number: u64,
    /// Text that waits for its chunk to be full or, once sealed, what waits to be passed on.
    chunk: Zeroizing<Vec<u8>>,
    /// Where the bytes begin that were not passed on; `None` while the chunk is text.
    passing: Option<usize>,
    poisoned: bool,
    /// The process that counts the chunks: a forked one would count the same ones once more.
    process: u64,
}

impl<A: StreamAead, W: io::Write> SealWriter<A, W> {
    pub(super) fn new(secrets: &Secrets<A>, header: &Header, inner: W) -> Result<Self> {
        let sealer = hazmat::Sealer::new(&secrets.key)?;
        let mut chunk = Zeroizing::new(Vec::new());
        let room = CHUNK + A::TAG_LEN;
        chunk.try_reserve_exact(room).map_err(|_| Error::of(ErrorKind::OutOfMemory))?;
        chunk.extend_from_slice(&header.salt);
        chunk.extend_from_slice(&header.commitment);
        let (base, passing) = (secrets.base, Some(0));
        Ok(Self {
            inner,
            sealer,
            base,
            number: 0,
            chunk,
            passing,
            poisoned: false,
            process: process(),
        })
    }

    /// Seals what is left as the last chunk, passes it on, flushes and hands the inner writer back.
    ///
    /// # Errors
    /// The inner writer's, or an [`Error`] inside one of `std::io`.
    #[must_use = "an error here means that the stream is truncated"]
    pub fn finish(mut self) -> io::Result<W> {
        self.pass_on()?;
        self.seal_chunk()?;
        self.pass_on()?;
        self.inner.flush()?;
        Ok(self.inner)
    }

    /// The inner writer.
    pub fn get_ref(&self) -> &W {
        &self.inner
    }

    fn seal_chunk(&mut self) -> Result<()> {
        if self.poisoned || self.process != process() {
            return Err(Error::of(ErrorKind::Poisoned));
        }
        // Until the chunk is sealed, its bytes must not be passed on.
        self.poisoned = true;
        if self.number >= CHUNKS {
            return Err(Error::of(ErrorKind::Limit));
        }
        let nonce = hazmat::Nonce::from_bytes(nonce(self.base, self.number));
        let tag = self.sealer.seal_in_place(nonce, b"", &mut self.chunk)?;
        self.chunk.extend_from_slice(&tag);
        self.number += 1;
        self.passing = Some(0);
        self.poisoned = false;
        Ok(())
    }

    /// Passes on what is sealed; afterwards the chunk is text again.
    fn pass_on(&mut self) -> io::Result<()> {
        while let Some(start) = self.passing {
            let rest = self.chunk.get(start..).unwrap_or_default();
            if rest.is_empty() {
                self.chunk.clear();
                self.passing = None;
                break;
            }
            match self.inner.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                // A writer that claims more than it was given is taken at the whole.
                Ok(written) => self.passing = Some(start + written.min(rest.len())),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl<A: StreamAead, W: io::Write> io::Write for SealWriter<A, W> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        if self.poisoned {
            return Err(Error::of(ErrorKind::Poisoned).into());
        }
        self.pass_on()?;
        let taken = data.len().min(CHUNK - self.chunk.len());
        self.chunk.extend_from_slice(&data[..taken]);
        if self.chunk.len() == CHUNK {
            self.seal_chunk()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pass_on()?;
        self.inner.flush()
    }
}

impl<A: StreamAead, W: io::Write> fmt::Debug for SealWriter<A, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealWriter<{}>(chunk {})", A::NAME, self.number)
    }
}
