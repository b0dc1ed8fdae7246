//! Transfers on a multi.

use std::collections::HashMap;
use std::time::Duration;

use ffence::curl::{Callbacks, Done, Easy, Handler, Id, Multi, Write, option};
use ffence::{Error, Result};

/// Longer than anything here takes.
pub const LONG: Duration = Duration::from_secs(60);

/// Keeps a body.
#[derive(Debug, Default)]
pub struct Body(pub Vec<u8>);

impl Handler for Body {
    const CALLBACKS: Callbacks = Callbacks::WRITE;

    fn write(&mut self, bytes: &[u8]) -> Write {
        self.0.extend_from_slice(bytes);
        Write::Taken
    }
}

/// A handle for a URL.
pub fn get<H: Handler>(url: &str, handler: H) -> Easy<H> {
    let mut easy = Easy::with(handler).unwrap();
    easy.set(option::Url(url)).unwrap();
    easy
}

/// Both kinds of multi.
pub fn engines<H: Handler>() -> Vec<Multi<H>> {
    vec![
        Multi::new().unwrap(),
        #[cfg(target_os = "linux")]
        Multi::event_driven().unwrap(),
    ]
}

/// Drives until nothing is left to do.
pub fn drive<H: Handler, S>(multi: &mut Multi<H, S>) -> HashMap<Id, Result<()>> {
    try_drive(multi).unwrap()
}

/// The same, where the multi itself may fail.
pub fn try_drive<H: Handler, S>(multi: &mut Multi<H, S>) -> Result<HashMap<Id, Result<()>>> {
    let mut done = HashMap::new();
    while multi.perform()? > 0 {
        multi.poll(LONG)?;
    }
    while let Some(Done { id, result }) = multi.next_done() {
        done.insert(id, result);
    }
    Ok(done)
}

/// Drives until one transfer is over.
pub fn drive_one<H: Handler, S>(multi: &mut Multi<H, S>) -> Done {
    loop {
        let running = multi.perform().unwrap();
        if let Some(done) = multi.next_done() {
            return done;
        }
        assert!(running > 0, "no transfer is left");
        multi.poll(LONG).unwrap();
    }
}

/// The transfer that was driven alone.
pub fn one<H: Handler>(multi: &mut Multi<H>, easy: Easy<H>) -> (Easy<H>, Result<(), Error>) {
    let id = multi.add(easy).unwrap();
    let done = drive_one(multi);
    assert_eq!(done.id, id);
    (multi.remove(id).unwrap(), done.result)
}
