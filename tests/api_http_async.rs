//! Requests that are waited for by tasks, on any executor.

#![cfg(feature = "http")]

mod common;

use std::sync::Arc;
use std::thread;

use common::executor::{block_on, poll_once};
use common::phases::{Held, Until};
use common::server::{Authority, Server, bytes};
use ffence::ErrorKind;
use ffence::http::{Body, BodyReader, CancelHandle, Client, Limits, RequestBody, Sending, Tls};
use http::{StatusCode, Version};

/// A server for each version of HTTP, and a client that trusts it.
fn both_versions() -> [(Server, Client, Version); 2] {
    let authority = Authority::new();
    let trusting = Client::builder().tls(Tls::new().ca_pem(authority.pem()));
    [
        (Server::plain(), Client::new().unwrap(), Version::HTTP_11),
        (Server::tls(&authority), trusting.build().unwrap(), Version::HTTP_2),
    ]
}

#[test]
fn what_is_async_goes_everywhere() {
    fn everywhere<T: Send + Sync + 'static>() {}
    fn to_another_thread<T: Send + 'static>() {}
    everywhere::<CancelHandle>();
    to_another_thread::<Sending<Vec<u8>>>();
    to_another_thread::<Sending<Body>>();
    to_another_thread::<Body>();
    to_another_thread::<BodyReader>();
    to_another_thread::<RequestBody>();
}

#[test]
fn a_response_is_waited_for_by_any_executor() {
    for (server, client, version) in both_versions() {
        let get = || client.get(server.url("/bytes/3000")).send_async();
        let check = |response: ffence::http::Response<Vec<u8>>| {
            assert_eq!(response.status(), StatusCode::OK);
            assert_eq!(response.version(), version);
            assert_eq!(response.headers()["content-length"], "3000");
            assert!(*response.body() == bytes(3000));
            let timings = response.timings();
            assert!(timings.request <= timings.first_byte, "{timings:?}");
            assert!(timings.first_byte <= timings.total, "{timings:?}");
        };
        check(block_on(get()).unwrap());
        let one = tokio::runtime::Builder::new_current_thread().build().unwrap();
        check(one.block_on(get()).unwrap());
        let many = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        check(many.block_on(async { tokio::spawn(get()).await.unwrap() }).unwrap());
        assert_eq!(server.connections(), 1, "they share the driver's connection");
    }
}

#[test]
fn many_at_once_on_one_driver_each_with_its_own_bytes() {
    const TASKS: usize = 100;
    for (server, client, version) in both_versions() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let tasks: Vec<_> = (0..TASKS)
                .map(|task| {
                    let len = task * 997;
                    let get = client.get(server.url(&format!("/bytes/{len}"))).send_async();
                    let post = client.post(server.url("/echo")).body(bytes(len)).send_async();
                    tokio::spawn(async move {
                        assert!(get.await.unwrap().into_body() == bytes(len), "{len} bytes");
                        assert!(post.await.unwrap().into_body().ends_with(&bytes(len)));
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
        });
        if version == Version::HTTP_2 {
            assert_eq!(server.connections(), 1, "all are streams of one connection");
        }
    }
}

#[test]
fn hosts_are_spread_over_the_drivers_and_keep_theirs() {
    let servers: Vec<_> = (0..4).map(|_| Server::plain()).collect();
    let client = Client::builder().drivers(3).build().unwrap();
    for _ in 0..3 {
        for server in &servers {
            let response = block_on(client.get(server.url("/bytes/10")).send_async()).unwrap();
            assert_eq!(response.into_body(), bytes(10));
        }
    }
    for server in &servers {
        assert_eq!(server.connections(), 1);
    }
    block_on(client.close()).unwrap();
}

#[test]
fn every_refusal_comes_before_anything_is_sent() {
    let server = Server::plain();
    let client = Client::new().unwrap();
    for (request, kind) in [
        (client.get("no scheme"), ErrorKind::InvalidRequest),
        (client.get("ftp://127.0.0.1/"), ErrorKind::InvalidRequest),
        (client.get(server.url("/")).header("x y", "1"), ErrorKind::InvalidRequest),
        (client.get(server.url("/\0")), ErrorKind::InteriorNul),
    ] {
        assert_eq!(block_on(request.send_async()).unwrap_err().kind(), kind);
    }
    assert_eq!(server.connections(), 0);
    block_on(client.get(server.url("/bytes/1")).send_async()).unwrap();
}

#[test]
fn a_failure_is_that_of_its_own_request() {
    for (server, client, _) in both_versions() {
        let broken = client.get(server.url("/break/5000")).send_async();
        let good = client.get(server.url("/bytes/5000")).send_async();
        let (broken, good) = (block_on(broken), block_on(good));
        let error = broken.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TruncatedBody, "{error}");
        assert_eq!(error.transfer().unwrap().received, 5000);
        assert!(good.unwrap().into_body() == bytes(5000));
    }
}

#[test]
fn a_closure_takes_the_body_on_the_driver() {
    for (server, client, _) in both_versions() {
        let (send, receive) = std::sync::mpsc::channel();
        let take = move |bytes: &[u8]| send.send(bytes.to_vec()).map_err(std::io::Error::other);
        let request = client.get(server.url("/bytes/300000"));
        let response = block_on(request.send_async_to(take)).unwrap();
        assert_eq!(*response.body(), 300_000);
        assert!(receive.iter().flatten().eq(bytes(300_000)));

        let fail = |_: &[u8]| Err(std::io::Error::other("the disk is full"));
        let request = client.get(server.url("/bytes/300000"));
        let error = block_on(request.send_async_to(fail)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Sink);

        let request = client.get(server.url("/bytes/300000"));
        let error = block_on(request.send_async_to(|_| panic!("in the sink"))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Panicked);
        block_on(client.get(server.url("/bytes/1")).send_async()).unwrap();
    }
}

/// The future and the body hang on the drivers as a client does.
#[test]
fn a_request_outlives_the_client_that_it_was_made_with() {
    for (server, client, _) in both_versions() {
        let request = client.get(server.url("/bytes/3000000")).open_async();
        drop(client);
        let response = block_on(request).unwrap();
        let body = block_on(response.into_body().bytes()).unwrap();
        assert!(body == bytes(3_000_000));
    }
}

#[test]
fn the_last_client_can_be_dropped_on_an_executor_and_waits_for_nobody() {
    let held = Held::new(Until::FirstByte);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let client = Client::new().unwrap();
        let mut sending = client.get(held.url()).send_async();
        assert!(poll_once(&mut sending).is_pending());
        held.wait_until_reached();
        drop(sending);
        drop(client);
    });
    held.wait_until_gone();
}

#[test]
fn closing_gives_up_what_is_on_its_way_and_waits() {
    let server = Server::plain();
    for blocking in [false, true] {
        let held = Held::new(Until::FirstByte);
        let client = Client::new().unwrap();
        let mut sending = client.get(held.url()).send_async();
        assert!(poll_once(&mut sending).is_pending());
        held.wait_until_reached();
        if blocking {
            client.close_blocking().unwrap();
        } else {
            block_on(client.close()).unwrap();
        }
        held.wait_until_gone();
        assert_eq!(block_on(sending).unwrap_err().kind(), ErrorKind::Cancelled);
        let url = server.url("/bytes/1");
        let clone = client.clone();
        assert_eq!(clone.get(&url).send().unwrap_err().kind(), ErrorKind::Closed);
        assert_eq!(block_on(clone.get(&url).send_async()).unwrap_err().kind(), ErrorKind::Closed);
        client.close_blocking().unwrap();
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_sink_that_would_wait_for_its_own_driver_is_told_so() {
    let server = Server::plain();
    let client = Client::new().unwrap();
    let inside = client.clone();
    let (send, receive) = std::sync::mpsc::channel();
    let take = move |_: &[u8]| {
        let _ = send.send(inside.close_blocking().unwrap_err().kind());
        Ok(())
    };
    let outcome = block_on(client.get(server.url("/bytes/10")).send_async_to(take));
    assert_eq!(receive.recv().unwrap(), ErrorKind::Reentrant);
    // It was closed in the middle of its own body, whose end may have been there already.
    assert!(outcome.is_ok_and(|it| *it.body() == 10) || client.get("http://a/").send().is_err());
}

#[test]
fn limits_hold_for_blocking_and_asynchronous_requests_together() {
    let held = Held::new(Until::FirstByte);
    let server = Server::plain();
    let client = Client::builder().limits(Limits::new().per_host(1).total(2)).build().unwrap();
    let mut first = client.get(held.url()).send_async();
    assert!(poll_once(&mut first).is_pending());
    held.wait_until_reached();
    // The host is full: these two wait, one of each kind, and another host does not.
    let mut second = client.get(held.url()).send_async();
    assert!(poll_once(&mut second).is_pending());
    let cancel = CancelHandle::new();
    thread::scope(|scope| {
        let third = scope.spawn(|| client.get(held.url()).cancel_with(&cancel).send());
        let other = client.get(server.url("/bytes/10")).send().unwrap();
        assert_eq!(other.into_body(), bytes(10));
        assert!(poll_once(&mut second).is_pending());
        // The first gives its place to the second.
        drop(first);
        held.wait_until_gone();
        let polling = scope.spawn(move || block_on(second));
        held.wait_until_reached();
        cancel.cancel();
        assert_eq!(third.join().unwrap().unwrap_err().kind(), ErrorKind::Cancelled);
        block_on(client.close()).unwrap();
        assert_eq!(polling.join().unwrap().unwrap_err().kind(), ErrorKind::Cancelled);
    });
}

#[test]
fn a_request_that_waits_for_its_turn_still_has_its_limit() {
    use ffence::http::TimeLimit;
    use std::time::Duration;

    let held = Held::new(Until::FirstByte);
    let client = Client::builder().limits(Limits::new().total(1)).build().unwrap();
    let mut first = client.get(held.url()).send_async();
    assert!(poll_once(&mut first).is_pending());
    held.wait_until_reached();
    let limit = Duration::from_millis(50);
    let request = || client.get(held.url()).timeout(limit);
    for error in [request().send().unwrap_err(), block_on(request().send_async()).unwrap_err()] {
        assert!(error.is_timeout(), "{error}");
        assert_eq!(error.time_limit(), Some(TimeLimit::Total));
        assert!(error.transfer().unwrap().timings.queue >= limit, "{error:?}");
    }
    drop(first);
}

/// A waker that panics, and one that drops the last client, on the driver's own thread.
#[test]
fn whatever_a_waker_does_the_others_go_on() {
    use std::future::Future as _;
    use std::pin::Pin;
    use std::task::{Context, Wake, Waker};

    struct Panics;
    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            panic!("in the waker");
        }
    }

    struct Drops(#[allow(dead_code)] std::sync::Mutex<Option<Client>>, std::sync::mpsc::Sender<()>);
    impl Wake for Drops {
        fn wake(self: Arc<Self>) {
            let client = self.0.lock().unwrap().take();
            drop(client);
            let _ = self.1.send(());
        }
    }
    let server = Server::plain();
    let client = Client::new().unwrap();
    let waker = Waker::from(Arc::new(Panics));
    let mut sending = client.get(server.url("/bytes/10")).send_async();
    let first = Pin::new(&mut sending).poll(&mut Context::from_waker(&waker));
    // Whether the response was there at once or the waker was called: the driver lives.
    let response = block_on(client.get(server.url("/bytes/20")).send_async()).unwrap();
    assert_eq!(response.into_body(), bytes(20));
    if first.is_pending() {
        assert_eq!(block_on(sending).unwrap().into_body(), bytes(10));
    }

    let (send, receive) = std::sync::mpsc::channel();
    let mut sending = client.get(server.url("/bytes/10")).send_async();
    let waker = Waker::from(Arc::new(Drops(Some(client).into(), send)));
    let first = Pin::new(&mut sending).poll(&mut Context::from_waker(&waker));
    if first.is_pending() {
        receive.recv_timeout(std::time::Duration::from_secs(60)).unwrap();
    }
    drop((sending, waker));
}
