//! Streams over readers and writers of the crate futures-io, which every runtime can speak.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncRead, AsyncWrite};

use super::{OpenReader, SealWriter, StreamAead};

impl<A: StreamAead, R: AsyncRead + Unpin> AsyncRead for OpenReader<A, R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_read_with(out, |inner, room| Pin::new(inner).poll_read(cx, room))
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

    /// What [`finish`](SealWriter::finish) does, and closes the inner writer.
    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_complete(cx, W::poll_write, W::poll_close)
    }
}
