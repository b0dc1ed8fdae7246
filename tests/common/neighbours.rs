//! Other requests of the same client, whose bytes must be whole whatever happens beside them.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use ffence::http::Client;
use openssl::sha::sha256;

use super::executor::block_on;
use super::server::{Server, bytes};

/// Has the neighbours stop, also when a test fails.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

const LEN: usize = 100_000;

/// Runs `work` while other requests of the same client, of both kinds, are answered all the time.
pub fn with_neighbours(client: &Client, work: impl FnOnce()) {
    let server = Server::plain();
    let right = sha256(&bytes(LEN));
    let (stop, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        let (stop, answered, url) = (&stop, &answered, server.url(&format!("/bytes/{LEN}")));
        let fetch = move |get: &dyn Fn(&str) -> Vec<u8>| {
            while !stop.load(Ordering::SeqCst) {
                assert!(sha256(&get(&url)) == right, "a neighbour's bytes");
                answered.fetch_add(1, Ordering::SeqCst);
                // They are there all the time, and leave the machine to the others.
                thread::sleep(Duration::from_millis(2));
            }
        };
        let other = fetch.clone();
        let neighbours = [
            scope.spawn(move || {
                fetch(&|url| block_on(client.get(url).send_async()).unwrap().into_body());
            }),
            scope.spawn(move || other(&|url| client.get(url).send().unwrap().into_body())),
        ];
        let stopping = Stop(stop);
        work();
        // They were not only undisturbed because they did not come to it.
        let before = answered.load(Ordering::SeqCst);
        while answered.load(Ordering::SeqCst) < before + 2 {
            assert!(neighbours.iter().all(|it| !it.is_finished()), "a neighbour failed");
            thread::yield_now();
        }
        drop(stopping);
    });
}
