//! Which sockets are ready, from the kernel: epoll in the place of libcurl's own look at all of them.

#![allow(unsafe_code)]

use std::ffi::{c_int, c_long, c_void};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{EventfdFlags, Timespec, epoll, eventfd};
use rustix::io::Errno;

use crate::error::{Detail, Error, ErrorKind, Library, Result};
use crate::ffi::curl as ffi;

/// How many ready sockets are asked for at once.
const BATCH: usize = 128;

/// The number under which the signal is registered; no socket of any multi has it.
const SIGNAL: u64 = u64::MAX;

/// Sockets, the timer, and what is ready, of one of libcurl's multis. Its callbacks work on it.
pub(super) struct Events {
    epoll: Arc<OwnedFd>,
    /// Which of the multis this is that wait with one epoll.
    number: u32,
    wanted: Wishes,
    /// When libcurl wants to be called whatever the sockets do.
    due: Option<Instant>,
    /// The time until then, as libcurl said it last: it does so several times for each transfer, and
    /// the clock is read once for all of them.
    asked: Option<Duration>,
    /// What is ready and was not handled yet.
    pub(super) ready: Vec<(ffi::curl_socket_t, c_int)>,
    /// Why a socket could not be waited for.
    failure: Option<io::Error>,
}

/// An eventfd: raised by any thread, seen by the one that waits.
pub(super) struct Signal(OwnedFd);

impl Signal {
    fn new() -> Result<Self> {
        let flags = EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK;
        eventfd(0, flags).map(Self).map_err(|errno| failed("eventfd", errno.into()))
    }

    pub(super) fn raise(&self) -> Result<()> {
        match rustix::io::write(&self.0, &1_u64.to_ne_bytes()) {
            // EAGAIN: it was raised more often than it can count, and was seen.
            Ok(_) | Err(Errno::AGAIN) => Ok(()),
            Err(errno) => Err(failed("write", errno.into())),
        }
    }
}

/// An epoll instance that several multis wait with, and the signal that ends a wait.
pub(super) struct Epoll(Arc<OwnedFd>);

impl Epoll {
    pub(super) fn new() -> Result<(Self, Signal)> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)
            .map_err(|errno| failed("epoll_create1", errno.into()))?;
        let signal = Signal::new()?;
        // By its edge: each write is told once (epoll(7), eventfd(2)), and nobody has to read it.
        let edge = epoll::EventFlags::IN | epoll::EventFlags::ET;
        epoll::add(&epoll, &signal.0, epoll::EventData::new_u64(SIGNAL), edge)
            .map_err(|errno| failed("epoll_ctl", errno.into()))?;
        Ok((Self(Arc::new(epoll)), signal))
    }

    /// The sockets and the timer of the multi with this number.
    pub(super) fn events(&self, number: u32) -> Events {
        Events {
            epoll: Arc::clone(&self.0),
            number,
            wanted: Wishes(Vec::new()),
            due: None,
            asked: None,
            ready: Vec::new(),
            failure: None,
        }
    }

    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    /// Waits until a socket is ready, the signal is raised, or `timeout` is over; tells which sockets
    /// of which multis are ready, and for what.
    pub(super) fn wait(&self, timeout: Duration, mut found: impl FnMut(u32, Found)) -> Result<()> {
        let timeout = milliseconds(timeout);
        let mut buffer = [MaybeUninit::uninit(); BATCH];
        let ready = match epoll::wait(&self.0, &mut buffer[..], Some(&timeout)) {
            Ok((ready, _)) => ready,
            // A signal handler ran; whoever waits finds nothing ready, and waits again.
            Err(Errno::INTR) => return Ok(()),
            Err(errno) => return Err(failed("epoll_wait", errno.into())),
        };
        for event in ready.iter() {
            let of = event.data.u64();
            if of == SIGNAL {
                continue;
            }
            // As `Events::data` has put them together.
            let (Ok(number), Ok(socket)) =
                (u32::try_from(of >> 32), ffi::curl_socket_t::try_from(of & u64::from(u32::MAX)))
            else {
                continue;
            };
            found(number, Found { socket, flags: event.flags });
        }
        Ok(())
    }
}

/// A socket that is ready.
pub(super) struct Found {
    socket: ffi::curl_socket_t,
    flags: epoll::EventFlags,
}

/// What libcurl waits for on each socket, by the socket's number; 0 where it does not. In pages: the
/// numbers of one multi's sockets are few among those of a process, and most often near each other.
struct Wishes(Vec<Option<Box<[u8; PAGE]>>>);

const PAGE: usize = 128;

impl Wishes {
    fn of(&self, socket: usize) -> u8 {
        let page = self.0.get(socket / PAGE).and_then(Option::as_ref);
        page.map_or(0, |page| page[socket % PAGE])
    }

    /// Answers what the wish was before.
    fn replace(&mut self, socket: usize, wish: u8) -> u8 {
        let place = socket / PAGE;
        if place >= self.0.len() {
            self.0.resize(place + 1, None);
        }
        let Some(page) = self.0.get_mut(place) else { return 0 };
        let page = page.get_or_insert_with(|| Box::new([0; PAGE]));
        std::mem::replace(&mut page[socket % PAGE], wish)
    }
}

impl Events {
    /// A socket of this multi's is ready.
    pub(super) fn found(&mut self, Found { socket, flags }: Found) {
        self.ready.push((socket, self.action(socket, flags)));
    }

    /// When libcurl wants to be called whatever the sockets do, and whether that is at once.
    pub(super) fn due(&mut self) -> (Option<Instant>, bool) {
        if self.asked == Some(Duration::ZERO) {
            return (None, true);
        }
        self.settle();
        (self.due, false)
    }

    fn data(&self, socket: u32) -> epoll::EventData {
        epoll::EventData::new_u64(u64::from(self.number) << 32 | u64::from(socket))
    }

    /// Counts the time that libcurl asked for from now on: its calls are over, or about to begin.
    fn settle(&mut self) {
        if self.asked.is_some_and(|asked| !asked.is_zero()) {
            let asked = self.asked.take();
            self.due = asked.and_then(|asked| Instant::now().checked_add(asked));
        }
    }

    /// What libcurl is told. An error is no direction of its own: libcurl finds it when it reads or
    /// writes, whichever it waits for.
    fn action(&self, socket: ffi::curl_socket_t, flags: epoll::EventFlags) -> c_int {
        let wanted = self.wanted(socket);
        let broken = flags.intersects(epoll::EventFlags::ERR | epoll::EventFlags::HUP);
        let mut action = 0;
        if flags.contains(epoll::EventFlags::IN) || broken && wanted & IN != 0 {
            action |= ffi::CURL_CSELECT_IN;
        }
        if flags.contains(epoll::EventFlags::OUT) || broken && wanted & OUT != 0 {
            action |= ffi::CURL_CSELECT_OUT;
        }
        action
    }

    /// What libcurl waits for on `socket`.
    pub(super) fn wanted(&self, socket: ffi::curl_socket_t) -> u8 {
        usize::try_from(socket).map_or(0, |place| self.wanted.of(place))
    }

    /// Whether the timer ran out; it does so once.
    pub(super) fn ran_out(&mut self) -> bool {
        self.settle();
        let due = self.asked.is_some() || self.due.is_some_and(|due| due <= Instant::now());
        if due {
            (self.due, self.asked) = (None, None);
        }
        due
    }

    /// The failure of a socket callback, after which libcurl does nothing more.
    pub(super) fn failure(&mut self) -> Option<Error> {
        self.failure.take().map(|error| failed("epoll_ctl", error))
    }

    /// Takes libcurl's wish for a socket to the kernel.
    fn want(&mut self, socket: ffi::curl_socket_t, wish: u8) -> io::Result<()> {
        let (Ok(place), Ok(number)) = (usize::try_from(socket), u32::try_from(socket)) else {
            return Ok(());
        };
        let before = self.wanted.replace(place, wish);
        if before == wish {
            return Ok(());
        }
        // SAFETY: CURLMOPT_SOCKETFUNCTION(3): the socket is open while libcurl speaks of it.
        let source = unsafe { BorrowedFd::borrow_raw(socket) };
        let mut flags = epoll::EventFlags::empty();
        flags.set(epoll::EventFlags::IN, wish & IN != 0);
        flags.set(epoll::EventFlags::OUT, wish & OUT != 0);
        let data = self.data(number);
        if wish == 0 {
            // At once, not later: the number may soon be another socket's. A socket that is closed
            // already has left by itself.
            let _ = epoll::delete(&*self.epoll, source);
            return Ok(());
        }
        let outcome = if before == 0 {
            epoll::add(&*self.epoll, source, data, flags)
        } else {
            epoll::modify(&*self.epoll, source, data, flags)
        };
        match outcome {
            // The number was closed and taken again, and libcurl did not say so.
            Err(Errno::NOENT) => Ok(epoll::add(&*self.epoll, source, data, flags)?),
            Err(Errno::EXIST) => Ok(epoll::modify(&*self.epoll, source, data, flags)?),
            outcome => Ok(outcome?),
        }
    }
}

const IN: u8 = 1;
const OUT: u8 = 2;

/// `CURLMOPT_SOCKETFUNCTION`, with [`Events`] for `CURLMOPT_SOCKETDATA`. No code of a user's runs
/// here, and nothing that could panic.
pub(super) extern "C" fn on_socket(
    _: *mut ffi::CURL,
    socket: ffi::curl_socket_t,
    what: c_int,
    events: *mut c_void,
    _: *mut c_void,
) -> c_int {
    // SAFETY: the multi's owner keeps the value, and holds no reference into it while libcurl runs.
    let events = unsafe { &mut *events.cast::<Events>() };
    let wish = match what {
        ffi::CURL_POLL_IN => IN,
        ffi::CURL_POLL_OUT => OUT,
        ffi::CURL_POLL_INOUT => IN | OUT,
        _ => 0,
    };
    match events.want(socket, wish) {
        Ok(()) => 0,
        Err(error) => {
            events.failure = Some(error);
            -1
        }
    }
}

/// `CURLMOPT_TIMERFUNCTION`, with [`Events`] for `CURLMOPT_TIMERDATA`.
pub(super) extern "C" fn on_timer(
    _: *mut ffi::CURLM,
    timeout: c_long,
    events: *mut c_void,
) -> c_int {
    // SAFETY: as above.
    let events = unsafe { &mut *events.cast::<Events>() };
    // A negative time takes the timer back.
    events.asked = u64::try_from(timeout).ok().map(Duration::from_millis);
    events.due = None;
    0
}

/// Whole milliseconds, rounded up, and no more than the kernel takes as an `int`.
fn milliseconds(timeout: Duration) -> Timespec {
    let longest = Duration::from_millis(i32::MAX.unsigned_abs().into());
    let millis = timeout.min(longest).as_nanos().div_ceil(1_000_000);
    let millis = i64::try_from(millis).unwrap_or(i32::MAX.into());
    Timespec { tv_sec: millis / 1000, tv_nsec: millis % 1000 * 1_000_000 }
}

/// A call of the system's failed.
fn failed(function: &'static str, error: io::Error) -> Error {
    let kind = match error.kind() {
        io::ErrorKind::OutOfMemory => ErrorKind::OutOfMemory,
        _ => ErrorKind::Libcurl,
    };
    let message = format!("{function}: {error}");
    Error::with(
        kind,
        Detail { message, source: Some(error), ..Detail::new(Library::Ffence, function) },
    )
}
