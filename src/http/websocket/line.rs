//! The connection below a WebSocket: libcurl makes it, and passes its bytes on.

use std::cell::Cell;
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Buf as _, Bytes};

use super::tunnel::{Held, Tunnel};
use crate::curl::option::value::{ConnectOnly, HttpVersion};
use crate::curl::{Id, Multi, Watched, option};
use crate::error::{Error, ErrorKind, Result};
use crate::http::clock::uses_tls;
use crate::http::conduct::{Conduct, Line, Order};
use crate::http::config::{Config, millis};
use crate::http::limits::Permit;

/// A connection to be made.
pub(in crate::http) struct Opening {
    pub(in crate::http) tunnel: Arc<Tunnel>,
    /// `http` or `https`, a name and a port.
    origin: String,
    /// How long that may take; zero for no limit but the client's.
    limit: Duration,
    /// The connection's place among the requests at work, until it is over.
    permit: Cell<Option<Permit>>,
}

impl Opening {
    pub(super) fn new(
        tunnel: &Arc<Tunnel>,
        origin: String,
        limit: Duration,
        permit: Option<Permit>,
    ) -> Self {
        Self { tunnel: Arc::clone(tunnel), origin, limit: whole(limit), permit: Cell::new(permit) }
    }

    /// A handle that makes the connection: by the client's ways and with its TLS settings, but always
    /// a new one, through a tunnel where there is a proxy, and for HTTP/1.1. And when to
    /// look at its limits first.
    pub(in crate::http) fn line(&self, config: &Config) -> Result<(Line, Option<Instant>)> {
        let mut line = config.line()?;
        line.set(option::Url(&*self.origin))?.set(option::ConnectOnly(ConnectOnly::Connect))?;
        line.set(option::HttpVersion(HttpVersion::Http11))?.set(option::HttpProxyTunnel(true))?;
        if !self.limit.is_zero() {
            line.set(option::TimeoutMs(self.limit))?;
        }
        let order = Order {
            phases: (config.phases, uses_tls(&self.origin)),
            limits: (self.limit, config.connect),
            permit: self.permit.take(),
            ..Order::default()
        };
        let first = line.handler_mut().run.begin(order);
        Ok((line, first))
    }
}

/// As libcurl takes it.
fn whole(limit: Duration) -> Duration {
    if limit.is_zero() { limit } else { millis(limit) }
}

/// A connection that stands.
pub(in crate::http) struct Wired {
    // The copy of the socket goes before whoever drops this removes the handle.
    socket: OwnedFd,
    pub(in crate::http) id: Id,
    pub(in crate::http) tunnel: Held,
    /// Taken from the tunnel, and not sent yet.
    pending: Bytes,
    receives: bool,
}

impl Wired {
    pub(in crate::http) fn new(socket: OwnedFd, id: Id, tunnel: Held) -> Self {
        Self { socket, id, tunnel, pending: Bytes::new(), receives: true }
    }

    /// A copy of the connection's socket, to wait for.
    pub(in crate::http) fn socket(multi: &Multi<Conduct>, id: Id) -> Result<OwnedFd> {
        let gone = || Error::ours(ErrorKind::Transport, "the connection is gone");
        let line = multi.get(id).ok_or_else(gone)?;
        let socket = line.info().active_socket().ok_or_else(gone)?;
        socket
            .try_clone_to_owned()
            .map_err(|error| Error::ours(ErrorKind::System, format!("dup: {error}")))
    }

    /// What the connection waits for after a [`pump`](Wired::pump).
    pub(in crate::http) fn watched(&self) -> Watched<'_> {
        let socket = self.socket.as_fd();
        match (self.receives, !self.pending.is_empty()) {
            (true, true) => Watched::either(socket),
            (false, true) => Watched::writable(socket),
            (_, false) => Watched::readable(socket),
        }
    }

    /// Whether it waits for its socket at all.
    pub(in crate::http) fn waits(&self) -> bool {
        self.receives || !self.pending.is_empty()
    }

    /// Moves what can be moved without waiting; `false` when the connection is over.
    pub(in crate::http) fn pump(&mut self, multi: &mut Multi<Conduct>) -> bool {
        let outcome = self.send(multi).and_then(|()| self.receive(multi));
        match outcome {
            Ok(true) => return true,
            Ok(false) => self.tunnel.0.end(Ok(())),
            Err(error) => self.tunnel.0.end(Err(error)),
        }
        false
    }

    fn send(&mut self, multi: &mut Multi<Conduct>) -> Result<()> {
        loop {
            if self.pending.is_empty() {
                self.pending = self.tunnel.0.pull();
                if self.pending.is_empty() {
                    return Ok(());
                }
            }
            match multi.send(self.id, &self.pending)? {
                None | Some(0) => return Ok(()),
                Some(sent) => {
                    self.pending.advance(sent);
                    self.tunnel.0.sent(sent);
                }
            }
        }
    }

    fn receive(&mut self, multi: &mut Multi<Conduct>) -> Result<bool> {
        let mut buffer = [0; 16 * 1024];
        loop {
            let room = self.tunnel.0.room().min(buffer.len());
            self.receives = room > 0;
            if room == 0 {
                return Ok(true);
            }
            match multi.receive(self.id, &mut buffer[..room])? {
                None => return Ok(true),
                Some(0) => return Ok(false),
                Some(len) => self.tunnel.0.push(&buffer[..len]),
            }
        }
    }
}

/// The connections that a driver looks after.
#[derive(Default)]
pub(in crate::http) struct Sockets(slab::Slab<Wired>);

impl Sockets {
    pub(in crate::http) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes a connection over, and moves what there is.
    pub(in crate::http) fn add(&mut self, multi: &mut Multi<Conduct>, wired: Wired) {
        let tunnel = Arc::clone(&wired.tunnel.0);
        let timings = multi.get(wired.id).map(|line| line.info().timings()).unwrap_or_default();
        let place = self.0.insert(wired);
        tunnel.opened(place, timings);
        self.pump(multi, place);
    }

    fn place(&self, tunnel: &Arc<Tunnel>) -> Option<usize> {
        let place = tunnel.place()?;
        self.0.get(place).filter(|wired| Arc::ptr_eq(&wired.tunnel.0, tunnel)).map(|_| place)
    }

    pub(in crate::http) fn pump_of(&mut self, multi: &mut Multi<Conduct>, tunnel: &Arc<Tunnel>) {
        if let Some(place) = self.place(tunnel) {
            self.pump(multi, place);
        }
    }

    fn pump(&mut self, multi: &mut Multi<Conduct>, place: usize) {
        let Some(wired) = self.0.get_mut(place) else { return };
        if !wired.pump(multi) {
            self.remove(multi, place);
        }
    }

    /// Ends a connection; `false` when it is not here.
    pub(in crate::http) fn hang_up(
        &mut self,
        multi: &mut Multi<Conduct>,
        tunnel: &Arc<Tunnel>,
    ) -> bool {
        let Some(place) = self.place(tunnel) else { return false };
        // What goes at once, goes: the frame that says good-bye.
        self.pump(multi, place);
        self.remove(multi, place);
        true
    }

    fn remove(&mut self, multi: &mut Multi<Conduct>, place: usize) {
        let Some(wired) = self.0.try_remove(place) else { return };
        let id = wired.id;
        drop(wired);
        // It is there.
        let _ = multi.cancel(id);
    }

    /// Waits as [`Multi::poll`] does, and for these connections too.
    pub(in crate::http) fn poll(
        &mut self,
        multi: &mut Multi<Conduct>,
        timeout: Duration,
    ) -> Result<()> {
        let waiting = self.0.iter().filter(|(_, wired)| wired.waits());
        let (places, mut watched): (Vec<_>, Vec<_>) =
            waiting.map(|(place, wired)| (place, wired.watched())).unzip();
        multi.poll_with(timeout, &mut watched)?;
        let ready = |it: &Watched<'_>| it.is_readable() || it.is_writable();
        let found: Vec<_> =
            places.into_iter().zip(&watched).filter(|(_, it)| ready(it)).map(|it| it.0).collect();
        for place in found {
            self.pump(multi, place);
        }
        Ok(())
    }
}
