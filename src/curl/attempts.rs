//! What is known of a connection that is being made, before libcurl tells of it.
//!
//! From 8.0 on that is when all of it stands, the TLS handshake included: until then neither the times
//! nor the addresses that it answers show that TCP is connected.

use std::net::SocketAddr;
#[cfg(unix)]
use std::os::fd::RawFd;
use std::time::Instant;

/// The sockets that were opened for one transfer, and its handshake. A transfer on a connection that
/// stood already has neither.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    #[cfg(unix)]
    opened: Vec<(RawFd, SocketAddr)>,
    handshake: Option<Handshake>,
}

/// A TLS handshake that began.
#[derive(Clone, Copy, Debug)]
pub(super) struct Handshake {
    pub(super) since: Instant,
    pub(super) peer: Option<SocketAddr>,
}

impl Attempts {
    /// Another transfer begins.
    pub(super) fn clear(&mut self) {
        #[cfg(unix)]
        self.opened.clear();
        self.handshake = None;
    }

    /// A socket is about to be connected. Where there is no memory the handshake has no address.
    #[cfg(unix)]
    pub(super) fn opened(&mut self, socket: RawFd, address: Option<SocketAddr>) {
        if let Some(address) = address
            && self.opened.try_reserve(1).is_ok()
        {
            self.opened.push((socket, address));
        }
    }

    /// The handshake begins: one of the sockets is connected.
    pub(super) fn handshake_begins(&mut self) {
        self.handshake = Some(Handshake { since: Instant::now(), peer: self.peer() });
    }

    /// The last handshake that began.
    pub(super) fn handshake(&self) -> Option<&Handshake> {
        self.handshake.as_ref()
    }

    /// libcurl tries several addresses at a time, and closes what it does not need: a number may be
    /// somebody else's by now, and the address shows that it is not.
    #[cfg(unix)]
    fn peer(&self) -> Option<SocketAddr> {
        let connected = |(socket, address): &&(RawFd, SocketAddr)| {
            super::callbacks::peer_of(*socket).is_some_and(|peer| peer == *address)
        };
        self.opened.iter().rev().find(connected).map(|(_, address)| *address)
    }

    #[cfg(not(unix))]
    fn peer(&self) -> Option<SocketAddr> {
        None
    }
}
