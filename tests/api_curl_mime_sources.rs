//! Parts of a form that code of the caller's gives: its errors and panics, how long they are kept, and
//! what happens while there is nothing to give.
#![cfg(feature = "http")]

mod common;

use std::io::{self, Cursor, Read as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use common::forms::taken_apart;
use common::raw::Raw;
use common::server::{Server, bytes};
use common::transfers::{Body, drive, engines, get};
use ffence::ErrorKind;
use ffence::curl::{
    Callbacks, Easy, Flow, Handler, Mime, Part, Pauses, Progress, Source, Upload, Write, option,
};

struct Failing;

impl Source for Failing {
    fn read(&mut self, _: &mut Upload<'_>) -> io::Result<()> {
        Err(io::Error::new(io::ErrorKind::BrokenPipe, "no more"))
    }
}

#[test]
fn the_error_of_a_source_is_the_transfers() {
    let server = Server::plain();
    let mut easy = Easy::new().unwrap();
    easy.set(option::Url(server.url("/echo"))).unwrap();
    easy.set(option::MimePost(Mime::new().part(Part::stream(Failing, None).name("a")))).unwrap();
    let error = easy.perform().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Source);
    let source = std::error::Error::source(&error).unwrap().downcast_ref::<io::Error>().unwrap();
    assert_eq!(source.kind(), io::ErrorKind::BrokenPipe);
    assert!(error.transfer().is_some());
}

struct Panicking;

impl Source for Panicking {
    fn read(&mut self, out: &mut Upload<'_>) -> io::Result<()> {
        out.append(b"some bytes");
        panic!("in a source");
    }
}

#[test]
fn the_panic_of_a_source_is_the_transfers() {
    let server = Server::plain();
    let mut easy = Easy::new().unwrap();
    easy.set(option::Url(server.url("/echo"))).unwrap();
    easy.set(option::MimePost(Mime::new().part(Part::stream(Panicking, None).name("a")))).unwrap();
    let error = easy.perform().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Panicked);
    assert!(error.to_string().contains("in a source"), "{error}");
    // Only that transfer.
    easy.set(option::MimePost(Mime::new().part(Part::new("fine").name("a")))).unwrap();
    let mut answer = Vec::new();
    easy.perform_into(&mut answer).unwrap();
    assert_eq!(taken_apart(&answer).1[0].1, b"fine");
}

/// Says when it is dropped.
struct Counted(Arc<AtomicUsize>);

impl Source for Counted {
    fn read(&mut self, _: &mut Upload<'_>) -> io::Result<()> {
        Ok(())
    }

    fn rewind(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn a_handle_keeps_its_parts_until_it_has_others() {
    let dropped = Arc::new(AtomicUsize::new(0));
    let count = || dropped.load(Ordering::SeqCst);
    let form = || {
        let inner = Mime::new().part(Part::stream(Counted(Arc::clone(&dropped)), None).name("a"));
        Mime::new().part(Part::parts(inner).name("inner"))
    };
    let server = Server::plain();
    let mut easy = Easy::new().unwrap();
    easy.set(option::Url(server.url("/echo"))).unwrap().set(option::MimePost(form())).unwrap();
    easy.perform().unwrap();
    easy.perform().unwrap();
    assert_eq!(count(), 0);
    easy.set(option::MimePost(form())).unwrap();
    assert_eq!(count(), 1);
    easy.set(option::MimePost(None)).unwrap();
    assert_eq!(count(), 2);
    let mut answer = Vec::new();
    easy.perform_into(&mut answer).unwrap();
    assert!(answer.starts_with(b"GET\n"), "without a body it is a GET again");
    easy.set(option::MimePost(form())).unwrap();
    easy.reset().unwrap();
    assert_eq!(count(), 3);
    easy.set(option::MimePost(form())).unwrap();
    drop(easy);
    assert_eq!(count(), 4);
}

#[test]
fn a_peer_that_goes_away_while_parts_are_sent_is_an_error() {
    let peer = Raw::with(|mut stream| {
        let _ = stream.read(&mut [0; 1000]);
    });
    let mut easy = Easy::new().unwrap();
    easy.set(option::Url(peer.url("/"))).unwrap();
    easy.set(option::MimePost(Mime::new().part(Part::reader(io::repeat(b'x'), None).name("a"))))
        .unwrap();
    assert!(easy.perform().is_err());
}

/// Gives half, then has nothing until it is opened.
struct Halting {
    halves: u32,
    left: usize,
    open: Arc<AtomicBool>,
    /// How often there was nothing.
    asked: Arc<AtomicUsize>,
}

const HALF: usize = 70_000;

impl Halting {
    fn part() -> (Part, Arc<AtomicBool>, Arc<AtomicUsize>) {
        let (open, asked) = (Arc::default(), Arc::default());
        let source =
            Self { halves: 0, left: 0, open: Arc::clone(&open), asked: Arc::clone(&asked) };
        (Part::stream(source, Some(2 * HALF as u64)).name("halting"), open, asked)
    }
}

impl Source for Halting {
    fn read(&mut self, out: &mut Upload<'_>) -> io::Result<()> {
        if self.left == 0 {
            if self.halves == 1 && !self.open.load(Ordering::SeqCst) {
                self.asked.fetch_add(1, Ordering::SeqCst);
                return Err(io::ErrorKind::WouldBlock.into());
            }
            if self.halves == 2 {
                return Ok(());
            }
            self.halves += 1;
            self.left = HALF;
        }
        let some = vec![b'h'; self.left.min(out.room())];
        self.left -= out.append(&some);
        Ok(())
    }
}

#[test]
fn a_source_that_has_nothing_yet_is_waited_for() {
    let server = Server::plain();
    for mut multi in engines() {
        let (part, open, asked) = Halting::part();
        let mut easy = get(&server.url("/echo"), Body::default());
        easy.set(option::MimePost(Mime::new().part(part).part(Part::new("end").name("end"))))
            .unwrap();
        let id = multi.add(easy).unwrap();
        while asked.load(Ordering::SeqCst) == 0 {
            assert_eq!(multi.perform().unwrap(), 1);
            multi.poll(std::time::Duration::from_millis(20)).unwrap();
        }
        // It stands still, whatever else happens, and is not asked again and again.
        for _ in 0..5 {
            assert_eq!(multi.perform().unwrap(), 1);
            multi.poll(std::time::Duration::from_millis(1)).unwrap();
        }
        assert!(asked.load(Ordering::SeqCst) < 5, "{asked:?}");
        open.store(true, Ordering::SeqCst);
        multi.pause(id, Pauses::default()).unwrap();
        let outcome = drive(&mut multi).remove(&id).unwrap();
        outcome.unwrap();
        let (_, parts) = taken_apart(&multi.remove(id).unwrap().into_handler().0);
        assert!(parts[0].1 == vec![b'h'; 2 * HALF]);
        assert_eq!(parts[1].1, b"end");
    }
}

#[test]
fn a_transfer_alone_is_resumed_from_its_progress() {
    /// Opens the source once sending stands still.
    struct Opens(Arc<AtomicBool>, Vec<u8>, bool);

    impl Handler for Opens {
        const CALLBACKS: Callbacks = Callbacks::PROGRESS.and(Callbacks::WRITE);

        fn progress(&mut self, _: Progress, pauses: &mut Pauses) -> Flow {
            if pauses.sending {
                self.0.store(true, Ordering::SeqCst);
                self.2 = true;
                pauses.sending = false;
            }
            Flow::Continue
        }

        fn write(&mut self, bytes: &[u8]) -> Write {
            self.1.extend_from_slice(bytes);
            Write::Taken
        }
    }

    let server = Server::plain();
    let (part, open, asked) = Halting::part();
    let mut easy = get(&server.url("/echo"), Opens(open, Vec::new(), false));
    easy.set(option::MimePost(Mime::new().part(part))).unwrap();
    easy.perform().unwrap();
    assert!(easy.handler().2, "progress was told that sending stands still");
    assert!(asked.load(Ordering::SeqCst) >= 1);
    let (_, parts) = taken_apart(&easy.handler().1);
    assert!(parts[0].1 == vec![b'h'; 2 * HALF]);
}

#[test]
fn many_handles_of_a_multi_send_parts_at_a_time() {
    let server = Server::plain();
    for mut multi in engines() {
        let ids: Vec<_> = (0..20_usize)
            .map(|at| {
                let mut easy = get(&server.url("/echo"), Body::default());
                let content = bytes(at * 7_000);
                let form = Mime::new()
                    .part(Part::new(content.clone()).name("memory"))
                    .part(Part::stream(Cursor::new(content), None).name("stream"))
                    .part(Part::new(at.to_string()).name("number"));
                easy.set(option::MimePost(form)).unwrap();
                multi.add(easy).unwrap()
            })
            .collect();
        let done = drive(&mut multi);
        for (at, id) in ids.into_iter().enumerate() {
            assert!(done[&id].is_ok(), "{:?}", done[&id]);
            let (_, parts) = taken_apart(&multi.remove(id).unwrap().into_handler().0);
            assert!(parts[0].1 == bytes(at * 7_000) && parts[1].1 == parts[0].1);
            assert_eq!(parts[2].1, at.to_string().into_bytes());
        }
    }
}

/// Panics when it is read for the `reads`th time, or else when it is to go back.
struct Bomb {
    reads: u32,
    at: u32,
}

impl Source for Bomb {
    fn read(&mut self, out: &mut Upload<'_>) -> io::Result<()> {
        self.reads += 1;
        assert!(self.reads != self.at, "as it should");
        if self.reads < 4 {
            out.append(&[b'b'; 1000]);
        }
        Ok(())
    }

    fn rewind(&mut self) -> io::Result<()> {
        assert!(self.reads == 0 || self.at != 0, "as it should");
        Ok(())
    }
}

#[test]
fn the_panic_of_a_source_in_a_multi_is_its_own_transfers() {
    let server = Server::plain();
    for at in [1, 3, 0] {
        for mut multi in engines() {
            let others = [(); 4].map(|()| {
                let mut easy = get(&server.url("/echo"), Body::default());
                let form = Mime::new().part(Part::new(bytes(100_000)).name("memory"));
                easy.set(option::MimePost(form)).unwrap();
                multi.add(easy).unwrap()
            });
            // The redirect makes it go back to the beginning.
            let mut easy = get(&server.url("/redirect/307/echo"), Body::default());
            easy.set(option::FollowLocation(option::value::Follow::All)).unwrap();
            let part = Part::stream(Bomb { reads: 0, at }, None).name("bomb");
            easy.set(option::MimePost(Mime::new().part(part))).unwrap();
            let bad = multi.add(easy).unwrap();
            let mut done = drive(&mut multi);
            let error = done.remove(&bad).unwrap().expect_err(&format!("at {at}"));
            assert_eq!(error.kind(), ErrorKind::Panicked, "at {at}: {error}");
            for id in others {
                assert!(done[&id].is_ok(), "{:?}", done[&id]);
                let (_, parts) = taken_apart(&multi.remove(id).unwrap().into_handler().0);
                assert!(parts[0].1 == bytes(100_000));
            }
        }
    }
}
