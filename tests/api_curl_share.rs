//! Data that handles use together.
#![cfg(feature = "http")]

mod common;

use std::thread;

use common::server::{Authority, Server};
use common::transfers::{Body, drive, get};
use ffence::capabilities::Version;
use ffence::curl::{Easy, List, LocalShare, Multi, Session, Share, option};
use ffence::{ErrorKind, Result};

fn libcurl() -> Version {
    ffence::capabilities().unwrap().libcurl().number()
}

/// A server's URL by a name that only those know who were told, or who share what others know.
fn by_name(url: &str) -> String {
    url.replace("127.0.0.1", "known.invalid")
}

/// A handle that knows the name.
fn knowing(url: &str) -> Easy<Body> {
    let mut easy = get(&by_name(url), Body::default());
    let port = url.split(':').nth(2).unwrap().split('/').next().unwrap();
    let mut addresses = List::new();
    addresses.push(&format!("known.invalid:{port}:127.0.0.1")).unwrap();
    easy.set(option::Resolve(addresses)).unwrap();
    easy
}

#[test]
fn what_one_thread_resolved_the_others_know() {
    let server = Server::plain();
    let url = server.url("/bytes/10");
    let share = Share::builder().names().build().unwrap();
    let mut easy = knowing(&url);
    easy.share(&share).unwrap();
    easy.perform().unwrap();
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let (share, url) = (share.clone(), by_name(&url));
            thread::spawn(move || {
                let mut easy = get(&url, Body::default());
                easy.share(&share).unwrap();
                easy.perform().unwrap();
                easy
            })
        })
        .collect();
    for thread in threads {
        // A handle goes to other threads with its share.
        let mut easy = thread.join().unwrap();
        easy.perform().unwrap();
        assert_eq!(easy.handler().0.len(), 20);
    }
    // Who left the share knows nothing any more.
    let mut easy = get(&by_name(&url), Body::default());
    easy.share(&share).unwrap();
    easy.share(None).unwrap();
    assert_eq!(easy.perform().unwrap_err().kind(), ErrorKind::ResolveName);
}

#[test]
fn a_handle_keeps_its_share_alive() {
    let server = Server::plain();
    let share = Share::builder().names().build().unwrap();
    let mut easy = knowing(&server.url("/bytes/10"));
    easy.share(&share).unwrap();
    drop(share);
    easy.perform().unwrap();
    // Into another share: the old one goes.
    easy.share(&Share::builder().names().build().unwrap()).unwrap();
    easy.perform().unwrap();
    easy.reset().unwrap();
    easy.set(option::Url(&server.url("/bytes/10"))).unwrap();
    easy.perform().unwrap();
    assert_eq!(easy.into_handler().0.len(), 30);
}

#[test]
fn a_share_that_nobody_uses_goes_quietly() {
    drop(Share::builder().build().unwrap());
    drop(Share::builder().names().build().unwrap().clone());
    drop(LocalShare::builder().cookies().connections().build().unwrap());
}

#[test]
fn what_is_not_safe_across_threads_here_names_the_version_where_it_is() {
    let outcome = Share::builder().tls_sessions().build();
    if libcurl() >= Version::new(8, 12, 1) {
        outcome.unwrap();
    } else {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains("8.12.1"), "{error}");
    }
    // On one thread it always is.
    LocalShare::builder().tls_sessions().build().unwrap();
}

#[test]
fn every_kind_is_shared_or_said_not_to_be() {
    let builder = LocalShare::builder;
    for (builder, name) in [
        (builder().cookies(), "cookies"),
        (builder().names(), "names"),
        (builder().tls_sessions(), "TLS sessions"),
        (builder().connections(), "connections"),
        (builder().public_suffixes(), "public suffixes"),
        (builder().hsts(), "HSTS"),
    ] {
        match builder.build() {
            Ok(share) => assert_eq!(format!("{share:?}"), format!("LocalShare([{name:?}])")),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Unsupported);
                assert!(error.to_string().contains(name), "{error}");
            }
        }
    }
}

#[test]
fn cookies_are_shared_on_one_thread() {
    let server = Server::plain();
    let share = LocalShare::builder().cookies().build().unwrap();
    let mut first = share.easy(Body::default()).unwrap();
    first.set(option::Url(&server.url("/cookie/1"))).unwrap().set(option::CookieFile("")).unwrap();
    first.perform().unwrap();
    let mut second = share.easy(Body::default()).unwrap();
    second.set(option::Url(&server.url("/echo"))).unwrap().set(option::CookieFile("")).unwrap();
    drop((first, share));
    second.perform().unwrap();
    let sent = String::from_utf8(second.into_handler().0).unwrap();
    assert!(sent.contains("cookie: name=value"), "{sent}");
}

#[test]
fn connections_are_shared_on_one_thread() {
    let server = Server::plain();
    let share = LocalShare::builder().connections().names().build().unwrap();
    for _ in 0..3 {
        let mut easy = share.easy(Body::default()).unwrap();
        easy.set(option::Url(&server.url("/bytes/10"))).unwrap();
        easy.perform().unwrap();
    }
    assert_eq!(server.connections(), 1);
    // Handles of a multi as well; and the multi goes before the connections do.
    let multis = [
        Multi::new().unwrap(),
        #[cfg(target_os = "linux")]
        Multi::event_driven().unwrap(),
    ];
    for mut multi in multis {
        for _ in 0..3 {
            let mut easy = share.easy(Body::default()).unwrap();
            easy.set(option::Url(&server.url("/bytes/10"))).unwrap();
            multi.add(easy).unwrap();
        }
        let done = drive(&mut multi);
        assert!(done.len() == 3 && done.values().all(Result::is_ok));
    }
    let mut easy = share.easy(Body::default()).unwrap();
    easy.set(option::Url(&server.url("/bytes/10"))).unwrap();
    easy.perform().unwrap();
}

#[test]
fn tls_works_through_a_share_of_everything() {
    let authority = Authority::new();
    let server = Server::tls(&authority);
    let share = LocalShare::builder().cookies().names().tls_sessions().connections();
    let share = share.build().unwrap();
    for _ in 0..2 {
        let mut easy = share.easy(Body::default()).unwrap();
        easy.set(option::CaInfoBlob(authority.pem().as_bytes())).unwrap();
        easy.set(option::Url(&server.url("/cookie/100"))).unwrap();
        easy.perform().unwrap();
        assert_eq!(easy.into_handler().0.len(), 100);
    }
}

#[test]
fn handles_of_a_multi_share_what_they_learn() {
    let server = Server::plain();
    let url = server.url("/bytes/10");
    let share = Share::builder().names().build().unwrap();
    let mut teacher = knowing(&url);
    teacher.share(&share).unwrap();
    teacher.perform().unwrap();
    let mut multi = Multi::new().unwrap();
    for _ in 0..4 {
        let mut easy = get(&by_name(&url), Body::default());
        easy.share(&share).unwrap();
        multi.add(easy).unwrap();
    }
    drop(share);
    let done = drive(&mut multi);
    assert!(done.len() == 4 && done.values().all(Result::is_ok));
}

#[test]
fn sessions_go_to_another_share_or_are_said_not_to() {
    let authority = Authority::new();
    let server = Server::tls_1_2(&authority);
    let share = LocalShare::builder().tls_sessions().build().unwrap();
    let mut easy = share.easy(Body::default()).unwrap();
    easy.set(option::CaInfoBlob(authority.pem().as_bytes())).unwrap();
    easy.set(option::Url(&server.url("/bytes/1"))).unwrap();
    easy.perform().unwrap();
    let sessions = match share.export_sessions() {
        Ok(sessions) => sessions,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
            let import = LocalShare::builder().tls_sessions();
            let import = import.import([Session::from_parts([0; 64], b"nothing")]);
            assert_eq!(import.build().unwrap_err().kind(), ErrorKind::Unsupported);
            return;
        }
    };
    assert!(!sessions.is_empty(), "the handshake left a session");
    let stored: Vec<_> = sessions
        .iter()
        .map(|session| (session.salted_hash().to_vec(), session.data().to_vec()))
        .collect();
    let again =
        stored.iter().map(|(hash, data)| Session::from_parts(hash.as_slice(), data.as_slice()));
    let second = Share::builder().tls_sessions().import(again).build().unwrap();
    let back = second.export_sessions().unwrap();
    assert_eq!(back.len(), sessions.len());
    assert!(back.iter().all(|it| stored.iter().any(|(_, data)| data == it.data())));
    // What is no session is refused, and harms nobody.
    for (hash, data) in [(&[0; 64][..], &b"nothing"[..]), (b"short", &stored[0].1), (&[], &[])] {
        let wrong = Share::builder().tls_sessions().import([Session::from_parts(hash, data)]);
        assert_eq!(wrong.build().unwrap_err().kind(), ErrorKind::Malformed);
    }
}
