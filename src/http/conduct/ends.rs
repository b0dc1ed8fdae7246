//! How a transfer ends: with a response, or with an error that says how far it came.

use std::time::Duration;

use super::{Conduct, Line, Run};
use crate::curl::{Id, Info, Multi};
use crate::error::libcurl::given_up;
use crate::error::{Error, ErrorKind, Result, TimeLimit, Timings, Transfer};
use crate::http::exchange::{End, Wanted};
use crate::http::foreign::Foreign;
use crate::http::names::Names;
use crate::http::response::Response;
use crate::http::sink::{Failure, Sink};
use crate::http::source::Source;

/// A transfer that is over.
pub(in crate::http) struct Concluded {
    pub(in crate::http) exchange: Option<Wanted>,
    /// What gave the request's body, for another attempt.
    pub(in crate::http) source: Source,
    pub(in crate::http) outcome: Result<Whole>,
}

/// All that came back.
#[allow(clippy::large_enum_variant)] // it is a return value, on the way to whoever wants it
pub(in crate::http) enum Whole {
    /// And how much of its body a closure took.
    Response(Response<Vec<u8>>, u64),
    /// What is left to tell, where the response was handed on before its body.
    Rest(End),
}

impl Whole {
    /// The response, which was not handed on before.
    pub(in crate::http) fn response(self) -> Result<Response<Vec<u8>>> {
        match self {
            Self::Response(response, _) => Ok(response),
            Self::Rest(_) => Err(Error::of(ErrorKind::Closed)),
        }
    }
}

/// What libcurl, the handler and the handle know of a transfer, put together. The handle is free for
/// another one then.
#[inline]
pub(in crate::http) fn conclude(
    outcome: Result<()>,
    line: &mut Line,
    names: &mut Names,
) -> Concluded {
    let failure = line.handler_mut().run.failure.take();
    let outcome = match (outcome, failure) {
        (Err(error), failure)
            if matches!(error.kind(), ErrorKind::Panicked | ErrorKind::Cancelled) =>
        {
            drop(Foreign::new(failure));
            Err(error.at(line.info().transfer()))
        }
        (_, Some(failure)) => Err(failure.error(line.info().transfer())),
        (Err(error), None) if !line.handler().run.is_enough(&error, line.info()) => {
            Err(line.handler().explained(error, line.info()))
        }
        // Also where no more of a redirect's body was wanted, or of the request's.
        (_, None) => {
            let (info, uses_tls) = (line.info(), line.handler().run.clock.uses_tls());
            let (timings, received) = (info.own_timings(uses_tls), info.size_download());
            line.handler_mut().run.whole(timings, received, names)
        }
    };
    let run = &mut line.handler_mut().run;
    let outcome = outcome.map_err(|error| run.complete_error(error));
    let source = std::mem::take(&mut run.source);
    let exchange = run.exchange.take();
    run.clear();
    Concluded { exchange, source, outcome }
}

/// `CURLE_SEND_ERROR`
const SEND_ERROR: i64 = 55;

impl Conduct {
    /// Says of a transfer that failed what libcurl does not.
    fn explained(&self, mut error: Error, info: Info<'_>) -> Error {
        if error.code() == Some(SEND_ERROR) && self.run.head.is_complete() {
            let status = self.run.head.status();
            error.add(&format!(", when a response with status {status} had begun to arrive"));
        }
        if error.kind() == ErrorKind::ResolveName && self.asks_over_https {
            error.add(" (by the DNS server that the client was given)");
        }
        if error.kind() == ErrorKind::Tls
            && info.http_connect_code().is_none_or(|code| code == 0)
            && let Some(proxy) = &self.proxy
            && proxy.is_spoken_to(info.primary_port())
        {
            error.add(" (in the handshake with the proxy)");
        }
        error
    }
}

impl Run {
    /// All is there that was wanted, although the transfer failed: no more of a redirect's body, or a
    /// response whose peer did not wait for the rest of the request (RFC 9112 section 9.5, RFC 9110 section
    /// 10.1.1). libcurl closes the connection in both cases.
    fn is_enough(&self, error: &Error, info: Info<'_>) -> bool {
        if self.route.as_ref().is_some_and(|route| route.was_cut()) {
            return true;
        }
        error.code() == Some(SEND_ERROR)
            && self.head.is_complete()
            && (self.turned || self.announced_length() == Some(info.size_download()))
    }

    /// How long the response's body is, where its head says so.
    fn announced_length(&self) -> Option<u64> {
        if self.handed_on { self.length } else { self.head.body_length() }
    }

    #[inline]
    fn whole(&mut self, timings: Timings, received: u64, names: &mut Names) -> Result<Whole> {
        let timings = self.timings(timings);
        let trailers = self.head.take_trailers()?;
        let (body, taken) = match std::mem::take(&mut self.sink) {
            Sink::Collect(body) => (body, 0),
            Sink::Call(_, taken) => (Vec::new(), taken),
            Sink::Nothing | Sink::Pipe(_) => (Vec::new(), 0),
        };
        if self.handed_on {
            return Ok(Whole::Rest(End { trailers, timings, taken }));
        }
        let parts = self.head.take(names)?;
        Ok(Whole::Response(Response::new(parts, timings, received, body, trailers), taken))
    }
}

/// Gives a transfer up without waiting for anything; its handle is dropped.
pub(in crate::http) fn give_up(
    multi: &mut Multi<Conduct>,
    id: Id,
    why: impl FnOnce(&Line) -> Error,
) -> Concluded {
    let error = multi.get(id).map_or_else(|| Error::of(ErrorKind::Cancelled), why);
    let run = multi.handler_mut(id).map(|conduct| std::mem::take(&mut conduct.run));
    // It is there, or there is nothing to cancel.
    let _ = multi.cancel(id);
    let mut run = run.unwrap_or_default();
    let source = std::mem::take(&mut run.source);
    Concluded { exchange: run.exchange.take(), source, outcome: Err(error) }
}

/// The error of a transfer that was given up for a limit.
pub(in crate::http) fn late(limit: TimeLimit, line: &Line) -> Error {
    let run = &line.handler().run;
    let mut transfer = line.info().transfer();
    transfer.limit = Some(limit);
    let text = format!("the time {limit} is over, after {:.1?}", run.clock.elapsed());
    run.complete_error(given_up(ErrorKind::Timeout, text, transfer))
}

/// The error of a transfer that was given up for want of a request's body.
pub(in crate::http) fn dry(failure: Failure, line: &Line) -> Error {
    line.handler().run.complete_error(failure.error(line.info().transfer()))
}

/// The error of a request that was cancelled after it waited so long, before anything of it began.
pub(in crate::http) fn cancelled_early(waited: Duration) -> Error {
    ended_early("the request was cancelled before it was sent", waited)
}

/// The same of one whose client was closed.
pub(in crate::http) fn closed_early(waited: Duration) -> Error {
    ended_early("the client was closed before the request was sent", waited)
}

fn ended_early(text: &str, waited: Duration) -> Error {
    let timings = Timings { queue: waited, ..Timings::default() };
    let transfer = Transfer { elapsed: waited, timings, ..Transfer::default() };
    given_up(ErrorKind::Cancelled, text.to_owned(), transfer)
}

/// The error of a transfer that was given up because somebody said so.
pub(in crate::http) fn cancelled(line: &Line) -> Error {
    ended("the request was cancelled", line)
}

/// The error of a transfer whose client was closed.
pub(in crate::http) fn closed(line: &Line) -> Error {
    ended("the client was closed", line)
}

fn ended(text: &str, line: &Line) -> Error {
    let error = given_up(ErrorKind::Cancelled, text.to_owned(), line.info().transfer());
    line.handler().run.complete_error(error)
}
