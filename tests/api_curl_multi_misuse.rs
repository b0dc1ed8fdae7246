//! What crashes, leaks or bleeds elsewhere: here it does not compile (see the examples of `Multi`),
//! or is clean. Run under AddressSanitizer by `make asan`.
#![cfg(feature = "http")]

mod common;

use std::time::Duration;

use common::server::{Server, bytes};
use common::transfers::{Body, drive, drive_one, engines, get, one};
use ffence::ErrorKind;
use ffence::curl::{
    Address, Callbacks, Done, Easy, Ends, Flow, Handler, List, Multi, Pauses, Progress, Purpose,
    Read, Seek, Socket, Trace, Upload, Write, option,
};

/// A multi that is dropped before its handles still knows whom its sockets and timers call back; so
/// do the connections that it keeps, and the wakers that others hold.
#[test]
fn the_multi_may_go_first() {
    let server = Server::plain();
    for mut multi in engines() {
        let waker = multi.waker();
        let idle = multi.add(get(&server.url("/bytes/10"), Body::default())).unwrap();
        assert!(drive(&mut multi)[&idle].is_ok());
        let kept = multi.remove(idle).unwrap();
        multi.add(get(&server.url("/hang"), Body::default())).unwrap();
        multi.perform().unwrap();
        drop(multi);
        waker.wake().unwrap();
        drop(kept);
    }
}

/// What is told of a transfer is a value of its own.
#[test]
fn a_message_may_outlive_its_handle_and_its_multi() {
    let server = Server::plain();
    for mut multi in engines() {
        let (good, bad) = (server.url("/bytes/10"), server.url("/break/10"));
        for url in [good, bad] {
            multi.add(get(&url, Body::default())).unwrap();
        }
        while multi.perform().unwrap() > 0 {
            multi.poll(Duration::from_secs(60)).unwrap();
        }
        let mut messages = Vec::new();
        while let Some(message) = multi.next_done() {
            drop(multi.remove(message.id).unwrap());
            messages.push(message);
        }
        drop(multi);
        let failed: Vec<_> = messages
            .into_iter()
            .filter_map(|Done { result, .. }| result.err().map(|error| error.kind()))
            .collect();
        assert_eq!(failed, [ErrorKind::TruncatedBody]);
    }
}

/// Around the largest number of milliseconds that C takes, and far beyond.
#[test]
fn no_time_is_too_long_to_poll() {
    let largest = u64::from(i32::MAX.unsigned_abs());
    for mut multi in engines::<()>() {
        for timeout in [
            Duration::from_millis(largest - 1),
            Duration::from_millis(largest),
            Duration::from_millis(largest + 1),
            Duration::from_millis(largest + 253),
            Duration::from_millis(2 * largest + 2),
            Duration::from_secs(u64::MAX),
            Duration::MAX,
        ] {
            // Already awake: what is tested is the arithmetic.
            multi.waker().wake().unwrap();
            multi.poll(timeout).unwrap();
        }
    }
}

/// Keeps the bombs' own panics out of the output.
fn bombs_are_quiet() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !panic
                .payload()
                .downcast_ref::<String>()
                .is_some_and(|text| text.starts_with("bomb"))
            {
                usual(panic);
            }
        }));
    });
}

/// Where a [`Bomb`] goes off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Write,
    Header,
    Read,
    Progress,
    Trace,
    Seek,
    Trailers,
    #[cfg(unix)]
    Socket,
    #[cfg(unix)]
    OpenSocket,
    ResolverStart,
    BeforeRequest,
    Nowhere,
}

/// A handler that panics in one kind of callback, at one of its calls; with `T`, it has trailers.
struct Bomb<const T: bool> {
    at: At,
    /// How many calls of that kind it survives.
    calls: u32,
    body: Vec<u8>,
    left: usize,
}

impl<const T: bool> Bomb<T> {
    fn new(at: At, calls: u32) -> Self {
        Self { at, calls, body: Vec::new(), left: 100_000 }
    }

    fn called(&mut self, at: At) {
        if self.at == at {
            assert!(self.calls > 0, "bomb at {at:?}");
            self.calls -= 1;
        }
    }
}

impl<const T: bool> Handler for Bomb<T> {
    const CALLBACKS: Callbacks = {
        let all = Callbacks::WRITE
            .and(Callbacks::HEADER)
            .and(Callbacks::READ)
            .and(Callbacks::SEEK)
            .and(Callbacks::PROGRESS)
            .and(Callbacks::TRACE)
            .and(Callbacks::RESOLVER_START)
            .and(Callbacks::BEFORE_REQUEST);
        #[cfg(unix)]
        let all = all.and(Callbacks::SOCKET).and(Callbacks::OPEN_SOCKET);
        if T { all.and(Callbacks::TRAILERS) } else { all }
    };

    fn write(&mut self, bytes: &[u8]) -> Write {
        self.called(At::Write);
        self.body.extend_from_slice(bytes);
        Write::Taken
    }

    fn header(&mut self, _: &[u8]) -> Flow {
        self.called(At::Header);
        Flow::Continue
    }

    fn read(&mut self, out: &mut Upload<'_>) -> Read {
        self.called(At::Read);
        let some = vec![b'u'; self.left.min(1_000)];
        self.left -= out.append(&some);
        Read::Sent
    }

    fn progress(&mut self, _: Progress, _: &mut Pauses) -> Flow {
        self.called(At::Progress);
        Flow::Continue
    }

    fn trace(&mut self, _: Trace, _: &[u8]) {
        self.called(At::Trace);
    }

    #[cfg(unix)]
    fn socket(&mut self, _: std::os::fd::BorrowedFd<'_>, _: Purpose) -> Socket {
        self.called(At::Socket);
        Socket::Connect
    }

    #[cfg(unix)]
    fn open_socket(&mut self, address: &Address<'_>) -> Option<std::os::fd::OwnedFd> {
        self.called(At::OpenSocket);
        // SAFETY: socket(2) takes any numbers.
        let fd = unsafe { libc::socket(address.family, address.kind, address.protocol) };
        // SAFETY: a descriptor that is nobody else's.
        (fd >= 0).then(|| unsafe { std::os::fd::FromRawFd::from_raw_fd(fd) })
    }

    fn seek(&mut self, to: std::io::SeekFrom) -> Seek {
        self.called(At::Seek);
        match to {
            std::io::SeekFrom::Start(0) => self.left = 100_000,
            _ => return Seek::CannotSeek,
        }
        Seek::Done
    }

    fn trailers(&mut self, _: &mut List) -> Flow {
        self.called(At::Trailers);
        Flow::Continue
    }

    fn resolver_start(&mut self) -> Flow {
        self.called(At::ResolverStart);
        Flow::Continue
    }

    fn before_request(&mut self, _: &Ends) -> Flow {
        self.called(At::BeforeRequest);
        Flow::Continue
    }
}

/// One that uploads, twice unless it has trailers, and downloads: every callback is called.
fn bomb<const T: bool>(server: &Server, at: At, calls: u32) -> Easy<Bomb<T>> {
    let path = if T { "/echo" } else { "/redirect/307/echo" };
    // By name, or nobody is asked for it.
    let url = server.url(path).replace("127.0.0.1", "localhost");
    let mut easy = get(&url, Bomb::new(at, calls));
    let mut headers = List::new();
    headers.push("Transfer-Encoding: chunked").unwrap();
    headers.push("Expect:").unwrap();
    easy.set(option::HttpHeader(headers)).unwrap();
    easy.set(option::FollowLocation(option::value::Follow::All)).unwrap();
    easy.set(option::Post(true)).unwrap();
    easy.set(option::Verbose(true)).unwrap();
    easy
}

/// A panic is that transfer's, at the first call and at a later one; the bytes of all others are
/// whole, and so is whatever this thread does next.
#[test]
fn a_panic_in_a_callback_is_its_own_transfers() {
    bombs_are_quiet();
    let server = Server::plain();
    for (at, later) in [
        (At::Write, 1),
        (At::Header, 2),
        (At::Read, 1),
        (At::Progress, 3),
        (At::Trace, 5),
        (At::Seek, 0),
        #[cfg(unix)]
        (At::Socket, 0),
        #[cfg(unix)]
        (At::OpenSocket, 0),
        (At::ResolverStart, 0),
        (At::BeforeRequest, 1),
    ] {
        goes_off::<false>(&server, at, 0);
        if later > 0 {
            goes_off::<false>(&server, at, later);
        }
    }
    if has_trailers() {
        goes_off::<true>(&server, At::Trailers, 0);
    }
}

/// libcurl 7.88 writes to before its buffer when a handle that sent trailers uploads again: there a
/// handler cannot have them.
fn has_trailers() -> bool {
    let number = ffence::capabilities().unwrap().libcurl().number();
    let outcome = Easy::with(Bomb::<true>::new(At::Nowhere, 0));
    let offered = (number.major, number.minor) >= (8, 8);
    assert!(offered || outcome.is_err_and(|error| error.kind() == ErrorKind::Unsupported));
    offered
}

fn goes_off<const T: bool>(server: &Server, at: At, calls: u32) {
    const OTHERS: usize = 5;
    for mut multi in engines() {
        let harmless = |path: &str| get(&server.url(path), Bomb::<T>::new(At::Nowhere, 0));
        let others = [(); OTHERS].map(|()| multi.add(harmless("/bytes/200000")).unwrap());
        let bad = multi.add(bomb(server, at, calls)).unwrap();
        let mut done = drive(&mut multi);
        let error = done.remove(&bad).unwrap().expect_err(&format!("{at:?} {calls}"));
        assert_eq!(error.kind(), ErrorKind::Panicked, "{at:?} {calls}: {error}");
        assert!(error.to_string().contains("bomb at"), "{error}");
        // Its handle is there, and its handler.
        assert_eq!(multi.remove(bad).unwrap().into_handler().calls, 0);
        for id in others {
            assert!(done[&id].is_ok(), "{at:?} {calls}: {:?}", done[&id]);
            let body = multi.remove(id).unwrap().into_handler().body;
            assert!(body == bytes(200_000), "{at:?} {calls}");
        }
        // Nothing of it is left on this thread, nor in the multi.
        one(&mut multi, harmless("/bytes/1")).1.unwrap();
        harmless("/bytes/1").perform().unwrap();
    }
}

#[test]
fn a_handle_that_sent_trailers_is_clean_when_it_uploads_again() {
    if !has_trailers() {
        return;
    }
    let server = Server::plain();
    let mut easy = bomb::<true>(&server, At::Nowhere, 0);
    easy.perform().unwrap();
    easy.handler_mut().left = 5_000;
    assert_eq!(easy.perform().unwrap().response_code(), Some(200));
}

/// The panic comes back as it was thrown.
#[test]
fn the_panic_can_be_started_again() {
    bombs_are_quiet();
    let server = Server::plain();
    let mut multi = Multi::new().unwrap();
    let (_, result) = one(&mut multi, bomb::<false>(&server, At::Write, 0));
    let error = result.unwrap_err();
    let payload = std::thread::spawn(|| error.resume().map(drop)).join().unwrap_err();
    assert_eq!(payload.downcast_ref::<String>().unwrap(), "bomb at Write");
}

/// A panic while what was held back is handed over ends that transfer, and is told there.
#[test]
fn a_panic_on_the_way_out_of_a_pause_ends_its_transfer() {
    struct Held {
        open: bool,
    }

    impl Handler for Held {
        const CALLBACKS: Callbacks = Callbacks::WRITE;

        fn write(&mut self, _: &[u8]) -> Write {
            assert!(!self.open, "bomb behind a pause");
            Write::Pause
        }
    }

    bombs_are_quiet();
    let server = Server::plain();
    for mut multi in engines() {
        let held = multi.add(get(&server.url("/bytes/100000"), Held { open: false })).unwrap();
        for _ in 0..20 {
            multi.perform().unwrap();
            multi.poll(Duration::from_millis(5)).unwrap();
        }
        multi.handler_mut(held).unwrap().open = true;
        let told = match multi.pause(held, Pauses::default()) {
            Err(error) => error,
            // This libcurl hands it over later.
            Ok(()) => drive(&mut multi).remove(&held).unwrap().unwrap_err(),
        };
        assert_eq!(told.kind(), ErrorKind::Panicked);
        assert!(multi.next_done().is_none());
        multi.remove(held).unwrap();
    }
}

/// Connections that a multi keeps outlive the handle that made them: what closes their sockets is the
/// multi's, not the handle's.
#[test]
#[cfg(unix)]
fn sockets_are_closed_by_whoever_keeps_the_connections() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    let server = Server::plain();
    for mut multi in engines() {
        let [by_handle, by_multi] = [(); 2].map(|()| Arc::new(AtomicUsize::new(0)));
        let counter = |of: &Arc<AtomicUsize>| {
            let of = Arc::clone(of);
            move |socket: std::os::fd::OwnedFd| {
                of.fetch_add(1, SeqCst);
                drop(socket);
            }
        };
        let closing_handle = || {
            let mut easy = get(&server.url("/bytes/10"), Body::default());
            easy.on_close_socket(counter(&by_handle)).unwrap();
            easy
        };
        // Its connection stays with the multi, which has nothing of its own to close it with.
        let (easy, result) = one(&mut multi, closing_handle());
        result.unwrap();
        drop(easy);
        multi.on_close_socket(counter(&by_multi)).unwrap();
        // One takes the kept connection and holds it, so that another one makes its own.
        multi.add(get(&server.url("/hang"), Body::default())).unwrap();
        multi.perform().unwrap();
        let id = multi.add(get(&server.url("/bytes/20"), Body::default())).unwrap();
        let done = drive_one(&mut multi);
        assert_eq!(done.id, id);
        done.result.unwrap();
        // Alone again, a handle closes its own.
        let id = multi.add(closing_handle()).unwrap();
        let mut easy = multi.remove(id).unwrap();
        drop(multi);
        assert_eq!((by_handle.load(SeqCst), by_multi.load(SeqCst)), (0, 1));
        easy.perform().unwrap();
        drop(easy);
        assert_eq!((by_handle.load(SeqCst), by_multi.load(SeqCst)), (1, 1));
    }
}
