//! GETs that another thread drives: the caller hands over as many as there are to be in flight, and
//! waits until all responses are there.
//!
//! Raw libcurl's thread has the loop of `multi`'s `raw-events`, and is woken once for all of them.

use std::future::Future;
use std::hint::black_box;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use ffence::http::{Client, Response};

use super::{Op, multi, server};

const BYTES: usize = 1024;

pub fn raw(in_flight: usize) -> Op {
    let (ask, asked) = channel::<()>();
    let (answer, answered) = channel();
    thread::spawn(move || {
        let mut all = multi::raw_events(in_flight);
        while asked.recv().is_ok() {
            all();
            answer.send(()).expect("somebody waits");
        }
    });
    Box::new(move || {
        ask.send(()).expect("the thread is there");
        answered.recv().expect("the thread is there");
    })
}

/// Wakes a thread that is parked, and tells it which future to poll.
struct Woken {
    thread: Thread,
    is: AtomicBool,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.is.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

type Sending = Pin<Box<dyn Future<Output = ffence::Result<Response<Vec<u8>>>>>>;

/// A client's asynchronous calls, all polled by this thread.
pub fn ffence(in_flight: usize) -> Op {
    let client = Client::new().expect("a client");
    let url = server::url(BYTES);
    let woken = |_| Arc::new(Woken { thread: thread::current(), is: AtomicBool::new(false) });
    let wakers: Vec<_> = (0..in_flight).map(woken).collect();
    Box::new(move || {
        let send = |woken: &Arc<Woken>| -> (Sending, Arc<Woken>) {
            woken.is.store(true, Ordering::Relaxed);
            (Box::pin(client.get(black_box(&*url)).send_async()), Arc::clone(woken))
        };
        let mut all: Vec<_> = wakers.iter().map(send).collect();
        while !all.is_empty() {
            all.retain_mut(|(sending, woken)| {
                if !woken.is.swap(false, Ordering::Acquire) {
                    return true;
                }
                let waker = Waker::from(Arc::clone(woken));
                match sending.as_mut().poll(&mut Context::from_waker(&waker)) {
                    Poll::Pending => true,
                    Poll::Ready(response) => {
                        let response = response.expect("a response");
                        assert_eq!(response.status().as_u16(), 200);
                        assert_eq!(black_box(response.into_body()).len(), BYTES);
                        false
                    }
                }
            });
            if all.iter().all(|(_, woken)| !woken.is.load(Ordering::Acquire)) && !all.is_empty() {
                thread::park();
            }
        }
    })
}
