//! How many transfers a driver has at work, and what it sets accordingly.

use super::conduct::{Conduct, Line};
use crate::curl::multi::option::MaxConnects;
use crate::curl::{Multi, option};
use crate::error::Result;

/// How many handles a driver keeps for later transfers whatever it has to do; its connections belong
/// to the multi.
const FEW_HANDLES: usize = 64;

/// How many idle connections are kept in any case.
pub(super) const FEW_CONNECTIONS: u32 = 128;

/// How many transfers of one host libcurl looks through for a connection that is free.
const GROUP: usize = 128;

/// With more transfers than this their memory counts, and not how fast each of them could be.
const MANY: usize = 512;

/// The transfers of a driver.
pub(super) struct Load {
    now: usize,
    /// How many idle connections the multi was told to keep.
    connections: usize,
}

impl Load {
    pub(super) fn new() -> Self {
        Self { now: 0, connections: usize::try_from(FEW_CONNECTIONS).unwrap_or_default() }
    }

    /// One transfer more. As many connections may be idle as were in use at once: otherwise the first
    /// of many transfers that are over would take the connections of those that follow them.
    pub(super) fn more(&mut self, multi: &mut Multi<Conduct>) {
        self.now += 1;
        if self.now > self.connections {
            self.connections = self.now.next_power_of_two();
            // Refused, it would only be slower.
            let _ = multi.set(MaxConnects(u32::try_from(self.connections).unwrap_or(u32::MAX)));
        }
    }

    pub(super) fn less(&mut self) {
        self.now = self.now.saturating_sub(1);
    }

    /// Settings of a handle that is made when all others are at work.
    pub(super) fn settle(&self, line: &mut Line) -> Result<()> {
        // libcurl goes through all connections to a host, one after the other, for each transfer, and
        // knows hosts by the scope of their address too (`hashkey` in its conncache.c, up to 8.12 or
        // so; later it does no harm). Linux heeds a scope for link-local IPv6 alone, and a URL of such
        // an address names its own. So handles are put in groups: those of one share connections.
        #[cfg(target_os = "linux")]
        if let Ok(group) = u32::try_from(self.now / GROUP)
            && group > 0
        {
            line.set(option::AddressScope(group))?;
        }
        #[cfg(not(target_os = "linux"))]
        let _ = GROUP;
        // A buffer for each transfer, of 16 KiB otherwise.
        if self.now >= MANY {
            line.set(option::BufferSize(2 * 1024))?;
        }
        Ok(())
    }

    /// Whether to keep one idle handle more: there may be as many as transfers at work, of which each
    /// may be followed by another one soon.
    pub(super) fn keeps(&self, idle: usize) -> bool {
        idle < self.now.max(FEW_HANDLES)
    }
}
