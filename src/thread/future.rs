//! Waiting for a closure without a thread that waits.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::reply::Wait;
use super::worker::{Core, Job};
use crate::error::{Error, ErrorKind, Result};
use crate::sync::Arc;
use crate::unwind::Panic;

/// What a closure on a pinned thread will answer: the future of
/// [`PinnedThread::run_async`](super::PinnedThread::run_async).
///
/// It works under every executor, and `Send` if the answer is. The closure is queued when the
/// future is first polled; while the queue is full the future waits for a place. Dropping it keeps
/// a closure from being run that has not begun; one that has begun runs to its end, and its answer
/// is dropped. It does not keep the [`PinnedThread`](super::PinnedThread) alive: once that is
/// dropped, a closure that was not queued is [`Cancelled`](ErrorKind::Cancelled).
#[must_use = "a future does nothing before it is polled"]
pub struct RunAsync<S: 'static, R> {
    core: Arc<Core<S>>,
    /// `None` once it was queued.
    job: Option<Job<S>>,
    /// This future's number among those that wait for a place.
    ticket: Option<u64>,
    /// `None` once it was answered.
    wait: Option<Wait<Result<R, Panic>>>,
}

impl<S: 'static, R> RunAsync<S, R> {
    pub(super) fn new(core: Arc<Core<S>>, job: Job<S>, wait: Wait<Result<R, Panic>>) -> Self {
        Self { core, job: Some(job), ticket: None, wait: Some(wait) }
    }
}

impl<S: 'static, R> Future for RunAsync<S, R> {
    type Output = Result<R>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<R>> {
        let this = self.get_mut();
        if this.core.is_forked() {
            return Poll::Ready(Err(Error::of(ErrorKind::Forked)));
        }
        if this.job.is_some() {
            if this.core.is_here() {
                return Poll::Ready(Err(Error::of(ErrorKind::Reentrant)));
            }
            match this.core.queue.poll_push(&mut this.job, &mut this.ticket, context.waker()) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(refusal)) => {
                    this.job = None;
                    this.wait = None;
                    return Poll::Ready(Err(refusal.into()));
                }
            }
        }
        let Some(wait) = &mut this.wait else {
            return Poll::Ready(Err(Error::of(ErrorKind::Cancelled)));
        };
        let Poll::Ready(answer) = wait.poll(context.waker()) else { return Poll::Pending };
        this.wait = None;
        Poll::Ready(match answer {
            Some(Ok(answer)) => Ok(answer),
            Some(Err(panic)) => Err(panic.into()),
            None => Err(this.core.undone()),
        })
    }
}

impl<S: 'static, R> Drop for RunAsync<S, R> {
    fn drop(&mut self) {
        if self.core.is_forked() {
            // The locks may be held by a thread that this process does not have.
            std::mem::forget((self.job.take(), self.wait.take()));
        } else if let Some(ticket) = self.ticket.take() {
            self.core.queue.forget(ticket);
        }
    }
}

impl<S: 'static, R> fmt::Debug for RunAsync<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunAsync").field("queued", &self.job.is_none()).finish_non_exhaustive()
    }
}
