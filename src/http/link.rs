//! What a driver is told by other threads.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread::ThreadId;
use std::time::Instant;

use parking_lot::{Condvar, Mutex};

use super::conduct::Order;
use super::exchange::Exchange;
use super::foreign::wake;
use super::plan::Plan;
#[cfg(all(feature = "websocket", unix))]
use super::websocket::{Opening, Tunnel};
use crate::curl;

pub(super) enum Command {
    Start(Box<Start>),
    /// A request waits for its turn since the first instant, and may until the second.
    Turn(Arc<Exchange>, Instant, Instant),
    /// A task wants to be woken then.
    Alarm(Instant, Waker),
    /// A direction that stood still may go on.
    Resume(Arc<Exchange>),
    Cancel(Arc<Exchange>),
    /// A connection for a WebSocket is to be made.
    #[cfg(all(feature = "websocket", unix))]
    Open(Box<Opening>),
    /// A WebSocket has something to send, or room to receive.
    #[cfg(all(feature = "websocket", unix))]
    Pump(Arc<Tunnel>),
    /// Nobody speaks through a WebSocket any more.
    #[cfg(all(feature = "websocket", unix))]
    HangUp(Arc<Tunnel>),
}

/// A transfer to be made.
pub(super) struct Start {
    pub(super) exchange: Arc<Exchange>,
    pub(super) plan: Plan<'static>,
    pub(super) order: Order,
}

/// A driver, as other threads know it.
pub(super) struct Link {
    inbox: Mutex<Inbox>,
    /// The driver ended.
    ended: Condvar,
    waker: curl::Waker,
}

struct Inbox {
    commands: Vec<Command>,
    /// The driver looks at the commands before it waits again: it need not be woken.
    awake: bool,
    open: bool,
    thread: Option<ThreadId>,
    gone: bool,
    waiting: Vec<Waker>,
}

impl Link {
    pub(super) fn new(waker: curl::Waker) -> Self {
        let inbox = Inbox {
            commands: Vec::new(),
            awake: true,
            open: true,
            thread: None,
            gone: false,
            waiting: Vec::new(),
        };
        Self { inbox: Mutex::new(inbox), ended: Condvar::new(), waker }
    }

    /// Hands a command over; it comes back when the driver takes none any more.
    pub(super) fn send(&self, command: Command) -> Result<(), Command> {
        let was_awake = {
            let mut inbox = self.inbox.lock();
            if !inbox.open {
                return Err(command);
            }
            inbox.commands.push(command);
            std::mem::replace(&mut inbox.awake, true)
        };
        if !was_awake {
            // Of a driver that is there, waking cannot fail; one that is not has no use for it.
            let _ = self.waker.wake();
        }
        Ok(())
    }

    /// The driver takes no more, and ends.
    pub(super) fn stop(&self) {
        self.inbox.lock().open = false;
        let _ = self.waker.wake();
    }

    pub(super) fn is_open(&self) -> bool {
        self.inbox.lock().open
    }

    /// Exchanges `empty` for what there is to do; `false` when the driver is to end.
    pub(super) fn take(&self, empty: &mut Vec<Command>) -> bool {
        let mut inbox = self.inbox.lock();
        std::mem::swap(&mut inbox.commands, empty);
        inbox.open
    }

    /// Whether the driver may wait: from then on, a command wakes it.
    pub(super) fn may_wait(&self) -> bool {
        let mut inbox = self.inbox.lock();
        inbox.awake = !inbox.commands.is_empty() || !inbox.open;
        !inbox.awake
    }

    pub(super) fn here(&self) {
        self.inbox.lock().thread = Some(std::thread::current().id());
    }

    pub(super) fn is_here(&self) -> bool {
        self.inbox.lock().thread == Some(std::thread::current().id())
    }

    /// The driver is gone with all that it had. What was sent too late is dropped by the caller.
    pub(super) fn gone(&self) -> Vec<Command> {
        let (late, waiting) = {
            let mut inbox = self.inbox.lock();
            (inbox.open, inbox.gone) = (false, true);
            self.ended.notify_all();
            (std::mem::take(&mut inbox.commands), std::mem::take(&mut inbox.waiting))
        };
        for waker in waiting {
            wake(Some(waker));
        }
        late
    }

    pub(super) fn wait_until_gone(&self) {
        let mut inbox = self.inbox.lock();
        while !inbox.gone {
            self.ended.wait(&mut inbox);
        }
    }

    pub(super) fn poll_gone(&self, context: &mut Context<'_>) -> Poll<()> {
        let mine = context.waker().clone();
        let mut inbox = self.inbox.lock();
        if inbox.gone {
            return Poll::Ready(());
        }
        inbox.waiting.push(mine);
        Poll::Pending
    }
}
