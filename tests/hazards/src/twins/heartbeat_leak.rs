//! Twin of `heartbeat_leak.go`.

use std::io::{self, Write as _};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// A heartbeat ends with its connection, whose error `?` hands on, and with whoever started it, whose
/// half of a channel goes: both are waited for.
pub fn twin() -> ffence::Result<()> {
    let Ok((near, far)) = UnixStream::pair() else { panic!("no sockets") };
    let (stop, stopped) = mpsc::channel();
    drop(far);
    let heart = thread::spawn(move || beat(near, &stopped));
    let ended = heart.join().expect("no panic");
    assert_eq!(ended.map_err(|it| it.kind()), Err(io::ErrorKind::BrokenPipe));
    drop(stop);

    let Ok((near, _far)) = UnixStream::pair() else { panic!("no sockets") };
    let (stop, stopped) = mpsc::channel();
    let heart = thread::spawn(move || beat(near, &stopped));
    drop(stop);
    assert!(heart.join().is_ok_and(|ended| ended.is_ok()));
    Ok(())
}

fn beat(mut connection: UnixStream, stopped: &Receiver<()>) -> io::Result<()> {
    while stopped.recv_timeout(Duration::from_millis(1)) == Err(RecvTimeoutError::Timeout) {
        connection.write_all(b"PING")?;
    }
    Ok(())
}
