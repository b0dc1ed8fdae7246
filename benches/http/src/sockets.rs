//! epoll and one timer, for the contenders that bring their own loop.

use std::time::{Duration, Instant};

/// What is waited for, and what came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    pub input: bool,
    pub output: bool,
}

pub struct Sockets {
    epoll: i32,
    wanted: Vec<Wish>,
    due: Option<Instant>,
    ready: Vec<(i32, Wish)>,
}

impl Sockets {
    pub fn new() -> Self {
        // SAFETY: takes a flag.
        let epoll = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        assert!(epoll >= 0);
        Self { epoll, wanted: Vec::new(), due: None, ready: Vec::new() }
    }

    pub fn want(&mut self, socket: i32, wish: Wish) {
        let place = usize::try_from(socket).expect("a socket");
        if self.wanted.len() <= place {
            self.wanted.resize(place + 1, Wish::default());
        }
        let before = std::mem::replace(&mut self.wanted[place], wish);
        let mut events = 0;
        if wish.input {
            events |= libc::EPOLLIN;
        }
        if wish.output {
            events |= libc::EPOLLOUT;
        }
        let action = match (before == Wish::default(), wish == Wish::default()) {
            (true, true) => return,
            (true, false) => libc::EPOLL_CTL_ADD,
            (false, true) => libc::EPOLL_CTL_DEL,
            (false, false) => libc::EPOLL_CTL_MOD,
        };
        let mut event = libc::epoll_event { events: events as u32, u64: place as u64 };
        // SAFETY: both descriptors are open, and the structure readable.
        unsafe { libc::epoll_ctl(self.epoll, action, socket, &raw mut event) };
    }

    pub fn set_timer(&mut self, millis: Option<u64>) {
        self.due = millis.map(|millis| Instant::now() + Duration::from_millis(millis));
    }

    /// Waits; answers whether the timer ran out.
    pub fn wait(&mut self) -> bool {
        let left = self.due.map(|due| due.saturating_duration_since(Instant::now()));
        let millis = left.map_or(-1, |left| {
            i32::try_from(left.as_nanos().div_ceil(1_000_000)).unwrap_or(i32::MAX)
        });
        let mut events = [libc::epoll_event { events: 0, u64: 0 }; 128];
        // SAFETY: so many events are writable.
        let count = unsafe { libc::epoll_wait(self.epoll, events.as_mut_ptr(), 128, millis) };
        for event in &events[..usize::try_from(count).unwrap_or_default()] {
            let (flags, socket) = (event.events as i32, event.u64);
            let broken = flags & (libc::EPOLLHUP | libc::EPOLLERR) != 0;
            let wish = Wish {
                input: broken || flags & libc::EPOLLIN != 0,
                output: flags & libc::EPOLLOUT != 0,
            };
            self.ready.push((i32::try_from(socket).expect("a socket"), wish));
        }
        let is_due = self.due.is_some_and(|due| due <= Instant::now());
        if is_due {
            self.due = None;
        }
        is_due
    }

    pub fn next(&mut self) -> Option<(i32, Wish)> {
        self.ready.pop()
    }
}
