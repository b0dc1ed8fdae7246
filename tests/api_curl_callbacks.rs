//! What a handle calls back, each callback with a real transfer.
#![cfg(all(feature = "http", unix))]

mod common;

use std::io::{Read as _, SeekFrom, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use common::raw::Raw;
use common::server::{Server, bytes};
use ffence::ErrorKind;
use ffence::capabilities::Version;
use ffence::curl::option::value::Follow;
use ffence::curl::{
    Address, Callbacks, Easy, Ends, Flow, Handler, List, Pauses, Progress, Purpose, Read, Seek,
    Socket, Trace, Upload, Write, option,
};

/// Takes a body, and remembers header lines.
#[derive(Default)]
struct Response {
    body: Vec<u8>,
    lines: Vec<String>,
}

impl Handler for Response {
    const CALLBACKS: Callbacks = Callbacks::WRITE.and(Callbacks::HEADER);

    fn write(&mut self, bytes: &[u8]) -> Write {
        self.body.extend_from_slice(bytes);
        Write::Taken
    }

    fn header(&mut self, line: &[u8]) -> Flow {
        self.lines.push(String::from_utf8_lossy(line).into_owned());
        Flow::Continue
    }
}

#[test]
fn a_handler_takes_body_and_headers_and_comes_back() {
    let server = Server::plain();
    let mut easy = Easy::with(Response::default()).unwrap();
    easy.set(option::Url(server.url("/bytes/50000"))).unwrap();
    easy.perform().unwrap();
    assert_eq!(easy.handler().body, bytes(50_000));
    assert_eq!(easy.handler().lines.first().unwrap(), "HTTP/1.1 200 OK\r\n");
    assert_eq!(easy.handler().lines.last().unwrap(), "\r\n");

    easy.handler_mut().lines.clear();
    let mut elsewhere = Vec::new();
    easy.perform_into(&mut elsewhere).unwrap();
    assert_eq!(elsewhere.len(), 50_000);
    assert!(!easy.handler().lines.is_empty(), "the lines are still the handler's");
    assert_eq!(easy.into_handler().body.len(), 50_000, "the body was not");
}

/// Uploads what it has, in pieces, from wherever it is asked to.
struct Source {
    bytes: Vec<u8>,
    at: usize,
    seeks: Vec<SeekFrom>,
}

impl Source {
    fn of(bytes: Vec<u8>) -> Self {
        Self { bytes, at: 0, seeks: Vec::new() }
    }
}

impl Handler for Source {
    const CALLBACKS: Callbacks = Callbacks::READ.and(Callbacks::SEEK);

    fn read(&mut self, out: &mut Upload<'_>) -> Read {
        let piece = &self.bytes[self.at..];
        self.at += out.append(&piece[..piece.len().min(1000)]);
        Read::Sent
    }

    fn seek(&mut self, to: SeekFrom) -> Seek {
        self.seeks.push(to);
        match to {
            SeekFrom::Start(at) => self.at = usize::try_from(at).unwrap(),
            _ => return Seek::CannotSeek,
        }
        Seek::Done
    }
}

#[test]
fn an_upload_is_read_piece_by_piece() {
    let server = Server::plain();
    let mut easy = Easy::with(Source::of(bytes(70_000))).unwrap();
    easy.set(option::Url(server.url("/length"))).unwrap();
    easy.set(option::Upload(true)).unwrap();
    easy.set(option::InFileSizeLarge(Some(70_000))).unwrap();
    let mut answer = Vec::new();
    easy.perform_into(&mut answer).unwrap();
    assert_eq!(answer, b"70000");
    assert_eq!(easy.info().size_upload(), 70_000);
}

#[test]
fn an_upload_of_unknown_length_ends_with_an_empty_piece() {
    let server = Server::plain();
    let mut easy = Easy::with(Source::of(bytes(3500))).unwrap();
    easy.set(option::Url(server.url("/length"))).unwrap();
    easy.set(option::Upload(true)).unwrap();
    let mut answer = Vec::new();
    easy.perform_into(&mut answer).unwrap();
    assert_eq!(answer, b"3500");
}

#[test]
fn a_redirected_upload_is_rewound() {
    let server = Raw::answering("HTTP/1.1 307 Here\r\nLocation: /\r\nContent-Length: 0\r\n\r\n");
    let mut easy = Easy::with(Source::of(b"sent twice".to_vec())).unwrap();
    easy.set(option::Url(server.url("/"))).unwrap();
    easy.set(option::Upload(true)).unwrap();
    easy.set(option::InFileSizeLarge(Some(10))).unwrap();
    easy.set(option::FollowLocation(Follow::All)).unwrap();
    easy.set(option::MaxRedirs(Some(1))).unwrap();
    let mut headers = List::new();
    headers.push("Expect:").unwrap(); // or the body would wait for the answer
    easy.set(option::HttpHeader(headers)).unwrap();
    let error = easy.perform().unwrap_err();
    assert_eq!(error.code(), Some(47), "CURLE_TOO_MANY_REDIRECTS: {error}");
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    assert!(requests.iter().all(|it| it.ends_with("\r\n\r\nsent twice")), "{requests:?}");
    let seeks = &easy.handler().seeks;
    assert!(!seeks.is_empty() && seeks.iter().all(|to| *to == SeekFrom::Start(0)), "{seeks:?}");
}

/// Claims bytes that it never wrote.
struct Liar;

impl std::io::Read for Liar {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        Ok(out.len() + 1)
    }
}

struct Lies(bool);

impl Handler for Lies {
    const CALLBACKS: Callbacks = Callbacks::READ;

    fn read(&mut self, out: &mut Upload<'_>) -> Read {
        if !std::mem::replace(&mut self.0, true) {
            let room = out.room();
            assert_eq!(out.append_from(&mut Liar).unwrap(), room);
            assert_eq!((out.len(), out.room()), (room, 0));
        }
        Read::Sent
    }
}

#[test]
fn what_was_not_written_does_not_leave() {
    let server = Server::plain();
    let mut easy = Easy::with(Lies(false)).unwrap();
    easy.set(option::Url(server.url("/echo"))).unwrap();
    easy.set(option::Upload(true)).unwrap();
    let mut echo = Vec::new();
    easy.perform_into(&mut echo).unwrap();
    let body = echo.windows(2).position(|window| window == b"\n\n").unwrap() + 2;
    assert!(echo.len() > body + 1000, "the claim was believed: {}", echo.len() - body);
    assert!(echo[body..].iter().all(|byte| *byte == 0), "but only zeros went out");
}

/// Pauses when the first piece comes, and goes on a few calls of progress later.
#[derive(Default)]
struct Hesitant {
    body: Vec<u8>,
    paused: bool,
    calls_while_paused: u32,
    last: Progress,
}

impl Handler for Hesitant {
    const CALLBACKS: Callbacks = Callbacks::WRITE.and(Callbacks::PROGRESS);

    fn write(&mut self, bytes: &[u8]) -> Write {
        if self.calls_while_paused == 0 {
            self.paused = true;
            return Write::Pause;
        }
        assert!(!self.paused);
        self.body.extend_from_slice(bytes);
        Write::Taken
    }

    fn progress(&mut self, progress: Progress, pauses: &mut Pauses) -> Flow {
        self.last = progress;
        assert!(!pauses.sending, "each direction has its own switch");
        if self.paused {
            assert!(pauses.receiving);
            self.calls_while_paused += 1;
            if self.calls_while_paused == 2 {
                self.paused = false;
                pauses.receiving = false;
            }
        }
        Flow::Continue
    }
}

#[test]
fn a_transfer_that_was_paused_goes_on_with_the_same_bytes() {
    let server = Server::plain();
    let mut easy = Easy::with(Hesitant::default()).unwrap();
    easy.set(option::Url(server.url("/bytes/200000"))).unwrap();
    easy.perform().unwrap();
    let handler = easy.into_handler();
    assert_eq!(handler.body, bytes(200_000));
    assert!(handler.calls_while_paused >= 2);
    assert_eq!(handler.last.downloaded, 200_000);
    assert_eq!(handler.last.download_total, 200_000);
}

struct Impatient;

impl Handler for Impatient {
    const CALLBACKS: Callbacks = Callbacks::PROGRESS;

    fn progress(&mut self, _: Progress, _: &mut Pauses) -> Flow {
        Flow::Stop
    }
}

#[test]
fn progress_can_give_a_transfer_up() {
    let server = Server::plain();
    let mut easy = Easy::with(Impatient).unwrap();
    easy.set(option::Url(server.url("/hang"))).unwrap();
    let error = easy.perform().unwrap_err();
    assert_eq!(error.code(), Some(42), "CURLE_ABORTED_BY_CALLBACK: {error}");
}

#[derive(Default)]
struct Traced(Vec<(Trace, Vec<u8>)>);

impl Handler for Traced {
    const CALLBACKS: Callbacks = Callbacks::TRACE;

    fn trace(&mut self, kind: Trace, bytes: &[u8]) {
        self.0.push((kind, bytes.to_vec()));
    }
}

#[test]
fn a_trace_has_what_went_over_the_wire() {
    let server = Server::plain();
    let mut easy = Easy::with(Traced::default()).unwrap();
    easy.set(option::Url(server.url("/length"))).unwrap();
    easy.set(option::PostFields("twelve bytes")).unwrap();
    easy.set(option::Verbose(true)).unwrap();
    easy.perform().unwrap();
    let of = |kind| -> Vec<u8> {
        easy.handler().0.iter().filter(|it| it.0 == kind).flat_map(|it| it.1.clone()).collect()
    };
    assert!(of(Trace::HeaderOut).starts_with(b"POST /length HTTP/1.1\r\n"));
    assert_eq!(of(Trace::DataOut), b"twelve bytes");
    assert!(of(Trace::HeaderIn).starts_with(b"HTTP/1.1 200 OK\r\n"));
    assert_eq!(of(Trace::DataIn), b"12");
    assert!(!of(Trace::Text).is_empty());
}

/// Makes sockets itself and sees each of them.
#[derive(Default)]
struct Sockets {
    opened: Vec<RawFd>,
    seen: Vec<RawFd>,
    address: Option<SocketAddr>,
    refuse: bool,
}

impl Handler for Sockets {
    const CALLBACKS: Callbacks = Callbacks::OPEN_SOCKET.and(Callbacks::SOCKET);

    fn open_socket(&mut self, address: &Address<'_>) -> Option<OwnedFd> {
        assert_eq!(address.purpose, Purpose::Connection);
        assert!(!address.raw.is_empty());
        self.address = address.internet;
        if self.refuse {
            return None;
        }
        // SAFETY: makes a descriptor, which is checked below.
        let fd = unsafe { libc::socket(address.family, address.kind, address.protocol) };
        assert!(fd >= 0);
        self.opened.push(fd);
        // SAFETY: it was just made and is nobody else's.
        Some(unsafe { OwnedFd::from_raw_fd(fd) })
    }

    fn socket(&mut self, socket: BorrowedFd<'_>, purpose: Purpose) -> Socket {
        assert_eq!(purpose, Purpose::Connection);
        self.seen.push(socket.as_raw_fd());
        Socket::Connect
    }
}

#[test]
fn sockets_are_made_seen_and_closed_here() {
    let server = Server::plain();
    let mut easy = Easy::with(Sockets::default()).unwrap();
    let closed = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&closed);
    easy.on_close_socket(move |socket| log.lock().unwrap().push(socket.as_raw_fd())).unwrap();
    easy.set(option::Url(server.url("/bytes/1"))).unwrap();
    easy.perform().unwrap();
    easy.perform().unwrap();
    let port = easy.info().primary_port();
    let handler = easy.handler();
    assert_eq!(handler.address, Some(SocketAddr::from((Ipv4Addr::LOCALHOST, port))));
    assert_eq!(handler.opened.len(), 1, "the second transfer used the same connection");
    assert_eq!(handler.seen, handler.opened);
    let opened = handler.opened.clone();
    assert!(closed.lock().unwrap().is_empty());

    // What closes can be exchanged while a connection is open that was made for the old one.
    let log = Arc::clone(&closed);
    easy.on_close_socket(move |socket| log.lock().unwrap().push(socket.as_raw_fd())).unwrap();
    drop(easy);
    assert_eq!(*closed.lock().unwrap(), opened, "closed once, with the handle");
}

#[test]
fn no_socket_no_connection() {
    let server = Server::plain();
    let mut easy = Easy::with(Sockets { refuse: true, ..Sockets::default() }).unwrap();
    easy.set(option::Url(server.url("/bytes/1"))).unwrap();
    let error = easy.perform().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
}

/// Hands out what is no socket.
struct Wrong(OwnedFd);

impl Handler for Wrong {
    const CALLBACKS: Callbacks = Callbacks::OPEN_SOCKET;

    fn open_socket(&mut self, _: &Address<'_>) -> Option<OwnedFd> {
        self.0.try_clone().ok()
    }
}

#[test]
fn a_file_of_somebody_elses_stays_open() {
    // The socket that libcurl closes is one that it was given for good: a file's own descriptor can
    // be lent by the types only after it was doubled.
    let file = tempfile::tempfile().unwrap();
    let mut easy = Easy::with(Wrong(file.try_clone().unwrap().into())).unwrap();
    easy.set(option::Url("http://127.0.0.1:9/")).unwrap();
    easy.perform().unwrap_err(); // a file is no socket
    drop(easy);
    (&file).write_all(b"still open").unwrap();
    assert_eq!(file.metadata().unwrap().len(), 10);
}

struct Gate {
    resolve: Flow,
    request: Flow,
    remote: Option<(String, u16)>,
}

impl Handler for Gate {
    const CALLBACKS: Callbacks = Callbacks::RESOLVER_START.and(Callbacks::BEFORE_REQUEST);

    fn resolver_start(&mut self) -> Flow {
        self.resolve
    }

    fn before_request(&mut self, ends: &Ends<'_>) -> Flow {
        self.remote = Some((ends.remote_ip.to_owned(), ends.remote_port));
        self.request
    }
}

#[test]
fn a_handler_can_refuse_a_name_and_an_address() {
    let server = Server::plain();
    let gate = |resolve, request| {
        let mut easy = Easy::with(Gate { resolve, request, remote: None }).unwrap();
        easy.set(option::Url(server.url("/bytes/1"))).unwrap();
        let outcome = easy.perform().map(|_| ());
        (outcome, easy.into_handler().remote)
    };
    let (outcome, remote) = gate(Flow::Continue, Flow::Continue);
    outcome.unwrap();
    let (ip, port) = remote.unwrap();
    assert_eq!(ip, "127.0.0.1");
    assert!(server.url("/").ends_with(&format!(":{port}/")));

    let (outcome, remote) = gate(Flow::Stop, Flow::Continue);
    let error = outcome.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::ResolveName | ErrorKind::Libcurl), "{error}");
    assert_eq!(remote, None);

    let (outcome, remote) = gate(Flow::Continue, Flow::Stop);
    assert_eq!(outcome.unwrap_err().code(), Some(42));
    assert!(remote.is_some());
}

struct Trailing(bool);

impl Handler for Trailing {
    const CALLBACKS: Callbacks = Callbacks::READ.and(Callbacks::TRAILERS);

    fn read(&mut self, out: &mut Upload<'_>) -> Read {
        if !std::mem::replace(&mut self.0, true) {
            out.append(b"body");
        }
        Read::Sent
    }

    fn trailers(&mut self, trailers: &mut List) -> Flow {
        trailers.push("x-sum: 7").unwrap();
        trailers.push("x-end: yes").unwrap();
        Flow::Continue
    }
}

/// Reads one request up to the end of its trailers, and answers.
fn chunks() -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let (mut text, mut byte) = (Vec::new(), [0]);
        while !(text.windows(3).any(|it| it == b"\n0\r") && text.ends_with(b"\r\n\r\n")) {
            if stream.read(&mut byte).unwrap() == 0 {
                break;
            }
            text.push(byte[0]);
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
        String::from_utf8(text).unwrap()
    });
    (url, thread)
}

#[test]
fn trailers_follow_a_chunked_upload() {
    let can = ffence::capabilities().unwrap();
    let easy = Easy::with(Trailing(false));
    if can.libcurl().number() < Version::new(8, 8, 0) {
        // It would corrupt its heap when it repeats the upload: there is not even a handle.
        let error = easy.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert_eq!(error.since(), Some(Version::new(8, 8, 0)));
        assert!(error.to_string().contains("libcurl 8.8"), "{error}");
        return;
    }
    let mut easy = easy.unwrap();
    let (url, server) = chunks();
    let mut headers = List::new();
    headers.push("Transfer-Encoding: chunked").unwrap();
    headers.push("Expect:").unwrap();
    easy.set(option::Url(url)).unwrap();
    easy.set(option::Upload(true)).unwrap();
    easy.set(option::HttpHeader(headers)).unwrap();
    easy.perform().unwrap();
    let sent = server.join().unwrap();
    assert!(sent.ends_with("4\r\nbody\r\n0\r\nx-sum: 7\r\nx-end: yes\r\n\r\n"), "{sent}");
}

/// Nothing is read from standard input, and nothing written to standard output.
#[test]
fn without_callbacks_the_process_is_left_alone() {
    let server = Server::plain();
    let mut easy = Easy::new().unwrap();
    easy.set(option::Url(server.url("/length"))).unwrap();
    easy.set(option::Upload(true)).unwrap();
    let error = easy.perform().unwrap_err();
    assert_eq!(error.code(), Some(42), "CURLE_ABORTED_BY_CALLBACK: {error}");
}

/// A program that is executed meanwhile gets none of them, whichever libcurl is linked.
#[test]
fn sockets_are_not_passed_on_to_other_programs() {
    use std::os::fd::AsRawFd as _;

    let server = Server::plain();
    let mut easy = Easy::new().unwrap();
    for attempt in ["at first", "after a reset"] {
        easy.set(option::Url(server.url("/bytes/10"))).unwrap();
        easy.set(option::FreshConnect(true)).unwrap();
        let info = easy.perform().unwrap();
        let socket = info.active_socket().expect("the connection is kept");
        // SAFETY: asks for the flags of a descriptor that is open.
        let flags = unsafe { libc::fcntl(socket.as_raw_fd(), libc::F_GETFD) };
        assert!(flags & libc::FD_CLOEXEC != 0, "{attempt}: {flags}");
        easy.reset().unwrap();
    }
}
