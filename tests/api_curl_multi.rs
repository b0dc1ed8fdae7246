//! Many transfers at a time.
#![cfg(feature = "http")]

mod common;

use std::collections::HashSet;
use std::net::{Ipv4Addr, TcpListener};
use std::thread;
use std::time::{Duration, Instant};

use common::server::{Server, bytes};
use common::transfers::{Body, LONG, drive, drive_one, engines, get, one};
use ffence::ErrorKind;
use ffence::curl::multi::option::{
    Forget, MaxConcurrentStreams, MaxConnects, MaxHostConnections, MaxTotalConnections,
    NetworkChanged, Pipelining, ResolveThreadsMax,
};
use ffence::curl::{Callbacks, Done, Easy, Handler, Multi, Pauses, Waker, Write, option};

#[test]
fn each_transfer_ends_once_and_keeps_its_bytes() {
    let server = Server::plain();
    for mut multi in engines() {
        let sizes = [0, 1, 1_000, 65_536, 1_000_000];
        let ids: Vec<_> = sizes
            .iter()
            .map(|size| {
                let url = server.url(&format!("/bytes/{size}"));
                multi.add(get(&url, Body::default())).unwrap()
            })
            .collect();
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), sizes.len(), "ids differ");
        assert_eq!(multi.len(), sizes.len());
        let done = drive(&mut multi);
        assert_eq!(done.len(), sizes.len());
        for (id, size) in ids.into_iter().zip(sizes) {
            assert!(done[&id].is_ok());
            assert_eq!(multi.get(id).unwrap().info().response_code(), Some(200));
            assert_eq!(multi.remove(id).unwrap().into_handler().0, bytes(size));
        }
        assert!(multi.is_empty());
        assert!(multi.next_done().is_none());
    }
}

#[test]
fn a_handle_comes_back_and_works_on_and_its_connection_stays_with_the_multi() {
    let server = Server::plain();
    for mut multi in engines() {
        let before = server.connections();
        let mut easy = get(&server.url("/bytes/100"), Body::default());
        for _ in 0..3 {
            let result;
            (easy, result) = one(&mut multi, easy);
            result.unwrap();
        }
        assert_eq!(easy.handler().0.len(), 300);
        assert_eq!(server.connections(), before + 1, "the multi keeps the connection");
        drop(multi);
        easy.perform().unwrap();
        assert_eq!(easy.into_handler().0.len(), 400);
    }
}

#[test]
fn connections_stay_below_their_limit() {
    let server = Server::plain();
    for mut multi in engines() {
        let before = server.connections();
        multi.set(MaxTotalConnections(4)).unwrap().set(MaxConnects(4)).unwrap();
        for _ in 0..40 {
            multi.add(get(&server.url("/bytes/1000"), Body::default())).unwrap();
        }
        let done = drive(&mut multi);
        assert!(done.len() == 40 && done.values().all(Result::is_ok));
        let made = server.connections() - before;
        assert!((1..=4).contains(&made), "{made} connections");
    }
}

#[test]
fn limits_are_set_or_say_since_when_they_are_there() {
    let mut multi: Multi = Multi::new().unwrap();
    multi.set(MaxHostConnections(3)).unwrap();
    multi.set(MaxConcurrentStreams(10)).unwrap();
    multi.set(Pipelining(false)).unwrap();
    assert_eq!(multi.set(MaxConnects(u32::MAX)).unwrap_err().kind(), ErrorKind::Parameter);
    let number = ffence::capabilities().unwrap().libcurl().number();
    for (outcome, since, text) in [
        (multi.set(NetworkChanged(Forget::All)).map(drop), (8, 16), "8.16.0"),
        (multi.set(ResolveThreadsMax(2)).map(drop), (8, 20), "8.20.0"),
    ] {
        if (number.major, number.minor) >= since {
            outcome.unwrap();
        } else {
            let error = outcome.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            assert!(error.to_string().contains(text), "{error}");
        }
    }
}

#[test]
fn a_transfer_that_is_given_up_leaves_the_others_alone() {
    let server = Server::plain();
    for mut multi in engines() {
        let hanging = multi.add(get(&server.url("/stall/1000"), Body::default())).unwrap();
        let cancelled = multi.add(get(&server.url("/hang"), Body::default())).unwrap();
        let whole = multi.add(get(&server.url("/bytes/1000000"), Body::default())).unwrap();
        loop {
            assert!(multi.perform().unwrap() > 0);
            if multi.get(hanging).unwrap().handler().0.len() == 1_000 {
                break;
            }
            multi.poll(LONG).unwrap();
        }
        multi.cancel(cancelled).unwrap();
        let mut easy = multi.remove(hanging).unwrap();
        assert_eq!(easy.handler().0, bytes(1_000));
        let done = drive(&mut multi);
        assert!(done.len() == 1 && done[&whole].is_ok());
        assert_eq!(multi.remove(whole).unwrap().into_handler().0, bytes(1_000_000));
        // The handle that was taken away works on.
        easy.set(option::Url(&server.url("/bytes/10"))).unwrap();
        easy.perform().unwrap();
        assert_eq!(easy.into_handler().0.len(), 1_010);
    }
}

#[test]
fn an_id_names_one_handle_for_ever() {
    let server = Server::plain();
    let mut multi = Multi::new().unwrap();
    let first = multi.add(get(&server.url("/bytes/1"), Body::default())).unwrap();
    let easy = multi.remove(first).unwrap();
    let second = multi.add(easy).unwrap();
    assert_ne!(first, second);
    assert!(multi.get(first).is_none() && multi.handler_mut(first).is_none());
    assert_eq!(multi.remove(first).unwrap_err().kind(), ErrorKind::Parameter);
    assert_eq!(multi.cancel(first).unwrap_err().kind(), ErrorKind::Parameter);
    assert_eq!(multi.pause(first, Pauses::default()).unwrap_err().kind(), ErrorKind::Parameter);
    // Nor is it a name in another multi.
    let mut other = Multi::new().unwrap();
    let third = other.add(get(&server.url("/bytes/1"), Body::default())).unwrap();
    assert!(multi.get(third).is_none() && other.get(second).is_none());
}

#[test]
fn another_thread_ends_a_poll() {
    for mut multi in engines::<()>() {
        let waker = multi.waker();
        let begun = Instant::now();
        let other = thread::spawn(move || waker.wake());
        multi.poll(LONG).unwrap();
        assert!(begun.elapsed() < LONG / 2);
        other.join().unwrap().unwrap();
    }
}

#[test]
fn a_wake_up_waits_for_the_next_poll() {
    for mut multi in engines::<()>() {
        let waker = multi.waker();
        for _ in 0..3 {
            waker.wake().unwrap();
            waker.clone().wake().unwrap();
            let begun = Instant::now();
            // No time is too long.
            multi.poll(Duration::MAX).unwrap();
            assert!(begun.elapsed() < LONG / 2);
        }
        // It is used up.
        multi.poll(Duration::from_millis(1)).unwrap();
    }
}

#[test]
fn a_waker_outlives_its_multi() {
    fn everywhere<T: Send + Sync + Clone + 'static>() {}
    everywhere::<Waker>();
    for multi in engines::<()>() {
        let waker = multi.waker();
        let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let stopped = std::sync::Arc::clone(&stop);
        let other = thread::spawn(move || {
            while !stopped.load(std::sync::atomic::Ordering::Relaxed) {
                waker.wake().unwrap();
            }
            waker.wake()
        });
        drop(multi);
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        other.join().unwrap().unwrap();
    }
}

#[test]
fn timers_run_out() {
    let server = Server::plain();
    for mut multi in engines() {
        let mut easy = get(&server.url("/hang"), Body::default());
        easy.set(option::TimeoutMs(Duration::from_millis(50))).unwrap();
        let (_, result) = one(&mut multi, easy);
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Timeout);
    }
}

#[test]
fn nobody_listens_where_a_transfer_goes() {
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    for mut multi in engines() {
        let (_, result) = one(&mut multi, get(&format!("http://{closed}/"), ()));
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Connect);
        let (_, result) = one(&mut multi, get("http://", ()));
        assert_eq!(result.unwrap_err().kind(), ErrorKind::InvalidRequest);
    }
}

#[test]
fn a_multi_goes_to_another_thread_with_all_that_it_has() {
    let server = Server::plain();
    for mut multi in engines() {
        let id = multi.add(get(&server.url("/bytes/100000"), Body::default())).unwrap();
        multi.perform().unwrap();
        let (mut multi, done) = thread::spawn(move || {
            let done = drive_one(&mut multi);
            (multi, done)
        })
        .join()
        .unwrap();
        done.result.unwrap();
        assert_eq!(multi.remove(id).unwrap().into_handler().0, bytes(100_000));
        thread::spawn(move || drop(multi)).join().unwrap();
    }
}

/// Takes nothing until it is told to.
struct Reluctant {
    open: bool,
    body: Vec<u8>,
}

impl Handler for Reluctant {
    const CALLBACKS: Callbacks = Callbacks::WRITE;

    fn write(&mut self, bytes: &[u8]) -> Write {
        if self.open {
            self.body.extend_from_slice(bytes);
            Write::Taken
        } else {
            Write::Pause
        }
    }
}

#[test]
fn a_paused_transfer_goes_on_when_it_is_told_to() {
    let server = Server::plain();
    for mut multi in engines() {
        let paused = Reluctant { open: false, body: Vec::new() };
        let paused = multi.add(get(&server.url("/bytes/300000"), paused)).unwrap();
        let other = Reluctant { open: true, body: Vec::new() };
        let other = multi.add(get(&server.url("/bytes/200000"), other)).unwrap();
        // The other one is over first, however long the paused one has been there.
        let Done { id, result } = drive_one(&mut multi);
        assert_eq!(id, other);
        result.unwrap();
        assert!(multi.get(paused).unwrap().handler().body.is_empty());
        multi.handler_mut(paused).unwrap().open = true;
        multi.pause(paused, Pauses::default()).unwrap();
        let Done { id, result } = drive_one(&mut multi);
        assert_eq!(id, paused);
        result.unwrap();
        assert_eq!(multi.remove(paused).unwrap().into_handler().body, bytes(300_000));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn another_event_loop_can_wait_for_it() {
    let server = Server::plain();
    assert!(Multi::<()>::new().unwrap().epoll().is_none());
    let mut multi = Multi::event_driven().unwrap();
    let id = multi.add(get(&server.url("/bytes/1000"), Body::default())).unwrap();
    let done = loop {
        multi.perform().unwrap();
        if let Some(done) = multi.next_done() {
            break done;
        }
        let timeout = multi.timeout().unwrap().unwrap_or(LONG).as_millis();
        let fd = std::os::fd::AsRawFd::as_raw_fd(&multi.epoll().unwrap());
        let mut wanted = libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
        // SAFETY: one descriptor, which is open.
        unsafe { libc::poll(&raw mut wanted, 1, i32::try_from(timeout).unwrap()) };
    };
    assert_eq!(done.id, id);
    done.result.unwrap();
}

#[test]
fn a_multi_that_goes_takes_its_running_transfers_along() {
    let server = Server::plain();
    for mut multi in engines() {
        for path in ["/hang", "/stall/100", "/bytes/1000000", "/bytes/1"] {
            multi.add(get(&server.url(path), Body::default())).unwrap();
        }
        multi.perform().unwrap();
        multi.poll(Duration::from_millis(20)).unwrap();
        multi.perform().unwrap();
    }
    // Not even driven once.
    let mut multi = Multi::new().unwrap();
    multi.add(get(&server.url("/bytes/1"), Body::default())).unwrap();
    drop(multi);
    let mut easy = Easy::new().unwrap();
    easy.set(option::Url(&server.url("/bytes/1"))).unwrap();
    easy.perform().unwrap();
}

/// Beside its own sockets a multi waits for those of others.
#[cfg(unix)]
#[test]
fn other_descriptors_are_waited_for_as_well() {
    use ffence::curl::Watched;
    use std::io::{Read as _, Write as _};
    use std::os::fd::AsFd as _;
    use std::os::unix::net::UnixStream;

    let server = Server::plain();
    for mut multi in engines() {
        // A transfer that never ends does not keep it from being seen.
        multi.add(get(&server.url("/hang"), Body::default())).unwrap();
        multi.perform().unwrap();
        let (mut ours, mut theirs) = UnixStream::pair().unwrap();
        theirs.write_all(b"!").unwrap();
        loop {
            let mut watched = [Watched::readable(ours.as_fd()), Watched::writable(ours.as_fd())];
            multi.poll_with(LONG, &mut watched).unwrap();
            assert!(!watched[0].is_writable() && !watched[1].is_readable(), "nobody asked");
            if watched[0].is_readable() {
                assert!(watched[1].is_writable());
                break;
            }
            multi.perform().unwrap();
        }
        ours.read_exact(&mut [0]).unwrap();

        // Nothing is there, nobody waits for long.
        let mut watched = [Watched::readable(ours.as_fd())];
        multi.poll_with(Duration::ZERO, &mut watched).unwrap();
        assert!(!watched[0].is_readable());

        // A wake-up ends it, and what comes from another thread does.
        multi.waker().wake().unwrap();
        multi.poll_with(LONG, &mut [Watched::readable(ours.as_fd())]).unwrap();
        let writer = std::thread::spawn(move || {
            theirs.write_all(b"!").unwrap();
            theirs
        });
        let mut seen = [Watched::either(ours.as_fd())];
        while !seen[0].is_readable() {
            multi.poll_with(LONG, &mut seen).unwrap();
            multi.perform().unwrap();
        }
        drop(writer.join().unwrap());
        ours.read_exact(&mut [0]).unwrap();
        // The other side is gone: reading would not block.
        let mut gone = [Watched::readable(ours.as_fd())];
        while !gone[0].is_readable() {
            multi.poll_with(LONG, &mut gone).unwrap();
            multi.perform().unwrap();
        }
        // None at all is as good as `poll`.
        multi.waker().wake().unwrap();
        multi.poll_with(LONG, &mut []).unwrap();
    }
}
