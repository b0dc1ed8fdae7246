//! The limits that libcurl does not know: those of one phase.

use std::time::{Duration, Instant};

use crate::curl::{Info, Pauses};
use crate::error::{Phase, TimeLimit};

/// How long single phases may take; `None` is for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Phases {
    pub(super) name: Option<Duration>,
    pub(super) tls: Option<Duration>,
    pub(super) first_byte: Option<Duration>,
    pub(super) between_bytes: Option<Duration>,
}

/// How far libcurl says that a transfer came.
#[derive(Clone, Copy)]
pub(super) struct Progress {
    phase: Phase,
    connect: Duration,
    handshake: Option<Instant>,
    request: Duration,
    sent: u64,
}

impl From<Info<'_>> for Progress {
    fn from(info: Info<'_>) -> Self {
        Self {
            phase: info.phase(),
            connect: info.connect_time(),
            handshake: info.handshake_began(),
            request: info.pretransfer_time(),
            sent: info.size_upload(),
        }
    }
}

/// When what happened in a transfer.
#[derive(Default)]
pub(super) struct Clock {
    limits: Phases,
    uses_tls: bool,
    started: Option<Instant>,
    answered: Option<Instant>,
    /// The last byte of the body came.
    moved: Option<Instant>,
    /// Under which a driver looks at it next.
    pub(super) timer: Option<(Instant, u64)>,
    /// How much of the request's body was sent when that was looked at last, and when it was.
    sent: (u64, Option<Instant>),
}

impl Clock {
    /// A transfer begins, with these limits, and with TLS or without; answers when to
    /// [`check`](Clock::check) first.
    pub(super) fn start(&mut self, (limits, uses_tls): (Phases, bool)) -> Option<Instant> {
        let now = Instant::now();
        (self.limits, self.uses_tls, self.started) = (limits, uses_tls, Some(now));
        (self.answered, self.moved, self.timer, self.sent) = (None, None, None, (0, None));
        let Phases { name, tls, first_byte, between_bytes } = limits;
        soonest(now, [name, tls, first_byte, between_bytes])
    }

    /// A header line came.
    pub(super) fn answered(&mut self) {
        self.answered.get_or_insert_with(Instant::now);
    }

    /// A piece of the body came.
    pub(super) fn moved(&mut self) {
        if self.limits.between_bytes.is_some() {
            self.moved = Some(Instant::now());
        }
    }

    /// Whether the transfer goes to an `https` URL.
    pub(super) fn uses_tls(&self) -> bool {
        self.uses_tls
    }

    /// Since the start.
    pub(super) fn elapsed(&self) -> Duration {
        self.started.map_or(Duration::ZERO, |start| start.elapsed())
    }

    /// From the start to the first header line; zero where none came.
    pub(super) fn first_byte(&self) -> Duration {
        let both = self.started.zip(self.answered);
        both.map_or(Duration::ZERO, |(start, then)| then.saturating_duration_since(start))
    }

    /// Whether a limit is over; if none is, when to look again: at the end of the limit of the phase
    /// that the transfer is in, or where a later phase's could end at the earliest.
    pub(super) fn check(
        &mut self,
        progress: Progress,
        pauses: Pauses,
    ) -> Result<Option<Instant>, TimeLimit> {
        let Some(start) = self.started else { return Ok(None) };
        let now = Instant::now();
        let Phases { name, tls, first_byte, between_bytes } = self.limits;
        let (current, later) = if let Some(answered) = self.answered {
            // A response that is not read is not the peer's silence.
            let last = if pauses.receiving { now } else { self.moved.unwrap_or(answered) };
            ((between_bytes, last, TimeLimit::BetweenBytes), [None; 3])
        } else {
            match progress.phase {
                Phase::Name => ((name, start, TimeLimit::Name), [tls, first_byte, between_bytes]),
                Phase::Connect => {
                    ((None, start, TimeLimit::Connect), [tls, first_byte, between_bytes])
                }
                Phase::Tls => {
                    let limit = tls.filter(|_| self.uses_tls);
                    let since = progress.handshake.unwrap_or(start + progress.connect);
                    ((limit, since, TimeLimit::Tls), [first_byte, between_bytes, None])
                }
                Phase::FirstByte | Phase::Body => {
                    // While the request's body is on its way, no answer is due.
                    let sent = progress.sent;
                    if sent != self.sent.0 || pauses.sending {
                        self.sent = (sent, Some(now));
                    }
                    let since = start + progress.request;
                    let since = self.sent.1.map_or(since, |sent| sent.max(since));
                    ((first_byte, since, TimeLimit::FirstByte), [between_bytes, None, None])
                }
            }
        };
        let (limit, since, which) = current;
        let due = limit.map(|limit| since + limit);
        if due.is_some_and(|due| due <= now) {
            return Err(which);
        }
        Ok(due.into_iter().chain(soonest(now, later)).min())
    }
}

/// Whether a URL's scheme is one with TLS.
pub(super) fn uses_tls(url: &str) -> bool {
    url.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"))
}

fn soonest<const N: usize>(now: Instant, limits: [Option<Duration>; N]) -> Option<Instant> {
    limits.into_iter().flatten().min().map(|limit| now + limit)
}
