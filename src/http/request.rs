//! A request on its way.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::io;
use std::time::{Duration, Instant};

use ::http::header::{AUTHORIZATION, CONTENT_TYPE};
use ::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use super::body::Body;
use super::body_reader::BodyReader;
use super::cancel::CancelHandle;
use super::client::Client;
use super::conduct::Progress;
use super::encode;
use super::foreign::Foreign;
use super::given::{self, wrong};
use super::job::Parts;
use super::plan::Login;
use super::request_body::RequestBody;
use super::response::Response;
use super::sending::{self, Into as Kept, Sending, Stage};
use super::sink::{Sink, Take};
use crate::curl::option::value::Auth;
use crate::error::{Error, Result};

/// A request that [`send`](RequestBuilder::send) sends; made by [`Client::get`] and its like.
///
/// What is wrong with a header is told by `send`.
///
/// A request is sent once:
/// ```compile_fail,E0382
/// # fn f(client: ffence::http::Client) -> ffence::Result<()> {
/// let request = client.get("http://127.0.0.1/");
/// request.send()?;
/// request.send()?; // use of moved value
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is sent before `send`"]
pub struct RequestBuilder<'a> {
    client: &'a Client,
    parts: Parts<'a>,
    wrong: Option<Error>,
}

impl<'a> RequestBuilder<'a> {
    pub(super) fn new(client: &'a Client, method: Method, url: Cow<'a, str>) -> Self {
        Self { client, parts: Parts::new(method, url), wrong: None }
    }

    /// Adds a header; one of the same name that is there already stays.
    ///
    /// A `Content-Length` must be the body's; `Transfer-Encoding` and `Trailer` are refused. Without a
    /// `Content-Type` of its own a body is sent without one, and without an `Expect` nothing is
    /// asked before a large body is sent.
    ///
    /// [`CURLOPT_HTTPHEADER`](https://curl.se/libcurl/c/CURLOPT_HTTPHEADER.html)
    #[doc(alias = "CURLOPT_HTTPHEADER")]
    pub fn header<N, V>(mut self, name: N, value: V) -> Self
    where
        N: TryInto<HeaderName, Error: Into<::http::Error>>,
        V: TryInto<HeaderValue, Error: Into<::http::Error>>,
    {
        let header = given::header(name, value);
        let added = header.and_then(|header| given::append(&mut self.parts.headers, header));
        if let Err(error) = added {
            self.wrong.get_or_insert(error);
        }
        self
    }

    /// The body: owned bytes or text, what is `'static`, or any other [`RequestBody`]. Bytes are kept,
    /// not copied, until the response is there.
    ///
    /// [`CURLOPT_POSTFIELDS`](https://curl.se/libcurl/c/CURLOPT_POSTFIELDS.html),
    /// [`CURLOPT_UPLOAD`](https://curl.se/libcurl/c/CURLOPT_UPLOAD.html)
    #[doc(alias = "CURLOPT_POSTFIELDS")]
    #[doc(alias = "CURLOPT_UPLOAD")]
    pub fn body(mut self, body: impl Into<RequestBody>) -> Self {
        self.parts.body = body.into();
        self
    }

    /// Appends names and values to the URL's query, percent-encoded.
    ///
    /// ```
    /// # let client = ffence::http::Client::new()?;
    /// let request = client.get("http://127.0.0.1/search").query([("q", "a&b"), ("page", "2")]);
    /// assert!(format!("{request:?}").contains("/search?q=a%26b&page=2"));
    /// # Ok::<(), ffence::Error>(())
    /// ```
    pub fn query<K: AsRef<str>, V: AsRef<str>>(
        mut self,
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let query = encode::pairs(pairs, "%20");
        self.parts.url = encode::with_query(&self.parts.url, &query).into();
        self
    }

    /// The body: names and values as a form in a page sends them
    /// (`application/x-www-form-urlencoded`). For files, see [`RequestBody::form`].
    pub fn form<K: AsRef<str>, V: AsRef<str>>(
        self,
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let form = encode::pairs(pairs, "+");
        self.replace_header(
            CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        )
        .body(form)
    }

    /// The body: `value` as JSON.
    #[cfg(feature = "json")]
    pub fn json(mut self, value: &(impl serde::Serialize + ?Sized)) -> Self {
        match serde_json::to_vec(value) {
            Ok(json) => self
                .replace_header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
                .body(json),
            Err(error) => {
                self.wrong.get_or_insert_with(|| wrong("the value for JSON", &error));
                self
            }
        }
    }

    /// Sends a user's name and password at once (HTTP Basic, RFC 7617), to this URL's host alone.
    pub fn basic_auth(self, user: &str, password: &str) -> Self {
        self.authorization(given::basic(user, password))
    }

    /// Sends a token (RFC 6750), to this URL's host alone.
    pub fn bearer_auth(self, token: &str) -> Self {
        self.authorization(given::bearer(token))
    }

    /// Logs in by one of these ways, as the server asks for it: a challenge is answered on the same
    /// connection. It goes to this URL's origin alone, whatever redirects are followed; within it, and in
    /// further attempts, each request logs in anew.
    ///
    /// By Digest, NTLM or Negotiate alone, a body is sent once the challenge is answered. Where the
    /// server is to choose among several ways ([`Auth::ANY`]), it is sent before, and then again, which takes
    /// one in memory, or one that can be [opened](RequestBody::open) again and a blocking call.
    ///
    /// [`CURLOPT_HTTPAUTH`](https://curl.se/libcurl/c/CURLOPT_HTTPAUTH.html)
    #[doc(alias = "CURLOPT_HTTPAUTH")]
    pub fn login(mut self, user: &str, password: &str, how: Auth) -> Self {
        let (user, password) = (user.to_owned(), password.to_owned());
        self.parts.login = Some(Login { user, password, how });
        self
    }

    fn authorization(mut self, value: Result<HeaderValue>) -> Self {
        match value {
            Ok(value) => self.replace_header(AUTHORIZATION, value),
            Err(error) => {
                self.wrong.get_or_insert(error);
                self
            }
        }
    }

    fn replace_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        if let Err(error) = self.parts.headers.try_insert(name, value) {
            self.wrong.get_or_insert_with(|| wrong("the headers", &error));
        }
        self
    }

    /// Has `take` told how far the transfer came, with each piece of a body, on the thread that drives
    /// it, inside libcurl; with [`send_to`](RequestBuilder::send_to), each time that pieces were written.
    pub fn on_progress(mut self, take: impl FnMut(Progress) + Send + 'static) -> Self {
        self.parts.progress = Some(Box::new(take));
        self
    }

    /// How long this call may take, in place of the client's
    /// [`total`](super::Timeouts::total) limit.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.parts.timeout = Some(limit);
        self
    }

    /// When this call must be over, whatever else is said about time.
    pub fn deadline(mut self, deadline: Instant) -> Self {
        self.parts.deadline = Some(deadline);
        self
    }

    /// Lets `cancel` give the request up, from wherever that is.
    pub fn cancel_with(mut self, cancel: &CancelHandle) -> Self {
        self.parts.cancel = Some(cancel.clone());
        self
    }

    /// Has `take` called for each interim response (status 100 to 199, such as `103 Early Hints`),
    /// inside libcurl, on the thread that drives the transfer.
    pub fn on_interim(mut self, take: impl FnMut(StatusCode, &HeaderMap) + Send + 'static) -> Self {
        self.parts.interim = Some(Box::new(take));
        self
    }

    /// Sends the request and waits for the response, body and all.
    ///
    /// [`curl_easy_perform`](https://curl.se/libcurl/c/curl_easy_perform.html)
    ///
    /// # Errors
    /// Any that [`Client`] names. A status like 404 is no error: see
    /// [`Response::error_for_status`].
    #[doc(alias = "curl_easy_perform")]
    pub fn send(self) -> Result<Response<Vec<u8>>> {
        match self.wrong {
            None => self.client.call(self.parts),
            Some(error) => Err(error),
        }
    }

    /// Sends the request and waits for the response's head; its body is read from it as it arrives.
    ///
    /// ```
    /// # use std::io::Write;
    /// # let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    /// # let url = format!("http://{}/", listener.local_addr().unwrap());
    /// # std::thread::spawn(move || {
    /// #     let (mut peer, _) = listener.accept().unwrap();
    /// #     let _ = std::io::Read::read(&mut peer, &mut [0; 4096]);
    /// #     let _ = peer.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    /// # });
    /// use std::io::Read;
    ///
    /// let client = ffence::http::Client::new()?;
    /// let mut response = client.get(url).open()?;
    /// let mut first = [0; 2];
    /// response.body_mut().read_exact(&mut first)?;
    /// assert_eq!(&first, b"he"); // dropping the response gives the rest up
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Any that [`Client`] names; those that come later are told by reading.
    pub fn open(self) -> Result<Response<BodyReader>> {
        match self.wrong {
            None => self.client.open(self.parts),
            Some(error) => Err(error),
        }
    }

    /// Sends the request on a driver of the client's; the future waits for the response, body and
    /// all, under any executor.
    ///
    /// ```
    /// # use std::io::{Read, Write};
    /// # let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    /// # let url = format!("http://{}/", listener.local_addr().unwrap());
    /// # std::thread::spawn(move || {
    /// #     let (mut peer, _) = listener.accept().unwrap();
    /// #     let _ = peer.read(&mut [0; 4096]);
    /// #     let _ = peer.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    /// # });
    /// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    /// # runtime.block_on(async {
    /// let client = ffence::http::Client::new()?;
    /// let response = client.get(url).send_async().await?;
    /// assert_eq!(response.text()?, "hello");
    /// # Ok::<(), ffence::Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// The future answers what [`send`](RequestBuilder::send) does.
    pub fn send_async(self) -> Sending<Vec<u8>> {
        self.sending(async |client, stage| {
            let (response, _) = sending::send(client, stage, Kept::Memory).await?;
            Ok(response)
        })
    }

    /// Sends the request on a driver of the client's; the future waits for the response's head, and
    /// its body is read from it as it arrives.
    ///
    /// # Errors
    /// As for [`open`](RequestBuilder::open).
    pub fn open_async(self) -> Sending<Body> {
        self.sending(sending::open)
    }

    /// Sends the request on a driver of the client's, which calls `take` with each piece of the
    /// response's body, whatever the status; the response then holds how many bytes that were.
    ///
    /// Nothing is copied. `take` runs on the driver's thread, inside libcurl: while it takes its
    /// time, all transfers of that driver wait.
    ///
    /// # Errors
    /// The future answers what [`send_to`](RequestBuilder::send_to) does.
    pub fn send_async_to(
        self,
        take: impl FnMut(&[u8]) -> io::Result<()> + Send + 'static,
    ) -> Sending<u64> {
        let take: Take = Box::new(take);
        self.sending(async move |client, stage| {
            let sink = Sink::Call(Foreign::new(take), 0);
            let (response, mut leash) = sending::send(client, stage, Kept::Sink(sink)).await?;
            let taken = leash.taken().await?;
            Ok(response.map(|_| taken))
        })
    }

    fn sending<B, F>(
        self,
        send: impl FnOnce(Client, Box<Stage>) -> F + Send + 'static,
    ) -> Sending<B>
    where
        F: Future<Output = Result<Response<B>>> + Send + 'static,
    {
        let Self { client, parts, wrong } = self;
        let stage = Stage::of(parts.into_owned());
        let owned = client.clone();
        Sending::new(client, async move {
            match wrong {
                None => send(owned, stage).await,
                Some(error) => Err(error),
            }
        })
    }

    /// Sends the request and writes the response's body to `writer` as it arrives, whatever the
    /// status; the response then holds how many bytes that were.
    ///
    /// The writer is called on this thread, inside libcurl.
    ///
    /// [`CURLOPT_WRITEFUNCTION`](https://curl.se/libcurl/c/CURLOPT_WRITEFUNCTION.html)
    ///
    /// # Errors
    /// As for [`send`](RequestBuilder::send); [`ErrorKind::Sink`](crate::ErrorKind::Sink) when the writer failed, with its
    /// error as the [`source`](std::error::Error::source), and [`ErrorKind::Panicked`](crate::ErrorKind::Panicked) when it
    /// panicked.
    ///
    /// What the writer borrows is free again afterwards, and cannot be touched meanwhile:
    /// ```compile_fail,E0502
    /// # fn f(client: ffence::http::Client) -> ffence::Result<()> {
    /// let mut file = Vec::new();
    /// let request = client.get("http://127.0.0.1/");
    /// let first = file.first();
    /// request.send_to(&mut file)?; // cannot borrow `file` as mutable
    /// println!("{first:?}");
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "CURLOPT_WRITEFUNCTION")]
    pub fn send_to(self, writer: &mut impl io::Write) -> Result<Response<u64>> {
        match self.wrong {
            None => self.client.call_into(self.parts, writer),
            Some(error) => Err(error),
        }
    }
}

impl fmt::Debug for RequestBuilder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestBuilder")
            .field("method", &self.parts.method)
            .field("url", &self.parts.url)
            .field("headers", &self.parts.headers)
            .field("body", &self.parts.body)
            .field("timeout", &self.parts.timeout)
            .field("wrong", &self.wrong)
            .finish_non_exhaustive()
    }
}
