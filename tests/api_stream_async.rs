//! Streams without blocking: the same bytes and the same verdicts as the blocking ones, whatever is
//! pending, interrupted or dropped on the way.

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use ffence::ErrorKind;
use ffence::crypto::{
    Aes128Gcm, Aes256Gcm, ChaCha20Poly1305, OpenReader, SealWriter, StreamAead, StreamKey,
};
use tokio::io::ReadBuf;

const CHUNK: usize = 16 * 1024;
const HEADER: usize = 56;

/// A reader and a writer that is often pending, sometimes interrupted, and short of room.
#[derive(Default)]
struct Slow {
    data: Vec<u8>,
    read: usize,
    turn: usize,
    flushed: usize,
    closed: usize,
    /// Breaks down once, at this turn.
    breaks_at: Option<usize>,
}

impl Slow {
    fn of(data: &[u8]) -> Self {
        Self { data: data.to_vec(), ..Self::default() }
    }

    fn poll_turn(&mut self, cx: &Context<'_>, len: usize) -> Poll<io::Result<usize>> {
        self.turn += 1;
        if self.breaks_at == Some(self.turn) {
            return Poll::Ready(Err(io::ErrorKind::HostUnreachable.into()));
        }
        match self.turn % 4 {
            0 => Poll::Ready(Err(io::ErrorKind::Interrupted.into())),
            2 => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            turn => Poll::Ready(Ok(len.min(turn * 2003))),
        }
    }

    fn poll_taken(&mut self, cx: &Context<'_>, out: &mut [u8]) -> Poll<io::Result<usize>> {
        let len =
            std::task::ready!(self.poll_turn(cx, out.len()))?.min(self.data.len() - self.read);
        out[..len].copy_from_slice(&self.data[self.read..self.read + len]);
        self.read += len;
        Poll::Ready(Ok(len))
    }

    fn poll_given(&mut self, cx: &Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        let len = std::task::ready!(self.poll_turn(cx, data.len()))?;
        self.data.extend_from_slice(&data[..len]);
        Poll::Ready(Ok(len))
    }

    /// Flushing and closing are pending once.
    fn poll_counted(cx: &Context<'_>, count: &mut usize) -> Poll<io::Result<()>> {
        *count += 1;
        if (*count).is_multiple_of(2) {
            return Poll::Ready(Ok(()));
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

macro_rules! both_crates {
    ($($io:ident: $close:ident;)*) => {$(
        impl $io::AsyncWrite for Slow {
            fn poll_write(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                data: &[u8],
            ) -> Poll<io::Result<usize>> {
                self.poll_given(cx, data)
            }

            fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                Slow::poll_counted(cx, &mut self.flushed)
            }

            fn $close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                Slow::poll_counted(cx, &mut self.closed)
            }
        }
    )*};
}

use tokio::io as tokio_io;
both_crates! {
    futures_io: poll_close;
    tokio_io: poll_shutdown;
}

impl futures_io::AsyncRead for Slow {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_taken(cx, out)
    }
}

impl tokio::io::AsyncRead for Slow {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let len = std::task::ready!(self.poll_taken(cx, out.initialize_unfilled()))?;
        out.advance(len);
        Poll::Ready(Ok(()))
    }
}

/// Counts how often it was woken.
#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Makes the future anew for each poll and drops it when it is pending, which must have woken us:
/// then nothing that was read or written may be lost.
macro_rules! insist {
    ($future:expr) => {{
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        let mut pending = 0;
        loop {
            let polled = pin!($future).poll(&mut Context::from_waker(&waker));
            if let Poll::Ready(done) = polled {
                break done;
            }
            pending += 1;
            assert_eq!(woken.0.load(Ordering::Relaxed), pending, "nobody will wake us");
        }
    }};
}

fn text(len: usize) -> Vec<u8> {
    (0..=250).cycle().take(len).collect()
}

fn seal(key: &StreamKey<Aes128Gcm>, text: &[u8]) -> Vec<u8> {
    let mut writer = key.seal(b"context", Vec::new()).unwrap();
    io::Write::write_all(&mut writer, text).unwrap();
    writer.finish().unwrap()
}

fn open(key: &StreamKey<Aes128Gcm>, sealed: &[u8]) -> io::Result<Vec<u8>> {
    let mut opened = Vec::new();
    io::Read::read_to_end(&mut key.open(b"context", sealed), &mut opened)?;
    Ok(opened)
}

fn kind(error: &io::Error) -> ErrorKind {
    error.get_ref().unwrap().downcast_ref::<ffence::Error>().unwrap().kind()
}

/// The two sets of traits, in one shape.
trait Flavour {
    fn write(writer: &mut SealWriter<Aes128Gcm, Slow>, data: &[u8]) -> io::Result<usize>;
    fn flush(writer: &mut SealWriter<Aes128Gcm, Slow>) -> io::Result<()>;
    fn close(writer: &mut SealWriter<Aes128Gcm, Slow>) -> io::Result<()>;
    /// What came out before the end or the error, which stays.
    fn read(key: &StreamKey<Aes128Gcm>, from: Slow) -> (Vec<u8>, io::Result<()>);
}

struct Tokio;

impl Flavour for Tokio {
    fn write(writer: &mut SealWriter<Aes128Gcm, Slow>, data: &[u8]) -> io::Result<usize> {
        // The future of another crate, dropped when it is pending.
        insist!(tokio::io::AsyncWriteExt::write(&mut *writer, data))
    }

    fn flush(writer: &mut SealWriter<Aes128Gcm, Slow>) -> io::Result<()> {
        insist!(tokio::io::AsyncWriteExt::flush(&mut *writer))
    }

    fn close(writer: &mut SealWriter<Aes128Gcm, Slow>) -> io::Result<()> {
        insist!(tokio::io::AsyncWriteExt::shutdown(&mut *writer))
    }

    fn read(key: &StreamKey<Aes128Gcm>, from: Slow) -> (Vec<u8>, io::Result<()>) {
        let mut reader = key.open(b"context", from);
        let (mut out, mut piece) = (Vec::new(), [0; 700]);
        let outcome = loop {
            match insist!(tokio::io::AsyncReadExt::read(&mut reader, &mut piece)) {
                Ok(0) => break Ok(()),
                Ok(len) => out.extend_from_slice(&piece[..len]),
                Err(error) => break Err(error),
            }
        };
        assert_eq!(reader.is_complete(), outcome.is_ok());
        if outcome.is_err() {
            insist!(tokio::io::AsyncReadExt::read(&mut reader, &mut piece)).unwrap_err();
        }
        (out, outcome)
    }
}

struct Futures;

impl Flavour for Futures {
    fn write(writer: &mut SealWriter<Aes128Gcm, Slow>, data: &[u8]) -> io::Result<usize> {
        insist!(std::future::poll_fn(|cx| {
            futures_io::AsyncWrite::poll_write(Pin::new(&mut *writer), cx, data)
        }))
    }

    fn flush(writer: &mut SealWriter<Aes128Gcm, Slow>) -> io::Result<()> {
        insist!(std::future::poll_fn(|cx| {
            futures_io::AsyncWrite::poll_flush(Pin::new(&mut *writer), cx)
        }))
    }

    fn close(writer: &mut SealWriter<Aes128Gcm, Slow>) -> io::Result<()> {
        insist!(std::future::poll_fn(|cx| {
            futures_io::AsyncWrite::poll_close(Pin::new(&mut *writer), cx)
        }))
    }

    fn read(key: &StreamKey<Aes128Gcm>, from: Slow) -> (Vec<u8>, io::Result<()>) {
        let mut reader = key.open(b"context", from);
        let (mut out, mut piece) = (Vec::new(), [0; 700]);
        let read = |reader: &mut OpenReader<_, _>, piece: &mut [u8]| {
            insist!(std::future::poll_fn(|cx| {
                futures_io::AsyncRead::poll_read(Pin::new(&mut *reader), cx, piece)
            }))
        };
        let outcome = loop {
            match read(&mut reader, &mut piece) {
                Ok(0) => break Ok(()),
                Ok(len) => out.extend_from_slice(&piece[..len]),
                Err(error) => break Err(error),
            }
        };
        assert_eq!(reader.is_complete(), outcome.is_ok());
        if outcome.is_err() {
            read(&mut reader, &mut piece).unwrap_err();
        }
        (out, outcome)
    }
}

/// Each test with the traits of each crate.
macro_rules! with_both {
    ($($test:ident)*) => {$(
        #[test]
        fn $test() {
            with::$test::<Tokio>();
            with::$test::<Futures>();
        }
    )*};
}

with_both! {
    what_is_written_without_blocking_opens_and_the_other_way_round
    an_error_of_the_other_side_passes_and_nothing_is_lost
    a_stream_that_was_not_closed_is_truncated
    every_truncation_and_alteration_is_noticed
    a_swapped_or_missing_chunk_is_noticed
}

mod with {
    use super::*;

    pub fn what_is_written_without_blocking_opens_and_the_other_way_round<F: Flavour>() {
        let key = StreamKey::<Aes128Gcm>::generate().unwrap();
        for len in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 77] {
            let text = text(len);
            let mut writer = key.seal(b"context", Slow::default()).unwrap();
            let mut rest = &text[..];
            while !rest.is_empty() {
                let taken = F::write(&mut writer, &rest[..rest.len().min(5000)]).unwrap();
                rest = &rest[taken..];
            }
            F::close(&mut writer).unwrap();
            F::close(&mut writer).unwrap();
            let error = F::write(&mut writer, b"more").unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
            let inner = writer.into_inner().unwrap();
            // Pending once, done once, and not closed again.
            assert_eq!(inner.closed, 2);
            assert_eq!(inner.data.len(), HEADER + len + 16 * (len / CHUNK + 1));
            assert!(open(&key, &inner.data).unwrap() == text, "{len}");

            let (opened, outcome) = F::read(&key, Slow::of(&seal(&key, &text)));
            outcome.unwrap();
            assert!(opened == text, "{len}");
        }
    }

    pub fn an_error_of_the_other_side_passes_and_nothing_is_lost<F: Flavour>() {
        let key = StreamKey::<Aes128Gcm>::generate().unwrap();
        let text = text(2 * CHUNK + 9);
        for turn in 1..40 {
            let broken = Slow { breaks_at: Some(turn), ..Slow::default() };
            let mut writer = key.seal(b"context", broken).unwrap();
            let (mut rest, mut errors) = (&text[..], 0);
            while !rest.is_empty() {
                match F::write(&mut writer, rest) {
                    Ok(taken) => rest = &rest[taken..],
                    Err(error) => {
                        assert_eq!(error.kind(), io::ErrorKind::HostUnreachable);
                        errors += 1;
                    }
                }
            }
            while let Err(error) = F::close(&mut writer) {
                assert_eq!(error.kind(), io::ErrorKind::HostUnreachable);
                errors += 1;
            }
            let inner = writer.into_inner().unwrap();
            assert_eq!(errors, usize::from(inner.turn >= turn));
            assert!(open(&key, &inner.data).unwrap() == text);
        }
    }

    pub fn a_stream_that_was_not_closed_is_truncated<F: Flavour>() {
        let key = StreamKey::<Aes128Gcm>::generate().unwrap();
        let text = text(2 * CHUNK);
        let mut writer = key.seal(b"context", Slow::default()).unwrap();
        let mut rest = &text[..];
        while !rest.is_empty() {
            let taken = F::write(&mut writer, rest).unwrap();
            rest = &rest[taken..];
        }
        F::flush(&mut writer).unwrap();
        let passed_on = writer.get_ref().data.clone();
        assert!(writer.into_inner().is_none());
        assert_eq!(passed_on.len(), HEADER + 2 * (CHUNK + 16), "full chunks went on");
        let (opened, outcome) = F::read(&key, Slow::of(&passed_on));
        assert!(opened == text);
        assert_eq!(kind(&outcome.unwrap_err()), ErrorKind::Authentication);
    }

    pub fn every_truncation_and_alteration_is_noticed<F: Flavour>() {
        let key = StreamKey::<Aes128Gcm>::generate().unwrap();
        let text = text(CHUNK + 100);
        let sealed = seal(&key, &text);
        let edges = [0, HEADER, HEADER + CHUNK + 16, sealed.len()];
        for at in edges.into_iter().flat_map(|edge| edge.saturating_sub(3)..edge + 3) {
            if at >= sealed.len() {
                continue;
            }
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            for damaged in [&sealed[..at], &altered] {
                let (opened, outcome) = F::read(&key, Slow::of(damaged));
                assert_eq!(kind(&outcome.unwrap_err()), ErrorKind::Authentication, "{at}");
                // Whole chunks alone came out, and they are genuine.
                assert!(opened.len() % CHUNK == 0 && text.starts_with(&opened));
            }
        }
    }

    pub fn a_swapped_or_missing_chunk_is_noticed<F: Flavour>() {
        let key = StreamKey::<Aes128Gcm>::generate().unwrap();
        let text = text(2 * CHUNK + 9);
        let sealed = seal(&key, &text);
        let (header, body) = sealed.split_at(HEADER);
        let chunks: Vec<_> = body.chunks(CHUNK + 16).collect();
        for order in [&[1, 0, 2][..], &[0, 0, 2], &[0, 2], &[0, 1], &[0, 1, 2, 2]] {
            let body = order.iter().map(|at| chunks[*at]).collect::<Vec<_>>().concat();
            let (opened, outcome) = F::read(&key, Slow::of(&[header, &body].concat()));
            assert_eq!(kind(&outcome.unwrap_err()), ErrorKind::Authentication, "{order:?}");
            assert!(text.starts_with(&opened));
        }
    }
}

/// Through the kernel: both ends of a connection on one thread of tokio's.
#[test]
fn a_connection_carries_a_stream_of_each_algorithm() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    async fn carry<A: StreamAead>() -> io::Result<()> {
        let key = StreamKey::<A>::generate().map_err(io::Error::from)?;
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        let client = tokio::net::TcpStream::connect(listener.local_addr()?).await?;
        let (server, _) = listener.accept().await?;
        let text = text(3_000_000);

        let mut writer = key.seal(b"upload", client).map_err(io::Error::from)?;
        let sent = text.clone();
        let sending = async move {
            writer.write_all(&sent).await?;
            writer.shutdown().await?;
            assert!(writer.into_inner().is_some());
            io::Result::Ok(())
        };
        let mut reader = key.open(b"upload", server);
        let mut received = Vec::new();
        let sending = tokio::spawn(sending);
        assert_eq!(reader.read_to_end(&mut received).await?, text.len());
        sending.await.map_err(io::Error::other)??;
        assert!(reader.is_complete() && received == text);
        Ok(())
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    runtime.block_on(async {
        carry::<Aes128Gcm>().await.unwrap();
        carry::<Aes256Gcm>().await.unwrap();
        carry::<ChaCha20Poly1305>().await.unwrap();
    });
}

/// A future that holds one may be sent to another thread, and what is inside may be pinned.
#[test]
fn a_stream_moves_with_its_future() {
    fn movable<T: Send + Unpin>(_: &T) {}
    let key = StreamKey::<Aes128Gcm>::generate().unwrap();
    movable(&key.seal(b"", Box::pin(Slow::default())).unwrap());
    movable(&key.open(b"", Box::pin(Slow::default())));
}
