//! Many transfers at a time, on one thread.

#[cfg(all(feature = "websocket", unix))]
mod connected;
mod entry;
#[cfg(target_os = "linux")]
mod events;
#[cfg(target_os = "linux")]
mod group;
pub mod option;
mod stack;
mod stacks;
mod waker;
#[cfg(unix)]
mod watched;

use std::fmt;
use std::time::Duration;
#[cfg(target_os = "linux")]
use std::time::Instant;

use slab::Slab;

use self::entry::{Entry, State};
use self::option::Limit;
use self::stacks::Stacks;
pub use self::waker::Waker;
#[cfg(unix)]
pub use self::watched::Watched;
use super::easy::Easy;
use super::handler::{Handler, Pauses};
use super::newer;
use super::share::Share;
use super::state::Receive;
use crate::error::{Error, ErrorKind, Result};

/// Drives any number of transfers at a time, on the thread that calls it.
///
/// It owns the handles that are added and hands out an [`Id`] for each. `Send` as one unit, and not
/// `Sync`: it may go to another thread with all of its handles, and only its [`Waker`] is for other
/// threads meanwhile. A process that was forked must make its own.
///
/// ```
/// use ffence::curl::{Callbacks, Done, Easy, Handler, Multi, Write, option};
/// use std::time::Duration;
///
/// #[derive(Default)]
/// struct Body(Vec<u8>);
///
/// impl Handler for Body {
///     const CALLBACKS: Callbacks = Callbacks::WRITE;
///
///     fn write(&mut self, bytes: &[u8]) -> Write {
///         self.0.extend_from_slice(bytes);
///         Write::Taken
///     }
/// }
///
/// # let file = tempfile::NamedTempFile::new().unwrap();
/// # std::fs::write(&file, "hello").unwrap();
/// # let url = format!("file://{}", file.path().display());
/// let mut multi = Multi::new()?;
/// for _ in 0..3 {
///     let mut easy = Easy::with(Body::default())?;
///     easy.set(option::Url(&url))?;
///     multi.add(easy)?;
/// }
/// let mut bodies = Vec::new();
/// loop {
///     let running = multi.perform()?;
///     while let Some(Done { id, result }) = multi.next_done() {
///         result?;
///         bodies.push(multi.remove(id)?.into_handler().0);
///     }
///     if running == 0 {
///         break;
///     }
///     multi.poll(Duration::from_secs(10))?;
/// }
/// assert_eq!(bodies, [b"hello", b"hello", b"hello"]);
/// # Ok::<(), ffence::Error>(())
/// ```
///
/// A handler cannot reach the multi that calls it back: driving borrows it mutably.
/// ```compile_fail,E0502
/// # fn f(mut multi: ffence::curl::Multi, id: ffence::curl::Id) -> ffence::Result<()> {
/// let easy = multi.get(id).unwrap();
/// multi.perform()?; // cannot borrow `multi` as mutable because it is also borrowed as immutable
/// println!("{:?}", easy.info());
/// # Ok(())
/// # }
/// ```
/// Two threads cannot use it at the same time:
/// ```compile_fail,E0277
/// # fn f(multi: ffence::curl::Multi) {
/// std::thread::scope(|scope| {
///     scope.spawn(|| println!("{multi:?}")); // `Multi` cannot be shared between threads safely
/// });
/// # }
/// ```
/// and a handle that was added is no longer the caller's:
/// ```compile_fail,E0382
/// # fn f(mut multi: ffence::curl::Multi, easy: ffence::curl::Easy) -> ffence::Result<()> {
/// multi.add(easy)?;
/// drop(easy); // use of moved value: `easy`
/// # Ok(())
/// # }
/// ```
#[doc(alias = "CURLM")]
pub struct Multi<H: Handler = (), S = Share> {
    // Fields are dropped in this order: libcurl-multi(3), handles go before their multi. `drop`
    // removes them from it first.
    entries: Slab<Entry<H, S>>,
    stacks: Stacks,
}

/// Which handle of a [`Multi`]; no two handles of a process ever have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id {
    stamp: u64,
    key: usize,
}

/// A transfer is over.
#[derive(Debug)]
pub struct Done {
    /// The handle, which stays in the multi until it is [removed](Multi::remove).
    pub id: Id,
    /// As [`Easy::perform`] would have answered.
    pub result: Result<()>,
}

impl<H: Handler, S> Multi<H, S> {
    /// A multi that looks at all of its sockets whenever it is polled.
    ///
    /// The libcurl that curl-sys builds (feature `vendored`) looks with `select(2)`, and cannot wait
    /// for descriptors above 1,023: a transfer that gets one fails, here as with
    /// [`Easy::perform`]. There, [`event_driven`](Multi::event_driven) is for many.
    ///
    /// [`curl_multi_init`](https://curl.se/libcurl/c/curl_multi_init.html)
    ///
    /// # Errors
    /// [`ErrorKind::Init`] when libcurl could not be set up, [`ErrorKind::OutOfMemory`].
    #[doc(alias = "curl_multi_init")]
    #[doc(alias = "curl_multi_poll")]
    pub fn new() -> Result<Self> {
        Ok(Self { entries: Slab::new(), stacks: Stacks::polled()? })
    }

    /// A multi that is told by the kernel which sockets are ready (epoll): for hundreds of transfers
    /// and more. It is used like any other.
    ///
    /// [`curl_multi_socket_action`](https://curl.se/libcurl/c/curl_multi_socket_action.html)
    ///
    /// # Errors
    /// As for [`new`](Multi::new); [`ErrorKind::Libcurl`] when the process has no more descriptors.
    #[cfg(target_os = "linux")]
    #[doc(alias = "curl_multi_socket_action")]
    pub fn event_driven() -> Result<Self> {
        Self::spread(usize::MAX)
    }

    /// The same, but with at most so many handles in each of libcurl's multis, of which there are as
    /// many then as it takes.
    #[cfg(target_os = "linux")]
    pub(crate) fn spread(most: usize) -> Result<Self> {
        Ok(Self { entries: Slab::new(), stacks: Stacks::event_driven(most)? })
    }

    /// Sets an option; those that exist are in [`option`].
    ///
    /// [`curl_multi_setopt`](https://curl.se/libcurl/c/curl_multi_setopt.html)
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] when the linked libcurl does not have the option,
    /// [`ErrorKind::Parameter`] for a value that it cannot have.
    ///
    /// ```
    /// use ffence::curl::{Multi, multi::option::MaxHostConnections};
    /// let mut multi: Multi = Multi::new()?;
    /// multi.set(MaxHostConnections(8))?;
    /// # Ok::<(), ffence::Error>(())
    /// ```
    #[doc(alias = "curl_multi_setopt")]
    pub fn set(&mut self, limit: impl Limit) -> Result<&mut Self> {
        limit.apply(&mut self.stacks)?;
        Ok(self)
    }

    /// Takes a handle over, and starts its transfer with the next [`perform`](Multi::perform).
    ///
    /// From now on the handle uses this multi's connections, and no longer its own.
    ///
    /// [`curl_multi_add_handle`](https://curl.se/libcurl/c/curl_multi_add_handle.html)
    ///
    /// # Errors
    /// [`ErrorKind::Forked`], [`ErrorKind::OutOfMemory`]; the handle is dropped then.
    #[doc(alias = "curl_multi_add_handle")]
    pub fn add(&mut self, easy: Easy<H, S>) -> Result<Id> {
        self.stacks.here()?;
        let (id, entry) = Entry::place(&mut self.entries, easy, self.stacks.room()?)?;
        if let Err(error) = entry.attach(&mut self.stacks, id.key) {
            self.entries.remove(id.key);
            return Err(error);
        }
        Ok(id)
    }

    /// Gives a handle back, whether its transfer is over or not; one that is not is given up.
    ///
    /// A host name that is being resolved is not waited for, except by libcurl before 7.87: see
    /// [`cancel`](Multi::cancel).
    ///
    /// [`curl_multi_remove_handle`](https://curl.se/libcurl/c/curl_multi_remove_handle.html)
    ///
    /// # Errors
    /// [`ErrorKind::Parameter`] when no such handle is here; [`ErrorKind::Forked`];
    /// [`ErrorKind::Panicked`] when a callback panicked while the transfer was given up: the handle
    /// is dropped then.
    #[doc(alias = "curl_multi_remove_handle")]
    pub fn remove(&mut self, id: Id) -> Result<Easy<H, S>> {
        let (entry, stacks) = self.entry(id)?;
        entry.detach_from(stacks)?;
        self.entries.remove(id.key).taken_back(&mut self.stacks)
    }

    /// Gives a transfer up and drops its handle, without ever waiting: where libcurl (before 7.87)
    /// would wait for a host name to be resolved, the handle is kept, unseen, until it is.
    ///
    /// # Errors
    /// [`ErrorKind::Parameter`] when no such handle is here; [`ErrorKind::Forked`].
    pub fn cancel(&mut self, id: Id) -> Result<()> {
        let (entry, stacks) = self.entry(id)?;
        if entry.state == State::Running && !newer::can_let_go() {
            return entry.park();
        }
        entry.detach_from(stacks)?;
        // A panic meanwhile is nobody's any more.
        drop(self.entries.remove(id.key));
        Ok(())
    }

    /// The handle of an id, with the stacks of which one has it.
    fn entry(&mut self, id: Id) -> Result<(&mut Entry<H, S>, &mut Stacks)> {
        self.stacks.here()?;
        match self.entries.get_mut(id.key) {
            Some(entry) if entry.is(id) => Ok((entry, &mut self.stacks)),
            _ => Err(Error::ours(ErrorKind::Parameter, "this multi has no handle of that id")),
        }
    }

    /// Does all that can be done without waiting; answers how many transfers are not over yet.
    ///
    /// [`curl_multi_perform`](https://curl.se/libcurl/c/curl_multi_perform.html)
    ///
    /// # Errors
    /// What concerns all transfers: [`ErrorKind::Forked`], [`ErrorKind::OutOfMemory`],
    /// [`ErrorKind::Panicked`] by what closes sockets. How a single transfer ended is told by [`next_done`](Multi::next_done).
    #[doc(alias = "curl_multi_perform")]
    pub fn perform(&mut self) -> Result<usize> {
        self.stacks.perform()
    }

    /// [`perform`](Multi::perform); what comes for one handle meanwhile, `receiver` takes in its
    /// handler's place.
    pub(crate) fn perform_to(&mut self, id: Id, receiver: &mut dyn Receive) -> Result<usize> {
        let (entry, stacks) = self.entry(id)?;
        entry.lend(receiver, || stacks.perform())
    }

    /// Waits until [`perform`](Multi::perform) can do something, a [`Waker`] is used, or `timeout` is
    /// over; it may well be back earlier.
    ///
    /// Any time is good; what is too long for C (24 days) is cut.
    ///
    /// [`curl_multi_poll`](https://curl.se/libcurl/c/curl_multi_poll.html)
    ///
    /// # Errors
    /// [`ErrorKind::Forked`], [`ErrorKind::OutOfMemory`].
    #[doc(alias = "curl_multi_poll")]
    pub fn poll(&mut self, timeout: Duration) -> Result<()> {
        self.stacks.poll(timeout)
    }

    /// The same, and waits for descriptors of somebody else's beside its own; each tells afterwards
    /// whether it is ready.
    ///
    /// # Errors
    /// As for [`poll`](Multi::poll); [`ErrorKind::System`] when the operating system refuses.
    #[cfg(unix)]
    #[doc(alias = "extra_fds")]
    pub fn poll_with(&mut self, timeout: Duration, watched: &mut [Watched<'_>]) -> Result<()> {
        self.stacks.poll_with(timeout, watched)
    }

    /// The next transfer that is over; `None` when there is no further one now.
    ///
    /// [`curl_multi_info_read`](https://curl.se/libcurl/c/curl_multi_info_read.html)
    #[doc(alias = "curl_multi_info_read")]
    pub fn next_done(&mut self) -> Option<Done> {
        self.stacks.here().ok()?;
        loop {
            let message = self.stacks.message()?;
            let Some(entry) = self.entries.get_mut(message.key) else { continue };
            if !entry.has(message.curl) {
                continue;
            }
            if entry.state == State::Parked {
                // Nobody waits for it, and nothing holds it any more.
                if entry.detach_from(&mut self.stacks).is_ok() {
                    drop(self.entries.remove(message.key));
                }
                continue;
            }
            let result = entry.finish(message.code);
            return Some(Done { id: entry.id(message.key), result });
        }
    }

    /// How long the multi may be left alone when no socket is ready; `None` for as long as that.
    ///
    /// [`curl_multi_timeout`](https://curl.se/libcurl/c/curl_multi_timeout.html)
    ///
    /// # Errors
    /// [`ErrorKind::Forked`].
    #[doc(alias = "curl_multi_timeout")]
    pub fn timeout(&self) -> Result<Option<Duration>> {
        self.stacks.timeout()
    }

    /// What ends a [`poll`](Multi::poll) from another thread.
    #[doc(alias = "curl_multi_wakeup")]
    pub fn waker(&self) -> Waker {
        self.stacks.waker().clone()
    }

    /// A handle, to ask what it knows and to look at its handler.
    pub fn get(&self, id: Id) -> Option<&Easy<H, S>> {
        self.entries.get(id.key).filter(|entry| entry.is(id)).map(Entry::easy)
    }

    /// The handler of a handle.
    pub fn handler_mut(&mut self, id: Id) -> Option<&mut H> {
        self.entry(id).ok().map(|(entry, _)| entry.handler_mut())
    }

    /// Lets the directions of a transfer stand still or go on.
    ///
    /// What was held back may be handed to the handler before this is back.
    ///
    /// [`curl_easy_pause`](https://curl.se/libcurl/c/curl_easy_pause.html)
    ///
    /// # Errors
    /// [`ErrorKind::Parameter`] when no such handle is here, or no connection of it yet;
    /// [`ErrorKind::Forked`]. Any other error is how the transfer ended: it is over, and
    /// [`next_done`](Multi::next_done) does not tell it again.
    #[doc(alias = "curl_easy_pause")]
    pub fn pause(&mut self, id: Id, pauses: Pauses) -> Result<()> {
        let (entry, stacks) = self.entry(id)?;
        entry.pause(pauses, stacks)
    }

    /// Ends those of libcurl's multis that have had no handle for so long, with the connections that
    /// they keep, but for the first; answers when the next may be ended.
    #[cfg(target_os = "linux")]
    pub(crate) fn sweep(&mut self, life: Duration) -> Result<Option<Instant>> {
        self.stacks.sweep(life)
    }

    /// How many handles are here, over or not.
    pub fn len(&self) -> usize {
        self.entries.iter().filter(|(_, entry)| entry.state != State::Parked).count()
    }

    /// Whether no handle is here.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(unix)]
impl<H: Handler> Multi<H> {
    /// Closes the sockets of this multi's connections in libcurl's place: of those that handles make
    /// which are added from now on. The last call counts.
    ///
    /// A panic in `close` is the error of the [`perform`](Multi::perform) that closed the socket; the
    /// socket is closed all the same.
    ///
    /// [`CURLOPT_CLOSESOCKETFUNCTION`](https://curl.se/libcurl/c/CURLOPT_CLOSESOCKETFUNCTION.html)
    ///
    /// # Errors
    /// [`ErrorKind::Forked`].
    #[doc(alias = "CURLOPT_CLOSESOCKETFUNCTION")]
    pub fn on_close_socket(
        &mut self,
        close: impl FnMut(std::os::fd::OwnedFd) + Send + 'static,
    ) -> Result<()> {
        self.stacks.on_close_socket(close)
    }
}

/// Of a multi made by [`event_driven`](Multi::event_driven): readable when there is something to
/// [`perform`](Multi::perform), so that another event loop can wait for it; that loop must also heed
/// [`timeout`](Multi::timeout).
#[cfg(target_os = "linux")]
impl<H: Handler, S> Multi<H, S> {
    /// The epoll instance; `None` for a multi made by [`new`](Multi::new).
    pub fn epoll(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        self.stacks.epoll()
    }
}

impl<H: Handler, S> Drop for Multi<H, S> {
    fn drop(&mut self) {
        if self.stacks.here().is_err() {
            return;
        }
        for (_, entry) in &mut self.entries {
            // Refused only for a handle that is not there.
            let _ = entry.detach_from(&mut self.stacks);
        }
    }
}

impl<H: Handler, S> fmt::Debug for Multi<H, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Multi").field("handles", &self.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curl::option::Url;

    /// What [`Multi::cancel`] does with libcurl before 7.87; here the name is known at once.
    #[test]
    fn a_parked_handle_gets_no_connection_and_is_not_seen_again() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let mut multi: Multi = Multi::new().unwrap();
        let mut easy = Easy::new().unwrap();
        easy.set(Url(&format!("http://{}/", listener.local_addr().unwrap()))).unwrap();
        let parked = multi.add(easy).unwrap();
        multi.entry(parked).unwrap().0.park().unwrap();
        assert!(multi.get(parked).is_none() && multi.is_empty());

        let mut easy = Easy::new().unwrap();
        easy.set(Url(concat!("file://", env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))).unwrap();
        let other = multi.add(easy).unwrap();
        while multi.perform().unwrap() > 0 {
            multi.poll(Duration::from_secs(10)).unwrap();
        }
        let done = multi.next_done().unwrap();
        assert_eq!(done.id, other);
        done.result.unwrap();
        assert!(multi.next_done().is_none());
        assert_eq!(multi.entries.len(), 1, "the parked one was dropped");
        let nobody = listener.accept().unwrap_err();
        assert_eq!(nobody.kind(), std::io::ErrorKind::WouldBlock);
    }
}
