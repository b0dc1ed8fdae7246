//! Twin of `profile_of_a_crash.go`.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// A panic unwinds: whoever holds a half-written profile writes it in its `Drop`, on the way out.
pub fn twin() -> ffence::Result<()> {
    let written = Arc::new(Mutex::new(Vec::new()));
    let profile = Profile { samples: vec!["one", "two"], to: Arc::clone(&written) };
    let crashed = thread::spawn(move || {
        let mut profile = profile;
        profile.samples.push("three");
        assert!(profile.samples.is_empty(), "boom while profiled");
    });
    assert!(crashed.join().is_err(), "it panicked");
    let written = written.lock().unwrap_or_else(PoisonError::into_inner);
    assert_eq!(*written, ["one", "two", "three"]);
    Ok(())
}

struct Profile {
    samples: Vec<&'static str>,
    to: Arc<Mutex<Vec<&'static str>>>,
}

impl Drop for Profile {
    fn drop(&mut self) {
        self.to.lock().unwrap_or_else(PoisonError::into_inner).append(&mut self.samples);
    }
}
