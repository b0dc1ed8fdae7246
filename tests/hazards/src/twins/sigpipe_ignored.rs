//! Twin of `sigpipe_ignored.go`.

use std::sync::mpsc;
use std::thread;

use ffence::curl::{Easy, Write, option};

use crate::fixtures::{sigpipe_default, sigpipe_ignored};
use crate::server::{Reply, Server};

/// The same two transfers, one begun within the other and ended after it. Nobody sets an option:
/// every handle has `CURLOPT_NOSIGNAL` from its first moment, and what the process does with SIGPIPE
/// is never touched.
pub fn twin() -> ffence::Result<()> {
    let Ok(server) = Server::start() else { panic!("no port on loopback") };
    let url = server.put("/", Reply { status: 200, body: b"hello".to_vec(), missing: 0 });
    let handle = || -> ffence::Result<Easy> {
        let mut easy = Easy::new()?;
        easy.set(option::Url(&url))?;
        Ok(easy)
    };
    let (mut first, mut second) = (handle()?, Some(handle()?));
    let (begun, has_begun) = mpsc::channel();
    let (over, is_over) = mpsc::channel::<()>();
    let mut for_second = Some((begun, is_over));
    sigpipe_default();

    let mut running = None;
    first.perform_with(|_| {
        if let (Some(mut second), Some((begun, is_over))) = (second.take(), for_second.take()) {
            running = Some(thread::spawn(move || {
                let done = second.perform_with(|_| {
                    let _ = begun.send(sigpipe_ignored());
                    let _ = is_over.recv();
                    Write::Taken
                });
                done.map(|_| ())
            }));
        }
        assert_eq!(has_begun.recv(), Ok(false), "during both");
        Write::Taken
    })?;
    drop(over);
    if let Some(Ok(outcome)) = running.map(thread::JoinHandle::join) {
        outcome?;
    }
    assert!(!sigpipe_ignored(), "after both");
    Ok(())
}
