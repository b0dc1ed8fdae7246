//! Streams over tokio's readers and writers.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{OpenReader, SealWriter, StreamAead};

impl<A: StreamAead, R: AsyncRead + Unpin> AsyncRead for OpenReader<A, R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if out.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        let text = ready!(self.poll_text(|inner, room| {
            let mut room = ReadBuf::new(room);
            ready!(Pin::new(inner).poll_read(cx, &mut room))?;
            Poll::Ready(Ok(room.filled().len()))
        }))?;
        let len = text.len().min(out.remaining());
        out.put_slice(&text[..len]);
        self.consume(len);
        Poll::Ready(Ok(()))
    }
}

impl<A: StreamAead, W: AsyncWrite + Unpin> AsyncWrite for SealWriter<A, W> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_with(data, |inner, data| Pin::new(inner).poll_write(cx, data))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_pass_on(|inner, data| Pin::new(inner).poll_write(cx, data)))?;
        Pin::new(self.inner_mut()).poll_flush(cx)
    }

    /// What [`finish`](SealWriter::finish) does, and shuts the inner writer down.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_complete(cx, W::poll_write, W::poll_shutdown)
    }
}
