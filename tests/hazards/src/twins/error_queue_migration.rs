//! Twin of `error_queue_migration.go`.

use std::thread;

use ffence::crypto::{Aes256Gcm, Key, RandomNonce};
use ffence::{Error, ErrorKind};

use crate::fixtures::{fail, take_failure};

const FAILURES: i32 = 50;

/// The error is a value, made in the call that failed: the thread may change as it likes before
/// anybody looks at it. Nothing is asked of a queue later, and what others left there stays.
pub fn twin() -> ffence::Result<()> {
    let key = Key::<Aes256Gcm>::generate()?;
    let mut sealed = key.sealer(RandomNonce)?.seal(b"header", b"text")?;
    sealed[0] ^= 1;
    for reason in 1..=FAILURES {
        // A failure of somebody else's, on this thread's queue.
        fail(reason);
        let Err(error) = key.opener()?.open(b"header", &sealed) else {
            panic!("altered text was opened");
        };
        assert_eq!(kind_seen_elsewhere(error), ErrorKind::Authentication);
        assert_eq!(take_failure(), Some(reason));
    }
    assert_eq!(take_failure(), None);
    Ok(())
}

/// Moves the error to another thread, which leaves a failure of its own on its own queue first.
fn kind_seen_elsewhere(error: Error) -> ErrorKind {
    let reader = thread::spawn(move || {
        fail(4095);
        error.kind()
    });
    match reader.join() {
        Ok(kind) => kind,
        Err(payload) => std::panic::resume_unwind(payload),
    }
}
