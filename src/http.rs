//! A blocking HTTP client on libcurl: HTTP/1.1 and HTTP/2, with TLS that is always verified.
//!
//! A [`Client`] is cheap to clone and may be used by many threads at once. A call runs on the thread
//! that makes it, with a libcurl handle that the client keeps for the next call, and its connections
//! with it. Statuses, methods, headers and versions are the [`http`] crate's.
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
//! - No cookie, redirect or credential of one request reaches another.
//!
//! libcurl reads the proxy settings of the environment (`http_proxy`, `https_proxy`, `all_proxy`,
//! `no_proxy`) at each call.

mod client;
mod config;
mod outgoing;
mod pool;
mod receive;
mod request;
mod response;
mod tls;
mod wire;

pub use client::Client;
pub use config::{ClientBuilder, HttpVersion, Timeouts};
pub use request::RequestBuilder;
pub use response::{Response, Timings};
pub use tls::{Tls, TlsVersion};
