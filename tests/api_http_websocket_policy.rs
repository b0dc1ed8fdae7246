//! What a client is told of all its requests holds for the opening handshake of a WebSocket.
#![cfg(all(feature = "websocket", unix))]

mod common;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::executor::{block_on, poll_once};
use common::proxy::TlsFront;
use common::raw::Raw;
use common::server::Authority;
use common::site::HERE;
use common::websocket::{Door, Echo, Reply, at, header};
use ffence::ErrorKind;
use ffence::http::websocket::Message;
use ffence::http::{
    Attempt, CancelHandle, Client, ClientBuilder, Hsts, Limits, Observed, Observer, Proxy,
    Redirect, RedirectAction, Tls,
};

/// Far more than anything here takes; a hang, and nothing else, runs into it.
const SOON: Duration = Duration::from_secs(60);
/// As long as nothing here takes that is expected to come to nothing.
const SHORT: Duration = Duration::from_millis(30);

fn builder() -> ClientBuilder {
    Client::builder().proxy(Proxy::none())
}

/// Opens one by a thread or by a task, and closes it; the error where it does not open.
fn opens(client: &Client, url: &str, by_a_task: bool) -> ffence::Result<()> {
    let builder = client.websocket(url).timeout(SOON);
    if by_a_task {
        block_on(builder.connect_async()).map(drop)
    } else {
        builder.connect().map(drop)
    }
}

/// Always accepts.
fn open_door() -> Door {
    Door::new(|_| Reply::Open(String::new()))
}

fn path(request: &str) -> &str {
    request.split(' ').nth(1).unwrap_or_default()
}

#[test]
fn it_waits_for_its_turn_and_holds_its_place_until_it_is_over() {
    let (door, other) = (open_door(), open_door());
    for limits in [Limits::new().per_host(1), Limits::new().total(1)] {
        let client = builder().limits(limits).build().unwrap();
        let http = format!("http://{}/", door.address());
        let held = client.websocket(door.url("/")).connect().unwrap();
        door.asked();
        // Neither another one has a place beside it, nor any request.
        let late = [
            client.websocket(door.url("/")).timeout(SHORT).connect().unwrap_err(),
            block_on(client.websocket(door.url("/")).timeout(SHORT).connect_async()).unwrap_err(),
            client.get(&http).timeout(SHORT).send().unwrap_err(),
        ];
        for error in late {
            assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
            assert!(!error.transfer().unwrap().timings.queue.is_zero(), "{error}");
        }
        let mut waiting = client.websocket(door.url("/")).connect_async();
        assert!(poll_once(&mut waiting).is_pending());
        if limits == Limits::new().per_host(1) {
            opens(&client, &other.url("/"), true).unwrap();
            opens(&client, &other.url("/"), false).unwrap();
            assert!(poll_once(&mut waiting).is_pending());
        }
        assert!(door.asked().is_empty(), "nothing was sent");
        drop(held);
        // And the other way round: a thread waits for what a task has.
        let held = block_on(waiting).unwrap();
        let error = client.websocket(door.url("/")).timeout(SHORT).connect().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
        drop(held);
        let closed = client.websocket(door.url("/")).closing_timeout(SHORT).connect().unwrap();
        // This server never says good-bye.
        assert_eq!(closed.close(1000, "").unwrap_err().kind(), ErrorKind::Timeout);
        opens(&client, &door.url("/"), false).unwrap();
    }
}

#[test]
fn a_place_is_free_when_the_server_is_gone_though_nobody_dropped_anything() {
    let server = Echo::start();
    let client = builder().limits(Limits::new().total(1)).build().unwrap();
    let kept = block_on(client.websocket(server.url("/gone")).connect_async()).unwrap();
    opens(&client, &server.url("/echo"), true).unwrap();
    let mut kept_too = client.websocket(server.url("/gone")).connect().unwrap();
    // A thread's own is driven by nobody else: it learns of the end when it is used.
    assert_eq!(kept_too.recv_timeout(SOON).unwrap_err().kind(), ErrorKind::Transport);
    opens(&client, &server.url("/echo"), false).unwrap();
    drop((kept, kept_too));
}

#[test]
fn one_that_fails_or_waits_in_vain_leaves_its_place() {
    let door = Door::new(|request| match path(request) {
        "/no" => Reply::Shut("403 Forbidden", String::new()),
        _ => Reply::Open(String::new()),
    });
    let client = builder().limits(Limits::new().total(1)).build().unwrap();
    for by_a_task in [false, true] {
        assert_eq!(
            opens(&client, &door.url("/no"), by_a_task).unwrap_err().kind(),
            ErrorKind::Status
        );
        let nobody = "ws://127.0.0.1:1/";
        assert_eq!(opens(&client, nobody, by_a_task).unwrap_err().kind(), ErrorKind::Connect);
        let held = client.websocket(door.url("/")).connect().unwrap();
        let cancel = CancelHandle::new();
        let waiting = client.websocket(door.url("/")).cancel_with(&cancel);
        let error = if by_a_task {
            let mut waiting = waiting.connect_async();
            assert!(poll_once(&mut waiting).is_pending());
            cancel.cancel();
            block_on(waiting).unwrap_err()
        } else {
            let handle = cancel.clone();
            let other = std::thread::spawn(move || handle.cancel());
            let error = waiting.connect().unwrap_err();
            other.join().unwrap();
            error
        };
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
        // One that nobody waits for any more.
        let mut waiting = client.websocket(door.url("/")).connect_async();
        assert!(poll_once(&mut waiting).is_pending());
        drop(waiting);
        drop(held);
        opens(&client, &door.url("/"), by_a_task).unwrap();
    }
}

#[cfg(feature = "cookies")]
#[test]
fn cookies_go_out_and_come_in() {
    let door = Door::new(|request| match path(request) {
        "/no" => Reply::Shut("403 Forbidden", "Set-Cookie: refused=1\r\n".to_owned()),
        _ => Reply::Open("Set-Cookie: open=1\r\nSet-Cookie: two=2; Path=/deep\r\n".to_owned()),
    });
    for by_a_task in [false, true] {
        let jar = ffence::http::Jar::new();
        jar.set(&format!("http://{}/", door.address()), "before=0").unwrap();
        jar.set(&format!("http://{}/", door.address()), "secure=0; Secure").unwrap();
        let client = builder().cookies(jar.clone()).build().unwrap();
        opens(&client, &door.url("/"), by_a_task).unwrap();
        opens(&client, &door.url("/no"), by_a_task).unwrap_err();
        opens(&client, &door.url("/deep"), by_a_task).unwrap();
        let own = client.websocket(door.url("/")).header("cookie", "own=1").connect();
        drop(own.unwrap());
        let sent: Vec<_> = door.asked().iter().map(|it| header(it, "cookie").unwrap()).collect();
        let expected =
            ["before=0", "before=0; open=1", "two=2; before=0; open=1; refused=1", "own=1"];
        assert_eq!(sent, expected);
        assert_eq!(jar.all().len(), 4);
    }
}

#[test]
fn redirects_are_followed_as_the_policy_says_and_secrets_stay() {
    let far = open_door();
    let to = far.url("/there");
    let door = Door::new(move |request| {
        let location = |to: &str| format!("Location: {to}\r\n");
        match path(request) {
            "/near" => Reply::Shut("302 Found", location("/here?a=b")),
            "/far" => Reply::Shut("307 Temporary Redirect", location(&to)),
            "/by-http" => Reply::Shut("301 Moved", location(&to.replacen("ws:", "HTTP:", 1))),
            "/round" => Reply::Shut("303 See Other", location("/round")),
            "/other" => Reply::Shut("302 Found", location("ftp://127.0.0.1/")),
            "/with-a-user" => Reply::Shut("302 Found", location("ws://a:secret@127.0.0.1/")),
            _ => Reply::Open(String::new()),
        }
    });
    let plain = builder().build().unwrap();
    let client = builder().redirect(Redirect::limited(3)).build().unwrap();
    for by_a_task in [false, true] {
        let error = opens(&plain, &door.url("/near"), by_a_task).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Status, "{error}");
        assert_eq!(error.transfer().unwrap().status, Some(302));
        door.asked();

        let with_secrets = |path: &str| {
            let builder = client.websocket(door.url(path)).timeout(SOON).bearer_auth("secret");
            let builder = builder.header("cookie", "secret=1").header("x-id", 7);
            let builder = builder.subprotocol("chat");
            // None of these servers speaks it: it went out, and that is all.
            let error = if by_a_task {
                block_on(builder.connect_async()).unwrap_err()
            } else {
                builder.connect().unwrap_err()
            };
            assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
        };
        with_secrets("/near");
        let asked = door.asked();
        assert_eq!(asked.iter().map(|it| path(it)).collect::<Vec<_>>(), ["/near", "/here?a=b"]);
        assert_eq!(header(&asked[1], "authorization").as_deref(), Some("Bearer secret"));
        assert_ne!(header(&asked[0], "sec-websocket-key"), header(&asked[1], "sec-websocket-key"));
        for path in ["/far", "/by-http"] {
            with_secrets(path);
            let asked = far.asked();
            assert_eq!(asked.len(), 1);
            assert!(!asked[0].contains("secret"), "{}", asked[0]);
            assert_eq!(header(&asked[0], "x-id").as_deref(), Some("7"));
            assert_eq!(header(&asked[0], "sec-websocket-protocol").as_deref(), Some("chat"));
            assert_eq!(header(&asked[0], "host"), Some(far.address().to_string()));
        }
        door.asked();
        let error = opens(&client, &door.url("/round"), by_a_task).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Redirect, "{error}");
        assert_eq!(door.asked().len(), 4);
        for path in ["/other", "/with-a-user"] {
            let error = opens(&client, &door.url(path), by_a_task).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Redirect, "{error}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }
}

#[test]
fn a_closure_decides_about_redirects_and_may_panic() {
    let door = Door::new(|request| match path(request) {
        "/end" => Reply::Open(String::new()),
        other => Reply::Shut("302 Found", format!("X: {other}\r\nLocation: /end\r\n")),
    });
    let decide = Redirect::custom(|attempt| match attempt.from().path().unwrap().as_str() {
        "/stop" => RedirectAction::Stop,
        "/refuse" => RedirectAction::Refuse("not there".to_owned()),
        "/panic" => panic!("on purpose"),
        _ => RedirectAction::Follow,
    });
    let client = builder().redirect(decide).limits(Limits::new().total(1)).build().unwrap();
    for by_a_task in [false, true] {
        let failed = |path: &str| opens(&client, &door.url(path), by_a_task).unwrap_err();
        assert_eq!(failed("/stop").kind(), ErrorKind::Status);
        assert!(failed("/refuse").to_string().contains("not there"));
        assert_eq!(failed("/panic").kind(), ErrorKind::Panicked);
        opens(&client, &door.url("/go"), by_a_task).unwrap();
    }
}

#[test]
fn a_host_that_wants_tls_is_not_spoken_to_without() {
    let authority = Authority::new();
    let door =
        Door::new(|_| Reply::Open("Strict-Transport-Security: max-age=31536000\r\n".to_owned()));
    let front = TlsFront::before(door.address(), &authority);
    let port = front.url().rsplit_once(':').unwrap().1.parse().unwrap();
    for by_a_task in [false, true] {
        let hosts = Hsts::new();
        let client = builder()
            .tls(Tls::new().ca_pem(authority.pem()))
            .hsts(hosts.clone())
            .resolve("localhost", port, HERE)
            .build()
            .unwrap();
        let plain = format!("ws://localhost:{port}/plain");
        // Nothing but TLS is understood there.
        opens(&client, &plain, by_a_task).unwrap_err();
        assert!(door.asked().is_empty() && !hosts.contains("localhost"));
        opens(&client, &format!("wss://localhost:{port}/"), by_a_task).unwrap();
        assert!(hosts.contains("localhost"), "the answer said so");
        opens(&client, &plain, by_a_task).unwrap();
        let asked = door.asked();
        assert_eq!(asked.iter().map(|it| path(it)).collect::<Vec<_>>(), ["/", "/plain"]);
        // Without TLS nobody can say so.
        let open = builder().hsts(hosts.clone()).build().unwrap();
        opens(&open, &door.url("/"), by_a_task).unwrap();
        assert!(!hosts.contains("127.0.0.1"));
        door.asked();
    }
}

/// Writes down what it is told.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn add(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Observer for Log {
    fn request_started(&self, request: &Observed<'_>) {
        let path = request.url.rsplit_once('/').unwrap().1;
        self.add(format!("{} {path}", request.method));
    }

    fn attempt_started(&self, _: &Observed<'_>, number: u32) {
        self.add(format!("begin {number}"));
    }

    fn attempt_finished(&self, _: &Observed<'_>, attempt: &Attempt<'_>) {
        let status = attempt.status.map_or(0, |status| status.as_u16());
        let error = attempt.error.map(ffence::Error::kind);
        assert!(!attempt.timings.total.is_zero());
        if attempt.whole {
            assert!(!attempt.timings.connect.is_zero() && attempt.reused == Some(false));
            assert!(attempt.timings.first_byte >= attempt.timings.connect);
        }
        self.add(format!("end {}: {status} {error:?} {}", attempt.number, attempt.whole));
    }

    fn request_finished(&self, _: &Observed<'_>, attempts: u32, _: Duration) {
        self.add(format!("done {attempts}"));
    }
}

#[test]
fn who_watches_requests_is_told_of_the_handshake() {
    let door = Door::new(|request| match path(request) {
        "/on?secret" => Reply::Shut("302 Found", "Location: /open\r\n".to_owned()),
        "/no" => Reply::Shut("403 Forbidden", String::new()),
        _ => Reply::Open(String::new()),
    });
    let log = Log::default();
    let client = builder().observer(log.clone()).redirect(Redirect::limited(1)).build().unwrap();
    for by_a_task in [false, true] {
        opens(&client, &door.url("/on?secret"), by_a_task).unwrap();
        let expected = [
            "GET on",
            "begin 1",
            "end 1: 302 None true",
            "begin 2",
            "end 2: 101 None true",
            "done 2",
        ];
        assert_eq!(log.take(), expected);
        opens(&client, &door.url("/no"), by_a_task).unwrap_err();
        let expected = ["GET no", "begin 1", "end 1: 403 Some(Status) false", "done 1"];
        assert_eq!(log.take(), expected);
        opens(&client, "ws://127.0.0.1:1/x", by_a_task).unwrap_err();
        let expected = ["GET x", "begin 1", "end 1: 0 Some(Connect) false", "done 1"];
        assert_eq!(log.take(), expected);
    }
    // It is over when the WebSocket is open, not when that is.
    let socket = client.websocket(door.url("/open")).connect().unwrap();
    assert_eq!(log.take().last().unwrap(), "done 1");
    drop(socket);
    // One that is given up.
    let silent = Raw::silent();
    let mut opening = client.websocket(format!("{}open", at(&silent))).connect_async();
    assert!(poll_once(&mut opening).is_pending());
    drop(opening);
    assert_eq!(log.take(), ["GET open", "begin 1", "end 1: 0 None false", "done 1"]);
}

#[test]
fn a_client_that_is_closed_ends_what_threads_and_tasks_have() {
    let server = Echo::start();
    let client = builder().build().unwrap();
    let mut by_task = block_on(client.websocket(server.url("/echo")).connect_async()).unwrap();
    let mut idle = client.websocket(server.url("/echo")).connect().unwrap();
    let mut used = client.websocket(server.url("/echo")).connect().unwrap();
    used.send("before").unwrap();
    assert_eq!(used.recv().unwrap(), Some(Message::text("before")));
    // One that waits for a message which never comes.
    let waiting = std::thread::spawn(move || used.recv().unwrap_err().kind());
    client.close_blocking().unwrap();
    assert_eq!(waiting.join().unwrap(), ErrorKind::Cancelled);
    assert_eq!(block_on(by_task.recv()).unwrap_err().kind(), ErrorKind::Cancelled);
    assert_eq!(idle.send("after").unwrap_err().kind(), ErrorKind::Cancelled);
    for by_a_task in [false, true] {
        let error = opens(&client, &server.url("/echo"), by_a_task).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Closed);
    }
}
