//! The spans of the crate tracing, with the feature `tracing`; without it, nothing.

use ::http::Method;

use super::observe::Attempt;

/// The span of a request, and that of the attempt under way.
#[cfg(feature = "tracing")]
pub(super) struct Spans {
    request: tracing::Span,
    attempt: tracing::Span,
}

#[cfg(feature = "tracing")]
impl Spans {
    pub(super) fn begin(method: &Method, url: impl FnOnce() -> String) -> Self {
        use tracing::field::Empty;

        let request = tracing::info_span!(
            target: "ffence::http",
            "request",
            method = Empty,
            url = Empty,
            status = Empty,
            error = Empty,
            attempts = Empty,
        );
        if !request.is_disabled() {
            request.record("method", method.as_str());
            request.record("url", url().as_str());
        }
        Self { request, attempt: tracing::Span::none() }
    }

    pub(super) fn are_off(&self) -> bool {
        self.request.is_disabled()
    }

    pub(super) fn attempt(&mut self, number: u32) {
        use tracing::field::Empty;

        if self.are_off() {
            return;
        }
        self.attempt = tracing::info_span!(
            target: "ffence::http",
            parent: &self.request,
            "attempt",
            number,
            status = Empty,
            error = Empty,
            reused = Empty,
            sent = Empty,
            received = Empty,
            queue_us = Empty,
            name_us = Empty,
            connect_us = Empty,
            tls_us = Empty,
            first_byte_us = Empty,
            total_us = Empty,
        );
    }

    pub(super) fn attempt_ended(&mut self, attempt: &Attempt<'_>) {
        if self.are_off() {
            return;
        }
        for span in [&self.attempt, &self.request] {
            if let Some(status) = attempt.status {
                span.record("status", status.as_u16());
            }
            if let Some(error) = attempt.error {
                span.record("error", tracing::field::debug(error.kind()));
            } else if !attempt.whole {
                span.record("error", "given up");
            }
        }
        let span = &self.attempt;
        if let Some(reused) = attempt.reused {
            span.record("reused", reused);
        }
        if let Some(sent) = attempt.sent {
            span.record("sent", sent);
        }
        span.record("received", attempt.received);
        let timings = &attempt.timings;
        for (name, time) in [
            ("queue_us", timings.queue),
            ("name_us", timings.name),
            ("connect_us", timings.connect),
            ("tls_us", timings.tls),
            ("first_byte_us", timings.first_byte),
            ("total_us", timings.total),
        ] {
            span.record(name, u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
        }
        self.attempt = tracing::Span::none();
    }

    pub(super) fn ended(&self, attempts: u32) {
        self.request.record("attempts", attempts);
    }
}

#[cfg(not(feature = "tracing"))]
pub(super) struct Spans;

#[cfg(not(feature = "tracing"))]
#[allow(clippy::unused_self, clippy::needless_pass_by_ref_mut)] // as with the feature
impl Spans {
    pub(super) fn begin(_: &Method, _: impl FnOnce() -> String) -> Self {
        Self
    }

    pub(super) fn are_off(&self) -> bool {
        true
    }

    pub(super) fn attempt(&mut self, _: u32) {}

    pub(super) fn attempt_ended(&mut self, _: &Attempt<'_>) {}

    pub(super) fn ended(&self, _: u32) {}
}
