//! What single protocols call back (RTSP, FTP patterns, HSTS): what each is told, what its answer does,
//! and that a panic in it is its own transfer's: alone and in a multi, at the first call and at a later
//! one.
#![cfg(all(feature = "http", unix))]

mod common;

use std::io::{Read as _, Write as _};
use std::time::{Duration, SystemTime};

use common::nginx::Nginx;
use common::program::Program;
use common::protocols::{At, Log, goes_off, speaks};
use common::raw::Raw;
use common::server::{Server, bytes};
use common::services;
use common::transfers::{drive, engines};
use ffence::curl::option::value::{HstsCtrl, RtspRequest};
use ffence::curl::{Callbacks, Easy, Flow, Handler, HstsEntry, List, Write, option};

/// Answers each request of RTSP; before the answer to `PLAY` come two packets.
fn rtsp() -> Raw {
    Raw::with(|mut stream| {
        let mut text = Vec::new();
        let mut piece = [0; 1024];
        loop {
            while let Some(end) = text.windows(4).position(|it| it == b"\r\n\r\n") {
                let request = String::from_utf8_lossy(&text[..end]).into_owned();
                text.drain(..end + 4);
                let number = request.lines().find(|line| line.starts_with("CSeq: ")).unwrap();
                let head = format!("RTSP/1.0 200 OK\r\n{number}\r\nSession: 7\r\n");
                let packets = b"$\0\0\x04RTP1$\0\0\x04RTP2".as_slice();
                let answer = match request.split(' ').next().unwrap() {
                    "SETUP" => {
                        let transport = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1";
                        format!("{head}{transport}\r\n\r\n").into_bytes()
                    }
                    "PLAY" => [packets, format!("{head}\r\n").as_bytes()].concat(),
                    _ => format!("{head}\r\n").into_bytes(),
                };
                if stream.write_all(&answer).is_err() {
                    return;
                }
            }
            match stream.read(&mut piece) {
                Ok(len) if len > 0 => text.extend_from_slice(&piece[..len]),
                _ => return,
            }
        }
    })
}

/// A session was set up, and the next request plays.
fn plays(easy: &mut Easy<Log>, server: &Raw) {
    let url = format!("rtsp://{}/stream", server.address());
    easy.set(option::Url(&url)).unwrap().set(option::RtspStreamUri(&url)).unwrap();
    easy.set(option::RtspTransport("RTP/AVP/TCP;unicast;interleaved=0-1")).unwrap();
    easy.set(option::RtspRequest(RtspRequest::Setup)).unwrap();
    easy.perform().unwrap();
    easy.set(option::RtspRequest(RtspRequest::Play)).unwrap();
}

#[test]
fn packets_within_rtsp_are_told_apart() {
    if !speaks("rtsp") {
        return;
    }
    let server = rtsp();
    let mut easy = Easy::with(Log::new()).unwrap();
    plays(&mut easy, &server);
    easy.perform().unwrap();
    assert_eq!(easy.handler().said, "RTP1;RTP2;");
    for survives in [0, 1] {
        goes_off(At::Interleaved, survives, |easy| plays(easy, &server));
    }
}

/// Three files that match `*.txt`, one of which is skipped, and one that does not.
fn files() -> Option<(Program, String)> {
    let (server, url) = services::ftp()?;
    for (name, text) in [("a.txt", "first"), ("b-skip.txt", "x"), ("c.txt", "third"), ("d", "x")] {
        std::fs::write(server.folder().join("files").join(name), text).unwrap();
    }
    Some((server, url))
}

#[test]
fn files_of_a_pattern_are_told_one_by_one() {
    if !speaks("ftp") {
        return;
    }
    let Some((_server, url)) = files() else { return };
    let prepare = |easy: &mut Easy<Log>| {
        easy.set(option::Url(format!("{url}/*.txt"))).unwrap();
        easy.set(option::WildcardMatch(true)).unwrap();
    };
    let mut easy = Easy::with(Log::new()).unwrap();
    easy.set(option::NoProxy("*")).unwrap();
    prepare(&mut easy);
    easy.perform().unwrap();
    let said = &easy.handler().said;
    for file in ["a.txt 5 ", "b-skip.txt 1 ", "c.txt 5 "] {
        assert!(said.contains(file), "{said}");
    }
    assert!(!said.contains("d 1"), "{said}");
    let remaining: Vec<_> =
        said.split(';').filter_map(|it| it.rsplit(' ').next()?.parse::<u32>().ok()).collect();
    assert_eq!(remaining, [2, 1, 0].map(|count| count + remaining[2]), "they are counted down");
    let body = String::from_utf8_lossy(&easy.handler().body);
    assert!(["firstthird", "thirdfirst"].contains(&&*body), "{body}");

    for (at, survives) in
        [(At::FileBegins, 0), (At::FileBegins, 2), (At::FileEnds, 0), (At::FileEnds, 1)]
    {
        goes_off(at, survives, prepare);
    }
}

/// libcurl has a function of its own in the place of ours while it reads the list of files; what an
/// interrupted handle receives next must not go there.
#[test]
fn a_handle_whose_pattern_was_interrupted_takes_bodies_as_before() {
    /// Gives up when the list is about to come.
    struct Stops(bool, Vec<u8>);

    impl Handler for Stops {
        const CALLBACKS: Callbacks = Callbacks::HEADER.and(Callbacks::WRITE);

        fn header(&mut self, line: &[u8]) -> Flow {
            if self.0 && (line.starts_with(b"150") || line.starts_with(b"125")) {
                return Flow::Stop;
            }
            Flow::Continue
        }

        fn write(&mut self, bytes: &[u8]) -> Write {
            self.1.extend_from_slice(bytes);
            Write::Taken
        }
    }

    if !speaks("ftp") {
        return;
    }
    let Some((_server, url)) = files() else { return };
    let server = Server::plain();
    let prepared = || {
        let mut easy = Easy::with(Stops(true, Vec::new())).unwrap();
        easy.set(option::NoProxy("*")).unwrap();
        easy.set(option::Url(format!("{url}/*.txt"))).unwrap();
        easy.set(option::WildcardMatch(true)).unwrap();
        easy
    };
    let then = |easy: &mut Easy<Stops>| {
        easy.handler_mut().0 = false;
        easy.set(option::WildcardMatch(false)).unwrap();
        easy.set(option::Url(server.url("/bytes/5000"))).unwrap();
    };
    // The same pattern again.
    let mut easy = prepared();
    easy.perform().unwrap_err();
    easy.handler_mut().0 = false;
    easy.perform().unwrap();
    assert_eq!(easy.handler().1.len(), "first".len() + "x".len() + "third".len());

    // Or something else.
    let mut easy = prepared();
    easy.perform().unwrap_err();
    then(&mut easy);
    easy.perform().unwrap();
    assert!(easy.handler().1 == bytes(5000));

    for mut multi in engines() {
        let id = multi.add(prepared()).unwrap();
        assert!(drive(&mut multi)[&id].is_err());
        let mut easy = multi.remove(id).unwrap();
        then(&mut easy);
        let id = multi.add(easy).unwrap();
        assert!(drive(&mut multi)[&id].is_ok());
        assert!(multi.remove(id).unwrap().into_handler().1 == bytes(5000));
    }
}

#[test]
fn hosts_that_want_https_come_from_the_handler_and_go_back_to_it() {
    // A handle of this handler's needs them all.
    if !["rtsp", "ftp", "sftp"].into_iter().all(speaks) {
        return;
    }
    let Some(nginx) = Nginx::start() else { return };
    let host = format!("named.example:{}", nginx.tls_port());
    let in_a_day = SystemTime::now() + Duration::from_secs(24 * 60 * 60);
    let entry = |host: &str, expires: Option<SystemTime>| HstsEntry {
        host: host.to_owned(),
        include_subdomains: expires.is_some(),
        expires,
    };
    let prepare = |easy: &mut Easy<Log>| {
        let mut names = List::new();
        names.push(&format!("{host}:127.0.0.1")).unwrap();
        easy.set(option::Resolve(names)).unwrap();
        easy.set(option::CaInfoBlob(nginx.authority().pem().as_bytes())).unwrap();
        easy.set(option::Url(format!("http://{host}/files/small"))).unwrap();
        easy.set(option::HstsCtrl(HstsCtrl::ENABLE)).unwrap();
        easy.handler_mut().hosts = vec![entry("other.example", Some(in_a_day))];
        easy.handler_mut().hosts.push(entry("named.example", None));
    };
    let mut easy = Easy::with(Log::new()).unwrap();
    easy.set(option::NoProxy("*")).unwrap();
    prepare(&mut easy);
    easy.perform().unwrap();
    assert_eq!(easy.handler().body, b"small\n", "without TLS this port answers 400");
    assert!(easy.handler().stored.is_empty(), "the handle is open");
    let stored = easy.into_handler().stored;
    assert_eq!(stored.len(), 2, "{stored:?}");
    assert!(stored.contains(&entry("named.example", None)), "{stored:?}");
    let other = stored.iter().find(|it| it.host == "other.example").unwrap();
    assert!(other.include_subdomains);
    let difference = in_a_day.duration_since(other.expires.unwrap()).unwrap();
    assert!(difference < Duration::from_secs(1), "to the second: {difference:?}");

    // What is no host's name gives the transfer up.
    for name in ["", "a\0b", &"x".repeat(256)] {
        let mut easy = Easy::with(Log::new()).unwrap();
        prepare(&mut easy);
        easy.handler_mut().hosts.push(entry(name, None));
        assert_eq!(easy.perform().unwrap_err().code(), Some(42)); // CURLE_ABORTED_BY_CALLBACK
    }
    for survives in [0, 1] {
        goes_off(At::HstsLoad, survives, prepare);
    }
    // Nobody is there to be told of it; it goes no further.
    for survives in [0, 1] {
        let storing = || {
            let mut easy = Easy::with(Log::panicking(At::HstsStore, survives)).unwrap();
            easy.set(option::NoProxy("*")).unwrap();
            prepare(&mut easy);
            easy
        };
        let stored = usize::try_from(survives).unwrap();
        let mut easy = storing();
        easy.perform().unwrap();
        assert_eq!(easy.into_handler().stored.len(), stored);

        let server = Server::plain();
        for mut multi in engines() {
            let storing = multi.add(storing()).unwrap();
            let mut other = Easy::with(Log::new()).unwrap();
            other.set(option::Url(server.url("/bytes/200000"))).unwrap();
            let other = multi.add(other).unwrap();
            let done = drive(&mut multi);
            assert!(done[&storing].is_ok() && done[&other].is_ok(), "{done:?}");
            // Closes it, with the other one still there.
            assert_eq!(multi.remove(storing).unwrap().into_handler().stored.len(), stored);
            assert!(multi.remove(other).unwrap().into_handler().body == bytes(200_000));
        }
    }
}
