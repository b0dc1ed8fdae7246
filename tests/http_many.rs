//! More requests in flight on one driver than one of libcurl's multis is given: they spread over several,
//! and nobody can tell but by the time it takes.
#![cfg(all(feature = "http", target_os = "linux"))]

mod common;

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use common::executor::block_on;
use common::server::{Answer, Authority, Server, bytes, page};
use ffence::ErrorKind;
use ffence::http::{CancelHandle, Client, Limits, Timeouts, Tls};
use parking_lot::{Condvar, Mutex, MutexGuard};
use tokio::sync::Semaphore;

/// More than two multis take (`GROUP` in src/http/load.rs). Both ends are in this process, of which many
/// systems allow 1,024 descriptors.
const COUNT: usize = 300;

/// Longer than anything takes that a test waits for.
const LONG: Duration = Duration::from_secs(300);

/// One test at a time: together they would need too many descriptors.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock()
}

/// A server's answers to `/N`, with N bytes each, that are held back until as many have been asked
/// for as were wanted, or until it is let go.
struct Hold {
    wanted: usize,
    seen: Mutex<Seen>,
    changed: Condvar,
    gate: Semaphore,
}

#[derive(Default)]
struct Seen {
    asked: usize,
    now: usize,
    most: usize,
}

impl Hold {
    fn until(wanted: usize) -> Arc<Self> {
        let (seen, changed) = (Mutex::default(), Condvar::new());
        Arc::new(Self { wanted, seen, changed, gate: Semaphore::new(0) })
    }

    fn answer(self: &Arc<Self>) -> Answer {
        let this = Arc::clone(self);
        Arc::new(move |request| {
            let (this, len) = (Arc::clone(&this), request.uri().path()[1..].parse());
            Box::pin(async move {
                if this.arrived() {
                    this.gate.close();
                }
                // Refused once it is closed, and waits for that.
                let _ = this.gate.acquire().await;
                this.seen.lock().now -= 1;
                Ok(page(bytes(len.unwrap_or(0))))
            })
        })
    }

    /// Whether all are here now.
    fn arrived(&self) -> bool {
        let mut seen = self.seen.lock();
        seen.asked += 1;
        seen.now += 1;
        seen.most = seen.most.max(seen.now);
        self.changed.notify_all();
        seen.asked == self.wanted
    }

    fn wait_until_asked(&self, count: usize) {
        let end = Instant::now() + LONG;
        let mut seen = self.seen.lock();
        while seen.asked < count {
            assert!(!self.changed.wait_until(&mut seen, end).timed_out(), "{} came", seen.asked);
        }
    }
}

type Request = Pin<Box<dyn Future<Output = ()> + Send>>;

fn get(client: &Client, server: &Server, len: usize) -> Request {
    let request = client.get(server.url(&format!("/{len}"))).send_async();
    Box::pin(async move {
        let response = request.await.unwrap();
        assert!(response.into_body() == bytes(len), "the body of {len}");
    })
}

/// Polls all of them until all are over.
fn all(requests: impl IntoIterator<Item = Request>) {
    let mut requests: Vec<_> = requests.into_iter().map(Some).collect();
    block_on(poll_fn(move |context| {
        for slot in &mut requests {
            if slot.as_mut().is_some_and(|it| it.as_mut().poll(context).is_ready()) {
                *slot = None;
            }
        }
        if requests.iter().all(Option::is_none) { Poll::Ready(()) } else { Poll::Pending }
    }));
}

#[test]
fn each_gets_its_own_bytes_and_those_that_follow_find_the_connections() {
    let _alone = alone();
    let client = Client::new().unwrap();
    let first = Hold::until(COUNT);
    let current = Arc::new(Mutex::new(first.answer()));
    let server = Server::answering({
        let current = Arc::clone(&current);
        Arc::new(move |request| {
            let answer = Arc::clone(&*current.lock());
            answer(request)
        })
    });
    all((0..COUNT).map(|len| get(&client, &server, len)));
    assert_eq!(first.seen.lock().most, COUNT, "all at once");
    assert_eq!(server.connections(), COUNT);

    // The second time all of them are open.
    let second = Hold::until(COUNT);
    *current.lock() = second.answer();
    all((0..COUNT).map(|len| get(&client, &server, len + 1)));
    assert_eq!(second.seen.lock().most, COUNT, "all at once");
    assert_eq!(server.connections(), COUNT);

    // And one after the other.
    for len in 0..5 {
        all([get(&client, &server, len)]);
    }
    assert_eq!(server.connections(), COUNT);
    block_on(client.close()).unwrap();
}

#[test]
fn some_are_cancelled_and_the_others_do_not_notice() {
    let _alone = alone();
    let hold = Hold::until(usize::MAX);
    let server = Server::answering(hold.answer());
    let client = Client::new().unwrap();
    let handle = CancelHandle::new();
    let mut kept = Vec::new();
    let mut dropped = Vec::new();
    for len in 0..COUNT {
        match len % 3 {
            0 => kept.push(get(&client, &server, len)),
            1 => {
                let url = server.url(&format!("/{len}"));
                let request = client.get(url).cancel_with(&handle).send_async();
                kept.push(Box::pin(async move {
                    assert_eq!(request.await.unwrap_err().kind(), ErrorKind::Cancelled);
                }) as Request);
            }
            _ => dropped.push(get(&client, &server, len)),
        }
    }
    // They begin when they are polled first.
    let mut requests: Vec<_> = kept.into_iter().map(Some).collect();
    block_on(poll_fn(|context| {
        for request in requests.iter_mut().flatten().chain(&mut dropped) {
            assert!(request.as_mut().poll(context).is_pending());
        }
        Poll::Ready(())
    }));
    hold.wait_until_asked(COUNT);
    drop(dropped);
    handle.cancel();
    hold.gate.close();
    all(requests.into_iter().flatten());
    // Places became free in all of the multis.
    all((0..COUNT).map(|len| get(&client, &server, len)));
    block_on(client.close()).unwrap();
}

#[test]
fn a_limit_holds_for_all_of_them_together() {
    const MOST: usize = 200;

    let _alone = alone();
    // Those that come later are answered at once.
    let hold = Hold::until(MOST);
    let server = Server::answering(hold.answer());
    let client = Client::builder().limits(Limits::new().per_host(MOST)).build().unwrap();
    all((0..COUNT).map(|len| get(&client, &server, len)));
    assert_eq!(hold.seen.lock().asked, COUNT);
    assert_eq!(hold.seen.lock().most, MOST);
    block_on(client.close()).unwrap();
}

#[test]
fn streams_still_share_connections() {
    let _alone = alone();
    if !ffence::capabilities().unwrap().libcurl().http2() {
        println!("skipped: this libcurl has no HTTP/2");
        return;
    }
    let authority = Authority::new();
    for (count, most) in [(64, 2), (COUNT, 6)] {
        let hold = Hold::until(usize::MAX);
        hold.gate.close();
        let server = Server::tls_answering(&authority, &["127.0.0.1"], hold.answer());
        let tls = Tls::new().ca_pem(authority.pem());
        let client = Client::builder().tls(tls).build().unwrap();
        all((0..count).map(|len| get(&client, &server, len)));
        assert_eq!(hold.seen.lock().asked, count);
        let connections = server.connections();
        assert!(connections <= most, "{connections} connections for {count} requests");
        block_on(client.close()).unwrap();
    }
}

#[test]
fn connections_of_a_load_that_is_over_are_closed_when_their_time_is_over() {
    let descriptors = || std::fs::read_dir("/proc/self/fd").unwrap().count();

    let _alone = alone();
    let hold = Hold::until(COUNT);
    let server = Server::answering(hold.answer());
    let timeouts = Timeouts::new().idle_connection(Duration::from_secs(1));
    let client = Client::builder().timeouts(timeouts).build().unwrap();
    all((0..COUNT).map(|len| get(&client, &server, len)));
    // Nobody asks for anything any more. What is left are the connections of a small load, with both ends.
    let end = Instant::now() + LONG;
    while descriptors() > COUNT {
        assert!(Instant::now() < end, "{} descriptors", descriptors());
        std::thread::sleep(Duration::from_millis(20)); // until it is so
    }
    all([get(&client, &server, 7)]);
    block_on(client.close()).unwrap();
}

/// Nobody waits, and nothing is left, when a client goes with all of them at work.
#[test]
fn a_client_may_go_while_all_are_at_work() {
    let _alone = alone();
    let hold = Hold::until(usize::MAX);
    let server = Server::answering(hold.answer());
    let client = Client::new().unwrap();
    let mut requests: Vec<_> =
        (0..COUNT).map(|len| client.get(server.url(&format!("/{len}"))).send_async()).collect();
    block_on(poll_fn(|context| {
        for request in &mut requests {
            assert!(Pin::new(request).poll(context).is_pending());
        }
        Poll::Ready(())
    }));
    hold.wait_until_asked(COUNT);
    client.close_blocking().unwrap();
    for request in requests {
        assert_eq!(block_on(request).unwrap_err().kind(), ErrorKind::Cancelled);
    }
}
