//! Twin of `blocked_send_leak.go`.

use std::sync::mpsc;
use std::thread;

/// When whoever asked has gone, its half of the channel has too: the sender is told, has its answer
/// back, and ends.
pub fn twin() -> ffence::Result<()> {
    let (answer, asker) = mpsc::sync_channel(0);
    let worker = thread::spawn(move || answer.send(42));
    drop(asker);
    let sent = worker.join().expect("no panic");
    assert_eq!(sent, Err(mpsc::SendError(42)));
    Ok(())
}
