//! What comes after an attempt.

use std::time::Instant;

use super::client::Client;
use super::job::Job;
use super::response::Response;
use crate::error::{Error, Result, TimeLimit};

/// What comes after an attempt.
pub(super) enum Then {
    /// Its outcome is the call's.
    Done,
    /// The same request once more, at this time.
    Again(Instant),
    /// The request that it led to, which the job is now.
    Onward,
}

impl Client {
    /// Decides what comes after an attempt; the outcome of the last one is completed with what the
    /// ones before it were. `may_repeat` is not so when somebody saw a part of the response.
    pub(super) fn next<B>(
        &self,
        job: &mut Job<'_>,
        outcome: &mut Result<Response<B>>,
        may_repeat: bool,
    ) -> Then {
        if let Ok(response) = &*outcome {
            match job.turn(response.timings()) {
                Ok(true) => return Then::Onward,
                Ok(false) => {}
                Err(error) => *outcome = Err(error),
            }
        }
        // Nothing was sent: this is no retry.
        if let Err(error) = &*outcome
            && error.is_connect()
            && error.time_limit() != Some(TimeLimit::Total)
            && job.strayed()
            && may_repeat
            && job.is_repeatable().0
        {
            return Then::Again(Instant::now());
        }
        if may_repeat && let Some(then) = self.next_attempt(job, outcome.as_ref()) {
            return Then::Again(then);
        }
        match outcome {
            Ok(response) => job.arrive(response),
            Err(error) => job.explain(error),
        }
        Then::Done
    }

    /// When to send a request once more, if that is to be done.
    fn next_attempt<B>(
        &self,
        job: &mut Job<'_>,
        outcome: Result<&Response<B>, &Error>,
    ) -> Option<Instant> {
        let retry = self.shared().config.retry.as_ref()?;
        let attempts = job.count_attempt();
        let (can, may) = job.is_repeatable();
        if !can {
            return None;
        }
        let delay = retry.delay(&self.shared().budget, attempts, may, outcome)?;
        let then = Instant::now() + delay;
        // What is known is better than a time-out.
        Some(then).filter(|then| job.due().is_none_or(|due| *then < due))
    }
}
