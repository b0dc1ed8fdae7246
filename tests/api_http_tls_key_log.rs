//! The secrets of connections, for whoever asked for them.

#![cfg(all(feature = "http", feature = "crypto"))]

mod common;

use std::sync::{Arc, Mutex};

use common::executor::block_on;
use common::server::{Authority, Server};
use ffence::ErrorKind;
use ffence::capabilities::SharedLibcrypto;
use ffence::curl::{Callbacks, Easy, Flow, Handler, TlsContext, option};
use ffence::http::{Client, KeyLog, Tls};

/// Whether there can be one here; elsewhere building says so.
fn can() -> bool {
    let shared = ffence::capabilities().unwrap().shared_libcrypto() == SharedLibcrypto::Yes;
    if !shared {
        let tls = Tls::new().key_log(KeyLog::new(|_| ()));
        let error = Client::builder().tls(tls).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }
    shared
}

fn client(authority: &Authority, log: KeyLog) -> Client {
    Client::builder().tls(Tls::new().ca_pem(authority.pem()).key_log(log)).build().unwrap()
}

/// A line is a label, 32 random bytes of the client's, and a secret, in hexadecimal.
fn is_line(line: &str) -> bool {
    let parts: Vec<_> = line.split(' ').collect();
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    matches!(*parts, [label, random, secret] if !label.is_empty()
        && random.len() == 64 && is_hex(random)
        && secret.len() >= 64 && is_hex(secret))
}

#[test]
fn every_connection_tells_its_secrets() {
    if !can() {
        return;
    }
    let authority = Authority::new();
    for (server, labels) in [
        (Server::tls(&authority), ["CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"]),
        (Server::tls_1_2(&authority), ["CLIENT_RANDOM", "CLIENT_RANDOM"]),
    ] {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&lines);
        let log = KeyLog::new(move |line| told.lock().unwrap().push(line.to_owned()));
        let client = client(&authority, log);
        for waited in [false, true] {
            let request = client.get(server.url("/bytes/10"));
            if waited {
                block_on(request.send_async()).unwrap();
            } else {
                request.send().unwrap();
            }
            let lines = std::mem::take(&mut *lines.lock().unwrap());
            assert!(lines.iter().all(|line| is_line(line)), "{lines:?}");
            for label in labels {
                assert!(lines.iter().any(|line| line.starts_with(label)), "{label}: {lines:?}");
            }
        }
    }
}

#[test]
fn a_file_is_added_to_and_is_its_owners_alone() {
    if !can() {
        return;
    }
    let authority = Authority::new();
    let server = Server::tls(&authority);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.log");
    let mut before = 0;
    for _ in 0..2 {
        let client = client(&authority, KeyLog::to_file(&path).unwrap());
        client.get(server.url("/bytes/10")).send().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.ends_with('\n') && text.lines().all(is_line), "{text}");
        assert!(text.lines().count() > before);
        before = text.lines().count();
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let error = KeyLog::to_file(folder.path()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::System, "{error}");
    assert!(error.to_string().contains(folder.path().to_str().unwrap()), "{error}");
}

#[test]
fn nobody_else_tells() {
    if !can() {
        return;
    }
    let authority = Authority::new();
    let server = Server::tls(&authority);
    let told = Arc::new(Mutex::new(0));
    let counts = Arc::clone(&told);
    let logging = client(&authority, KeyLog::new(move |_| *counts.lock().unwrap() += 1));
    logging.get(server.url("/bytes/10")).send().unwrap();
    let before = *told.lock().unwrap();
    assert!(before > 0);
    let silent = Tls::new().ca_pem(authority.pem());
    let silent = Client::builder().tls(silent).build().unwrap();
    silent.get(server.url("/bytes/10")).send().unwrap();
    assert_eq!(*told.lock().unwrap(), before);
}

#[test]
fn a_panic_in_it_is_the_error_of_its_transfer_and_of_no_other() {
    if !can() {
        return;
    }
    let authority = Authority::new();
    let server = Server::tls(&authority);
    let url = server.url("/bytes/10");
    let panics = Arc::new(Mutex::new(true));
    let still = Arc::clone(&panics);
    let log = KeyLog::new(move |_| {
        let panics = *still.lock().unwrap();
        assert!(!panics, "in the key log");
    });
    let bad = client(&authority, log);
    let good = client(&authority, KeyLog::new(|_| ()));
    for waited in [false, true] {
        let send = |client: &Client| {
            if waited { block_on(client.get(&url).send_async()) } else { client.get(&url).send() }
        };
        *panics.lock().unwrap() = true;
        let error = send(&bad).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Panicked, "{error}");
        assert!(error.to_string().contains("in the key log"), "{error}");
        assert_eq!(send(&good).unwrap().body().len(), 10);
        *panics.lock().unwrap() = false;
        assert_eq!(send(&bad).unwrap().body().len(), 10);
    }
}

/// The expert layer's handles, whose connections outlive them in a multi.
#[test]
fn a_connection_keeps_the_log_of_a_handle_that_is_gone() {
    struct Logs(KeyLog, Vec<u8>);
    impl Handler for Logs {
        const CALLBACKS: Callbacks = Callbacks::TLS_CONTEXT;
        fn tls_context(&mut self, context: &mut TlsContext<'_>) -> Flow {
            let set = context.trust_only([&self.1]).and_then(|()| context.key_log(&self.0));
            if set.is_ok() { Flow::Continue } else { Flow::Stop }
        }
    }
    if !can() {
        return;
    }
    let authority = Authority::new();
    let server = Server::tls(&authority);
    let alive = Arc::new(());
    for mut multi in common::transfers::engines() {
        for _ in 0..3 {
            let mine = Arc::clone(&alive);
            let log = KeyLog::new(move |_| drop(Arc::clone(&mine)));
            let easy = Easy::with(Logs(log, authority.pem().as_bytes().to_vec()));
            let mut easy = easy.unwrap();
            easy.set(option::Url(server.url("/bytes/10"))).unwrap();
            easy.set(option::NoProxy("*")).unwrap();
            let (easy, outcome) = common::transfers::one(&mut multi, easy);
            outcome.unwrap();
            drop(easy);
        }
        drop(multi);
        assert_eq!(Arc::strong_count(&alive), 1, "the contexts are freed, and the logs with them");
    }
}
