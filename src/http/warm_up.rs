//! Connections before they are wanted.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use ::http::Method;

use super::client::Client;
use super::conduct::Whole;
use super::job::Parts;
use super::pool::MOST_IDLE;
use super::sending::{self, Into as Kept};
use super::sink::Sink;
use crate::error::Result;

impl Client {
    /// Makes connections to the server of `url`, so that the blocking requests that come next find
    /// them: up to `connections` of them (32 at most) at a time then need not connect.
    ///
    /// Each is made by a `HEAD` request for `url`, one after the other, whatever the answer's status.
    /// It takes a request: a connection that libcurl makes without one (`CURLOPT_CONNECT_ONLY`) is
    /// never used for another transfer, and one that is stopped before its request is closed. A server
    /// that closes after each answer cannot be warmed up to.
    ///
    /// # Errors
    /// Any that [`Client`] names: the first that occurs; connections made before stay.
    ///
    /// ```
    /// # use std::io::{Read, Write};
    /// # let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    /// # let url = format!("http://{}/", listener.local_addr().unwrap());
    /// # std::thread::spawn(move || {
    /// #     let (mut peer, _) = listener.accept().unwrap();
    /// #     for _ in 0..2 {
    /// #         let _ = peer.read(&mut [0; 4096]);
    /// #         let _ = peer.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    /// #     }
    /// # });
    /// let client = ffence::http::Client::new()?;
    /// client.warm_up(&url, 1)?;
    /// let response = client.get(&url).send()?;
    /// assert!(response.timings().connect.is_zero());
    /// # Ok::<(), ffence::Error>(())
    /// ```
    pub fn warm_up(&self, url: &str, connections: usize) -> Result<()> {
        self.check()?;
        // All at once in hand: each has a connection of its own.
        let mut wires = Vec::new();
        for _ in 0..connections.min(MOST_IDLE) {
            wires.push(self.wire()?);
        }
        let call = self.shared().calls.enter(None)?;
        let mut outcome = Ok(());
        for mut wire in wires {
            if outcome.is_ok() {
                call.on(wire.signal());
                outcome = self
                    .job(Parts::new(Method::HEAD, url.into()))
                    .and_then(|mut job| {
                        job.attempt();
                        let sink = Sink::Collect(Vec::new());
                        let outcome = self.attempt(&mut wire, &mut job, sink, None);
                        let outcome = outcome.and_then(Whole::response);
                        job.attempted(outcome.as_ref());
                        outcome
                    })
                    .map(drop);
            }
            self.give(wire);
        }
        outcome
    }

    /// The same for asynchronous requests: makes as many new connections on the driver of the server's
    /// host, all at once. Of HTTP/2 one is enough for many requests.
    ///
    /// # Errors
    /// The future answers what [`warm_up`](Client::warm_up) does.
    pub async fn warm_up_async(&self, url: &str, connections: usize) -> Result<()> {
        type Request = Pin<Box<dyn Future<Output = Result<()>> + Send>>;

        self.check()?;
        let request = |()| {
            let mut parts = Parts::new(Method::HEAD, url.to_owned().into());
            parts.fresh = true;
            sending::send(self.clone(), parts, Kept::Memory)
        };
        let mut requests: Vec<Option<Request>> = (0..connections)
            .map(|_| {
                let request = request(());
                Some(Box::pin(async move { request.await.map(drop) }) as Request)
            })
            .collect();
        poll_fn(|context| {
            let mut waits = false;
            for slot in &mut requests {
                let Some(request) = slot else { continue };
                match request.as_mut().poll(context) {
                    Poll::Pending => waits = true,
                    Poll::Ready(Ok(())) => *slot = None,
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                }
            }
            if waits { Poll::Pending } else { Poll::Ready(Ok(())) }
        })
        .await
    }
}
