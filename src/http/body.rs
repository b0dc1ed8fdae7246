//! A response's body, as it arrives, for tasks.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use ::http::HeaderMap;
use ::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use bytes::Bytes;
use http_body::{Frame, SizeHint};

use super::exchange::Next;
use super::sending::Leash;
use crate::error::{Error, ErrorKind, Result, Timings};

/// A response's body, as it arrives: the body of
/// [`RequestBuilder::open_async`](super::RequestBuilder::open_async)'s response.
///
/// It is a [`http_body::Body`], has [`chunk`](Body::chunk), and with the features `futures-io` and
/// `tokio` is the `AsyncRead` of those crates. What arrives waits here up to 256 KiB; then this
/// transfer stands still, and no other one does, until it is read.
///
/// Dropping it gives up what has not arrived yet, and waits for nothing.
pub struct Body {
    leash: Leash,
    /// What was received and not read yet, for readers of bytes.
    #[cfg_attr(not(any(feature = "futures-io", feature = "tokio")), allow(dead_code))]
    piece: Bytes,
    left: Option<u64>,
    trailers: Option<HeaderMap>,
    timings: Option<Timings>,
    over: bool,
}

impl Body {
    pub(super) fn new(leash: Leash, headers: &HeaderMap) -> Self {
        let left = headers.get(CONTENT_LENGTH).filter(|_| !headers.contains_key(CONTENT_ENCODING));
        let left = left.and_then(|len| len.to_str().ok()?.parse().ok());
        let (trailers, timings) = (None, None);
        Self { leash, piece: Bytes::new(), left, trailers, timings, over: false }
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// Any that [`Client`](super::Client) names, after which there is nothing more.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        poll_fn(|context| self.poll_chunk(context)).await
    }

    /// All of it that was not read yet.
    ///
    /// # Errors
    /// As for [`chunk`](Body::chunk); [`ErrorKind::OutOfMemory`].
    pub async fn bytes(mut self) -> Result<Vec<u8>> {
        let mut whole = Vec::new();
        while let Some(piece) = self.chunk().await? {
            let reserved = whole.try_reserve(piece.len());
            reserved.map_err(|_| super::head::no_memory("body", whole.len() + piece.len()))?;
            whole.extend_from_slice(&piece);
        }
        Ok(whole)
    }

    /// The headers that came after the body, once it was read to its end.
    pub fn trailers(&self) -> Option<&HeaderMap> {
        self.trailers.as_ref()
    }

    /// When each phase of the call ended, once the body was read to its end.
    pub fn timings(&self) -> Option<&Timings> {
        self.timings.as_ref()
    }

    fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>>> {
        if !self.piece.is_empty() {
            return Poll::Ready(Ok(Some(std::mem::take(&mut self.piece))));
        }
        if self.over {
            return Poll::Ready(Ok(None));
        }
        let next = std::task::ready!(self.leash.poll_next(context));
        Poll::Ready(match next {
            Next::Piece(piece, _) => {
                self.leash.received(piece.len());
                self.left = self.left.map(|left| left.saturating_sub(piece.len() as u64));
                Ok(Some(piece))
            }
            Next::End(end) => {
                self.over = true;
                self.leash.ended(end.as_ref().map(|end| &end.timings));
                end.map(|end| {
                    self.trailers = end.trailers.map(|it| *it);
                    self.timings = Some(end.timings);
                    None
                })
            }
            Next::Later | Next::Over => {
                self.over = true;
                Err(Error::of(ErrorKind::Closed))
            }
        })
    }

    #[cfg(any(feature = "futures-io", feature = "tokio"))]
    fn poll_fill(&mut self, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        if self.piece.is_empty()
            && let Some(piece) = std::task::ready!(self.poll_chunk(context))?
        {
            self.piece = piece;
        }
        Poll::Ready(Ok(()))
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        let was_over = this.over;
        let piece = std::task::ready!(this.poll_chunk(context));
        Poll::Ready(match piece {
            Ok(Some(piece)) => Some(Ok(Frame::data(piece))),
            Ok(None) if was_over => None,
            Ok(None) => this.trailers.clone().map(|trailers| Ok(Frame::trailers(trailers))),
            Err(error) => Some(Err(error)),
        })
    }

    fn is_end_stream(&self) -> bool {
        self.over && self.piece.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        let waiting = self.piece.len() as u64;
        self.left.map_or_else(SizeHint::default, |left| SizeHint::with_exact(left + waiting))
    }
}

#[cfg(feature = "futures-io")]
impl futures_io::AsyncRead for Body {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<std::io::Result<usize>> {
        let this = self.get_mut();
        std::task::ready!(this.poll_fill(context))?;
        let piece = this.piece.split_to(buffer.len().min(this.piece.len()));
        buffer[..piece.len()].copy_from_slice(&piece);
        Poll::Ready(Ok(piece.len()))
    }
}

#[cfg(feature = "tokio")]
impl tokio::io::AsyncRead for Body {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut tokio::io::ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let this = self.get_mut();
        std::task::ready!(this.poll_fill(context))?;
        let piece = this.piece.split_to(buffer.remaining().min(this.piece.len()));
        buffer.put_slice(&piece);
        Poll::Ready(Ok(()))
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body")
            .field("left", &self.left)
            .field("over", &self.over)
            .finish_non_exhaustive()
    }
}
