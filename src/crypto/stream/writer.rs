//! Sealing a stream.

use std::fmt;
use std::io;
use std::task::{Poll, ready};
#[cfg(any(feature = "futures-io", feature = "tokio"))]
use std::{pin::Pin, task::Context};

use zeroize::Zeroizing;

use super::derive::{Header, Secrets};
use super::{CHUNK, CHUNKS, StreamAead, blocking, nonce};
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
/// Over a writer that is not blocking it writes without blocking: with the feature `futures-io` it
/// has that crate's `AsyncWrite`, with the feature `tokio` tokio's. There, closing (`poll_close`,
/// `poll_shutdown`) does what `finish` does, and closes the inner writer;
/// `into_inner` then hands it back. A future that is dropped loses nothing: what
/// it took is here, and what it did not take was not counted as written.
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
pub struct SealWriter<A: StreamAead, W> {
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
    /// The last chunk is sealed: there is nothing more to take.
    ended: bool,
    /// It was passed on as well, and the inner writer was closed.
    #[cfg(any(feature = "futures-io", feature = "tokio"))]
    complete: bool,
}

impl<A: StreamAead, W: io::Write> SealWriter<A, W> {
    /// Seals what is left as the last chunk, passes it on, flushes and hands the inner writer back.
    ///
    /// # Errors
    /// The inner writer's, or an [`Error`] inside one of `std::io`.
    #[must_use = "an error here means that the stream is truncated"]
    pub fn finish(mut self) -> io::Result<W> {
        blocking(self.poll_end(|inner, data| Poll::Ready(inner.write(data))))?;
        self.inner.flush()?;
        Ok(self.inner)
    }
}

impl<A: StreamAead, W> SealWriter<A, W> {
    pub(super) fn new(secrets: &Secrets<A>, header: &Header, inner: W) -> Result<Self> {
        let sealer = hazmat::Sealer::new(&secrets.key)?;
        let mut chunk = Zeroizing::new(Vec::new());
        let room = CHUNK + A::TAG_LEN;
        chunk.try_reserve_exact(room).map_err(|_| Error::of(ErrorKind::OutOfMemory))?;
        chunk.extend_from_slice(&header.salt);
        chunk.extend_from_slice(&header.commitment);
        Ok(Self {
            inner,
            sealer,
            base: secrets.base,
            number: 0,
            chunk,
            passing: Some(0),
            poisoned: false,
            process: process(),
            ended: false,
            #[cfg(any(feature = "futures-io", feature = "tokio"))]
            complete: false,
        })
    }

    /// The inner writer.
    pub fn get_ref(&self) -> &W {
        &self.inner
    }

    /// The inner writer of a stream that was closed; `None` for one that was not, which is then
    /// gone and truncated.
    ///
    /// For streams that are written without blocking; the others have [`finish`](Self::finish).
    #[cfg(any(feature = "futures-io", feature = "tokio"))]
    pub fn into_inner(self) -> Option<W> {
        self.complete.then_some(self.inner)
    }

    /// Takes as much as the chunk has room for, once what is sealed was passed on by `write`.
    pub(super) fn poll_write_with(
        &mut self,
        data: &[u8],
        write: impl FnMut(&mut W, &[u8]) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if self.poisoned {
            return Poll::Ready(Err(Error::of(ErrorKind::Poisoned).into()));
        }
        if self.ended {
            // What is written to a stream after its end would be lost.
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        ready!(self.poll_pass_on(write))?;
        let taken = data.len().min(CHUNK - self.chunk.len());
        self.chunk.extend_from_slice(&data[..taken]);
        if self.chunk.len() == CHUNK {
            self.seal_chunk()?;
        }
        Poll::Ready(Ok(taken))
    }

    /// Seals the last chunk, once, and passes it on; flushing or closing is left to the caller.
    pub(super) fn poll_end(
        &mut self,
        mut write: impl FnMut(&mut W, &[u8]) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<()>> {
        if !self.ended {
            ready!(self.poll_pass_on(&mut write))?;
            self.seal_chunk()?;
            self.ended = true;
        }
        self.poll_pass_on(write)
    }

    /// Ends the stream by `write`, then closes the inner writer by `close`, once.
    #[cfg(any(feature = "futures-io", feature = "tokio"))]
    pub(super) fn poll_complete(
        &mut self,
        cx: &mut Context<'_>,
        mut write: impl FnMut(Pin<&mut W>, &mut Context<'_>, &[u8]) -> Poll<io::Result<usize>>,
        close: impl FnOnce(Pin<&mut W>, &mut Context<'_>) -> Poll<io::Result<()>>,
    ) -> Poll<io::Result<()>>
    where
        W: Unpin,
    {
        if !self.complete {
            ready!(self.poll_end(|inner, data| write(Pin::new(inner), cx, data)))?;
            ready!(close(Pin::new(&mut self.inner), cx))?;
            self.complete = true;
        }
        Poll::Ready(Ok(()))
    }

    #[cfg(any(feature = "futures-io", feature = "tokio"))]
    pub(super) fn inner_mut(&mut self) -> &mut W {
        &mut self.inner
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
    pub(super) fn poll_pass_on(
        &mut self,
        mut write: impl FnMut(&mut W, &[u8]) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<()>> {
        while let Some(start) = self.passing {
            let rest = self.chunk.get(start..).unwrap_or_default();
            if rest.is_empty() {
                self.chunk.clear();
                self.passing = None;
                break;
            }
            match ready!(write(&mut self.inner, rest)) {
                Ok(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                // A writer that claims more than it was given is taken at the whole.
                Ok(written) => self.passing = Some(start + written.min(rest.len())),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<A: StreamAead, W: io::Write> io::Write for SealWriter<A, W> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        blocking(self.poll_write_with(data, |inner, data| Poll::Ready(inner.write(data))))
    }

    fn flush(&mut self) -> io::Result<()> {
        blocking(self.poll_pass_on(|inner, data| Poll::Ready(inner.write(data))))?;
        self.inner.flush()
    }
}

/// Nothing is pinned in here: a writer that is not `Unpin` can be written behind `Pin<Box<_>>`.
impl<A: StreamAead, W: Unpin> Unpin for SealWriter<A, W> {}

impl<A: StreamAead, W> fmt::Debug for SealWriter<A, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealWriter<{}>(chunk {})", A::NAME, self.number)
    }
}
