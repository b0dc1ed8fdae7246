//! A thread that nobody waits for.

use super::builder::no_thread;
use super::worker::Leave;
use crate::error::Result;
use crate::unwind::{Slot, guard};

/// Runs `work` on a thread of its own, which ends by itself. A panic in it goes no further: whoever
/// hangs on its outcome learns of it from what `work` drops.
pub(crate) fn detached(name: &str, work: impl FnOnce() + Send + 'static) -> Result<()> {
    let thread = std::thread::Builder::new().name(name.to_owned());
    let run = move || {
        let _last = Leave;
        guard(&mut Slot::new(), (), work);
    };
    thread.spawn(run).map(drop).map_err(|error| no_thread(&error))
}
