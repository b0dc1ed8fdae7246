//! An HTTP client on libcurl, blocking and asynchronous: HTTP/1.1 and HTTP/2, with TLS that is always
//! verified.
//!
//! A [`Client`] is cheap to clone and may be used by many threads and tasks at once. Statuses,
//! methods, headers and versions are the [`http`] crate's. A request can be sent in four ways:
//!
//! | | the body whole | the body as it arrives |
//! |---|---|---|
//! | on this thread | [`send`](RequestBuilder::send), [`send_to`](RequestBuilder::send_to) | [`open`](RequestBuilder::open) |
//! | by a task, on any executor | [`send_async`](RequestBuilder::send_async), [`send_async_to`](RequestBuilder::send_async_to) | [`open_async`](RequestBuilder::open_async) |
//!
//! ```
//! # use std::io::{Read, Write};
//! # let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
//! # let url = format!("http://{}/", listener.local_addr().unwrap());
//! # std::thread::spawn(move || {
//! #     let (mut peer, _) = listener.accept().unwrap();
//! #     let _ = peer.read(&mut [0; 4096]);
//! #     let _ = peer.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
//! # });
//! use ffence::http::Client;
//!
//! let client = Client::new()?;
//! let response = client.get(&url).send()?.error_for_status()?;
//! assert_eq!(response.text()?, "hello");
//! println!("first byte after {:?}", response.timings().first_byte);
//! # Ok::<(), ffence::Error>(())
//! ```
//!
//! # What is never done
//! - A certificate that does not verify is never accepted, and only `http` and `https` are spoken.
//! - No signal is raised or waited for (`CURLOPT_NOSIGNAL`). libcurl then leaves `SIGPIPE` to the
//!   program; Rust's own `main` ignores it, a C program that loads a Rust library must do so itself.
//! - No panic crosses libcurl: one in a writer comes back as
//!   [`ErrorKind::Panicked`](crate::ErrorKind::Panicked), and the client stays usable.
//! - No blocking call starts a thread, and no asynchronous one waits on the thread that polls it.
//! - No redirect or credential of one request reaches another, and no credential another origin;
//!   cookies do neither but by a `Jar` that the client was given (feature `cookies`).
//!
//! libcurl reads the proxy settings of the environment (`http_proxy`, `https_proxy`, `all_proxy`,
//! `no_proxy`) at each call.

mod alt_svc;
mod body;
mod body_reader;
mod calls;
mod cancel;
mod client;
mod clock;
mod conduct;
mod config;
#[cfg(feature = "cookies")]
mod cookie;
mod driver;
mod drivers;
mod encode;
mod exchange;
mod foreign;
mod given;
mod head;
mod hsts;
#[cfg(feature = "cookies")]
mod jar;
mod job;
mod limits;
mod lines;
mod link;
mod load;
mod names;
mod network;
mod next;
mod observe;
mod origin;
mod outgoing;
mod plan;
mod pool;
mod pump;
mod redirect;
mod request;
mod request_body;
mod response;
mod retry;
mod route;
mod sending;
mod service;
mod sink;
mod source;
mod spans;
mod text;
mod timeouts;
mod tls;
mod warm_up;
#[cfg(all(feature = "websocket", unix))]
pub mod websocket;
mod wire;

pub use self::alt_svc::AltSvc;
pub use self::body::Body;
pub use self::body_reader::BodyReader;
pub use self::cancel::CancelHandle;
pub use self::client::Client;
pub use self::conduct::Progress;
pub use self::config::{ClientBuilder, HttpVersion};
#[cfg(feature = "cookies")]
pub use self::cookie::Cookie;
pub use self::hsts::Hsts;
#[cfg(feature = "cookies")]
pub use self::jar::Jar;
pub use self::limits::Limits;
pub use self::lines::Lines;
pub use self::network::Proxy;
pub use self::observe::{Attempt, Observed, Observer};
pub use self::redirect::{Hop, Redirect, RedirectAction, RedirectAttempt};
pub use self::request::RequestBuilder;
pub use self::request_body::RequestBody;
pub use self::response::Response;
pub use self::retry::Retry;
pub use self::sending::Sending;
pub use self::service::{Deadline, Responding};
pub use self::timeouts::Timeouts;
#[cfg(feature = "crypto")]
pub use self::tls::KeyLog;
pub use self::tls::{Identity, Pin, Tls, TlsVersion};
pub use crate::curl::option::value::Auth;
pub use crate::error::{TimeLimit, Timings};
