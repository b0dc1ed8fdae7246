//! How many transfers a driver has at work, and what it sets accordingly.

use super::conduct::{Conduct, Line};
use crate::capabilities::{Libcurl, Version};
#[cfg(not(target_os = "linux"))]
use crate::curl::multi::option::MaxConnects;
use crate::curl::{Multi, option};
use crate::error::Result;

/// How many handles a driver keeps for later transfers whatever it has to do; its connections belong
/// to the multi.
const FEW_HANDLES: usize = 64;

/// How many idle connections are kept in any case.
pub(super) const FEW_CONNECTIONS: u32 = 128;

/// How many transfers one of libcurl's multis has at most; a driver has as many of those as it takes.
/// libcurl (up to 8.12 or so) goes through all connections of a multi for each transfer, in search of
/// a free one and when the transfer is taken out. So many streams it also puts on one connection of
/// HTTP/2 (`CURLMOPT_MAX_CONCURRENT_STREAMS`), and when that is full makes one for each of those that
/// come before the next is there. Each multi keeps more connections than this, so that the first of
/// many transfers that are over does not take the connections of those that follow them.
#[cfg(target_os = "linux")]
pub(super) const GROUP: usize = 100;

/// With more transfers than these their memory counts, and not how fast each of them could be: how
/// large a buffer each has that is begun then (`CURLOPT_BUFFERSIZE`, at least 1 KiB).
const BUFFERS: [(usize, u32); 2] = [(4096, 1024), (512, 2 * 1024)];

/// libcurl's default.
const USUAL_BUFFER: u32 = 16 * 1024;

/// The transfers of a driver.
pub(super) struct Load {
    now: usize,
    /// Each transfer has a buffer of its own.
    owns_buffers: bool,
    /// How many idle connections the multi was told to keep.
    #[cfg(not(target_os = "linux"))]
    connections: usize,
}

impl Load {
    pub(super) fn new() -> Self {
        // From 8.7 on those of a multi share one.
        let shared = Version::new(8, 8, 0);
        Self {
            now: 0,
            owns_buffers: Libcurl::known().is_ok_and(|it| it.number() < shared),
            #[cfg(not(target_os = "linux"))]
            connections: usize::try_from(FEW_CONNECTIONS).unwrap_or_default(),
        }
    }

    /// One transfer more. Where all are in one multi, as many connections may be idle there as were in
    /// use at once.
    pub(super) fn more(&mut self, multi: &mut Multi<Conduct>) {
        self.now += 1;
        #[cfg(not(target_os = "linux"))]
        if self.now > self.connections {
            self.connections = self.now.next_power_of_two();
            // Refused, it would only be slower.
            let _ = multi.set(MaxConnects(u32::try_from(self.connections).unwrap_or(u32::MAX)));
        }
        #[cfg(target_os = "linux")]
        let _ = multi;
    }

    pub(super) fn less(&mut self) {
        self.now = self.now.saturating_sub(1);
    }

    /// Settings of a handle that depend on what else is at work.
    pub(super) fn settle(&self, line: &mut Line) -> Result<()> {
        let small = || BUFFERS.iter().find(|(many, _)| self.now >= *many).map(|(_, size)| *size);
        let size = if self.owns_buffers { small().unwrap_or(0) } else { 0 };
        if line.handler().applied.buffer != size {
            let told = if size == 0 { USUAL_BUFFER } else { size };
            line.set(option::BufferSize(told))?;
            line.handler_mut().applied.buffer = size;
        }
        Ok(())
    }

    /// Whether to keep one idle handle more: there may be as many as transfers at work, of which each
    /// may be followed by another one soon.
    pub(super) fn keeps(&self, idle: usize) -> bool {
        idle < self.now.max(FEW_HANDLES)
    }
}
