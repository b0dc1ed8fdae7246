//! GETs that another thread drives: the caller hands over as many as there are to be in flight, and
//! waits until all responses are there.
//!
//! Raw libcurl's thread has the loop of `multi`'s `raw-events`, and is woken once for all of them.

use std::future::Future;
use std::hint::black_box;
use std::pin::Pin;
use std::sync::Arc;
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

/// Wakes a thread that is parked.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

type Sending = Pin<Box<dyn Future<Output = ffence::Result<Response<Vec<u8>>>>>>;

/// A client's asynchronous calls, all polled by this thread.
pub fn ffence(in_flight: usize) -> Op {
    let client = Client::new().expect("a client");
    let url = server::url(BYTES);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    Box::new(move || {
        let mut context = Context::from_waker(&waker);
        let send = |_| -> Sending { Box::pin(client.get(black_box(&*url)).send_async()) };
        let mut all: Vec<_> = (0..in_flight).map(send).collect();
        loop {
            all.retain_mut(|sending| match sending.as_mut().poll(&mut context) {
                Poll::Pending => true,
                Poll::Ready(response) => {
                    let response = response.expect("a response");
                    assert_eq!(response.status().as_u16(), 200);
                    assert_eq!(black_box(response.into_body()).len(), BYTES);
                    false
                }
            });
            if all.is_empty() {
                return;
            }
            thread::park();
        }
    })
}
