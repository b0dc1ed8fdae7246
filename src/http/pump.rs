//! Bodies of requests that give their bytes in their own time.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Buf as _, Bytes};
use http_body::{Body, Frame};

use super::exchange::{Exchange, HIGH};
use super::foreign::Foreign;
use super::outgoing::NO_TRAILERS;
use super::sink::Failure;
use super::source::{Reading, too_short};
use crate::error::Result;
use crate::thread::detached;
use crate::unwind::{Slot, guard};

pub(super) type BoxError = Box<dyn std::error::Error + Send + Sync>;
pub(super) type Stream = Pin<Box<dyn Body<Data = Bytes, Error = BoxError> + Send>>;

/// A body of the crate http-body, polled by the task that waits for the response: whatever executor
/// it belongs to is there.
pub(super) struct Pump {
    body: Option<Foreign<Stream>>,
    left: Option<u64>,
}

impl Pump {
    /// Of a body that is as long as it said, if it did.
    pub(super) fn new(body: Stream, left: Option<u64>) -> Self {
        Self { body: Some(Foreign::new(body)), left }
    }

    /// How long the body says that it is.
    pub(super) fn len(&self) -> Option<u64> {
        self.left
    }

    /// Moves what there is and what there is room for.
    pub(super) fn pump(&mut self, to: &Arc<Exchange>, context: &mut Context<'_>) {
        while let Some(body) = self.body.as_mut().and_then(Foreign::get) {
            match to.poll_room(context) {
                Poll::Pending => return,
                // Nobody takes the rest.
                Poll::Ready(Err(())) => {
                    self.body = None;
                    return;
                }
                Poll::Ready(Ok(())) => {}
            }
            let mut slot = Slot::new();
            let polled = guard(&mut slot, Poll::Pending, || body.as_mut().poll_frame(context));
            if let Some(panic) = slot.take() {
                self.body = None;
                return to.give_end(Err(Failure::Ours(panic.into())));
            }
            match polled {
                Poll::Pending => return,
                Poll::Ready(Some(Ok(frame))) => {
                    if let Err(error) = self.take(frame, to) {
                        self.body = None;
                        to.give_end(Err(Failure::Reader(error)));
                    }
                }
                Poll::Ready(end) => {
                    self.body = None;
                    let end = match (end, self.left) {
                        (Some(Err(error)), _) => Err(io::Error::other(error)),
                        (_, Some(left)) if left > 0 => Err(too_short(left)),
                        _ => Ok(()),
                    };
                    to.give_end(end.map_err(Failure::Reader));
                }
            }
        }
    }

    fn take(&mut self, frame: Frame<Bytes>, to: &Arc<Exchange>) -> io::Result<()> {
        let Ok(piece) = frame.into_data() else {
            return Err(io::Error::new(io::ErrorKind::Unsupported, NO_TRAILERS));
        };
        if let Some(left) = &mut self.left {
            *left = left.checked_sub(piece.len() as u64).ok_or_else(|| {
                io::Error::other("the body is longer than the length that it announced")
            })?;
        }
        to.give(piece);
        Ok(())
    }
}

/// Reads a body ahead on a thread of its own: a reader may block, which neither a driver nor an
/// executor may.
pub(super) fn read_ahead(mut reading: Reading, to: Arc<Exchange>) -> Result<()> {
    const PIECE: usize = HIGH / 4;

    detached("ffence-upload", move || {
        // Whatever happens to the reader: nobody waits for it in vain.
        let end = OnDrop(to);
        while end.0.wait_for_room().is_ok() {
            let mut slot = Slot::new();
            let piece = guard(&mut slot, Ok(Vec::new()), || reading.piece(PIECE));
            if let Some(panic) = slot.take() {
                return end.0.give_end(Err(Failure::Ours(panic.into())));
            }
            match piece {
                Ok(piece) if piece.is_empty() => return end.0.give_end(Ok(())),
                Ok(piece) => end.0.give(piece.into()),
                Err(error) => return end.0.give_end(Err(Failure::Reader(error))),
            }
        }
    })
}

struct OnDrop(Arc<Exchange>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.abandon_up();
    }
}

/// A body of any kind of bytes and errors, as [`Stream`].
pub(super) struct Plain<B>(pub(super) B);

impl<B> Body for Plain<B>
where
    B: Body + Unpin,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = std::task::ready!(Pin::new(&mut self.0).poll_frame(context));
        Poll::Ready(frame.map(|frame| match frame {
            Ok(frame) => Ok(frame.map_data(|mut data| data.copy_to_bytes(data.remaining()))),
            Err(error) => Err(error.into()),
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.0.size_hint()
    }
}
