//! The drivers of a client, which start with its first asynchronous call.

use std::future::poll_fn;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use parking_lot::Mutex;

use super::config::Config;
use super::driver::Driver;
use super::limits::host;
use super::link::Link;
use crate::error::{Error, ErrorKind, Result};

pub(super) struct Drivers {
    most: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    links: Vec<Option<Arc<Link>>>,
    stopped: bool,
}

impl Drivers {
    pub(super) fn new(most: usize) -> Self {
        Self { most: most.max(1), state: Mutex::default() }
    }

    /// The driver of a host: always the same, so that its connections are shared.
    pub(super) fn of(&self, config: &Arc<Config>, url: &str) -> Result<Arc<Link>> {
        let number = if self.most == 1 {
            0
        } else {
            let mut hasher = DefaultHasher::new();
            host(url).to_ascii_lowercase().hash(&mut hasher);
            usize::try_from(hasher.finish() % self.most as u64).unwrap_or_default()
        };
        let mut state = self.state.lock();
        if state.stopped {
            return Err(Error::of(ErrorKind::Closed));
        }
        if state.links.len() <= number {
            state.links.resize(number + 1, None);
        }
        // One that ended for want of memory is replaced.
        if let Some(Some(link)) = state.links.get(number)
            && link.is_open()
        {
            return Ok(Arc::clone(link));
        }
        let link = Driver::spawn(config, number)?;
        state.links[number] = Some(Arc::clone(&link));
        Ok(link)
    }

    /// Tells all of them to stop, and lets no other one start.
    pub(super) fn stop(&self) {
        for link in self.stopped() {
            link.stop();
        }
    }

    fn stopped(&self) -> Vec<Arc<Link>> {
        let mut state = self.state.lock();
        state.stopped = true;
        state.links.iter().flatten().cloned().collect()
    }

    /// # Errors
    /// [`ErrorKind::Reentrant`] on the thread of one of them.
    pub(super) fn check_elsewhere(&self) -> Result<()> {
        if self.stopped().iter().any(|link| link.is_here()) {
            return Err(Error::of(ErrorKind::Reentrant));
        }
        Ok(())
    }

    /// Waits until they have ended.
    pub(super) fn wait_until_gone(&self) {
        for link in self.stopped() {
            link.wait_until_gone();
        }
    }

    pub(super) async fn gone(&self) {
        for link in self.stopped() {
            poll_fn(|context| link.poll_gone(context)).await;
        }
    }
}
