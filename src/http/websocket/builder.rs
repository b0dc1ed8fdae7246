//! A WebSocket that is to be opened.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use ::http::header::{
    AUTHORIZATION, CONNECTION, CONTENT_LENGTH, HOST, SEC_WEBSOCKET_PROTOCOL, TRANSFER_ENCODING,
    UPGRADE, USER_AGENT,
};
use ::http::{HeaderMap, HeaderName, HeaderValue, Uri};

use super::blocking::WebSocket;
use super::tasks::{Connecting, connect};
use crate::curl::option::value::Auth;
use crate::error::{Error, ErrorKind, Result};
use crate::http::cancel::CancelHandle;
use crate::http::client::Client;
use crate::http::config::millis;
use crate::http::given;
use crate::http::plan::Login;

/// A WebSocket to be opened: [`Client::websocket`].
///
/// What is wrong with a header is told by [`connect`](WebSocketBuilder::connect).
#[must_use = "nothing is opened before `connect`"]
pub struct WebSocketBuilder<'a> {
    client: &'a Client,
    url: Cow<'a, str>,
    headers: HeaderMap,
    protocols: Vec<String>,
    login: Option<Login>,
    wants: Wants,
    wrong: Option<Error>,
}

/// What does not go to the server.
#[derive(Clone)]
pub(super) struct Wants {
    pub(super) most: usize,
    pub(super) opening: Option<Duration>,
    pub(super) closing: Duration,
    pub(super) cancel: Option<CancelHandle>,
}

/// The longest message, unless [`limit`](WebSocketBuilder::limit) says otherwise.
const MOST: usize = 64 << 20;

impl Client {
    /// A WebSocket to be opened at a `ws://` or `wss://` URL, on a connection of its own, which is made
    /// with the client's settings: its proxies, names and addresses, trust, and limits of time.
    ///
    /// Its opening handshake is a request like others, and what the client was told of them holds:
    /// - It waits for its turn where there are [`Limits`](crate::http::Limits), and counts until its
    ///   connection is over.
    /// - [Redirects](crate::http::Redirect) are followed as far as that policy says, to `ws`, `wss`,
    ///   `http` and `https`; it is asked in terms of `http` and `https`.
    /// - Cookies of the client's jar are sent, and those of the answer taken in; a host of its
    ///   [`Hsts`](crate::http::Hsts) is spoken to over TLS, and put in by the answer.
    /// - An [`Observer`](crate::http::Observer) is told of it, and so are spans.
    ///
    /// It is not sent again as [`Retry`](crate::http::Retry) has it, and goes to no other place that
    /// [`AltSvc`](crate::http::AltSvc) knows.
    pub fn websocket<'a>(&'a self, url: impl Into<Cow<'a, str>>) -> WebSocketBuilder<'a> {
        WebSocketBuilder {
            client: self,
            url: url.into(),
            headers: HeaderMap::new(),
            protocols: Vec::new(),
            login: None,
            wants: Wants {
                most: MOST,
                opening: None,
                closing: Duration::from_secs(10),
                cancel: None,
            },
            wrong: None,
        }
    }
}

impl WebSocketBuilder<'_> {
    /// Adds a header to the opening request. What the handshake is made of
    /// (`Host`, `Connection`, `Upgrade`, `Sec-WebSocket-…`) is refused.
    pub fn header<N, V>(mut self, name: N, value: V) -> Self
    where
        N: TryInto<HeaderName, Error: Into<::http::Error>>,
        V: TryInto<HeaderValue, Error: Into<::http::Error>>,
    {
        let added = given::header(name, value).and_then(|(name, value)| {
            if is_the_handshakes(&name) {
                return Err(refused(&format!("{name} belongs to the handshake")));
            }
            given::append(&mut self.headers, (name, value))
        });
        if let Err(error) = added {
            self.wrong.get_or_insert(error);
        }
        self
    }

    /// Sends a user's name and password at once (HTTP Basic, RFC 7617), to this URL's origin alone.
    pub fn basic_auth(self, user: &str, password: &str) -> Self {
        self.authorization(given::basic(user, password))
    }

    /// Sends a token (RFC 6750), to this URL's origin alone.
    pub fn bearer_auth(self, token: &str) -> Self {
        self.authorization(given::bearer(token))
    }

    /// Logs in by one of these ways, as the server asks for it, at this URL's origin alone: a challenge
    /// is answered by another handshake, on another connection.
    ///
    /// Of them, a WebSocket knows [`Auth::DIGEST`] (RFC 7616: MD5 and SHA-256) and [`Auth::BASIC`],
    /// preferred in this order; Basic alone is sent at once. A set with neither, such as
    /// [`Auth::NTLM`], is refused by [`connect`](WebSocketBuilder::connect) before anything is sent:
    /// NTLM and Negotiate prove a connection, and libcurl, which knows how, does not make this request.
    ///
    /// ```
    /// use ffence::http::{Auth, Client};
    ///
    /// let client = Client::new()?;
    /// let builder = client.websocket("wss://example.org/chat").login("me", "secret", Auth::DIGEST);
    /// # drop(builder);
    /// # Ok::<(), ffence::Error>(())
    /// ```
    pub fn login(mut self, user: &str, password: &str, how: Auth) -> Self {
        let (user, password) = (user.to_owned(), password.to_owned());
        self.login = Some(Login { user, password, how });
        self
    }

    fn authorization(mut self, value: Result<HeaderValue>) -> Self {
        match value {
            Ok(value) => _ = self.headers.insert(AUTHORIZATION, value),
            Err(error) => _ = self.wrong.get_or_insert(error),
        }
        self
    }

    /// Offers a protocol to be spoken over the WebSocket; the first is the one wanted most. Which one
    /// the server takes, [`protocol`](WebSocket::protocol) tells; a server that takes none of them,
    /// or another one, is an error.
    pub fn subprotocol(mut self, name: impl Into<String>) -> Self {
        self.protocols.push(name.into());
        self
    }

    /// The length, in bytes, beyond which a received message is an error; 64 MiB without this.
    pub fn limit(mut self, bytes: usize) -> Self {
        self.wants.most = bytes;
        self
    }

    /// How long it may take to open, from the name to the server's answer; the client's
    /// [`total`](crate::http::Timeouts::total) limit without this.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.wants.opening = Some(limit);
        self
    }

    /// How long [`close`](WebSocket::close) waits for the peer's good-bye; 10 seconds without this.
    pub fn closing_timeout(mut self, limit: Duration) -> Self {
        self.wants.closing = limit;
        self
    }

    /// Lets `cancel` end it, whatever it is doing, from wherever that is.
    pub fn cancel_with(mut self, cancel: &CancelHandle) -> Self {
        self.wants.cancel = Some(cancel.clone());
        self
    }

    /// Opens it on this thread, for this thread: no other one is started.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] for a URL, header or protocol that cannot be sent;
    /// [`ErrorKind::Unsupported`] for a log-in in no way that a WebSocket knows;
    /// [`ErrorKind::Status`] when the server answers with another status than 101,
    /// [`ErrorKind::Redirect`] for a redirect that must not be followed,
    /// [`ErrorKind::Transport`] when the answer is none to this handshake; else those that
    /// [`Client`] names for connections.
    pub fn connect(self) -> Result<WebSocket> {
        let (client, parts) = self.into_parts();
        WebSocket::connect(&client, parts?)
    }

    /// Opens it on a driver of the client's, for tasks under any executor.
    ///
    /// # Errors
    /// The future answers what [`connect`](WebSocketBuilder::connect) does.
    pub fn connect_async(self) -> Connecting {
        let (client, parts) = self.into_parts();
        connect(client, parts)
    }

    fn into_parts(self) -> (Client, Result<Parts>) {
        let client = self.client.clone();
        (client, self.parts())
    }

    fn parts(mut self) -> Result<Parts> {
        if let Some(wrong) = self.wrong.take() {
            return Err(wrong);
        }
        let config = &self.client.shared().config;
        let (uri, _) = address(&self.url)?;
        let mut headers = self.headers;
        let text = |text: &str| {
            HeaderValue::from_str(text).map_err(|error| refused(&format!("{text:?}: {error}")))
        };
        if !self.protocols.is_empty() {
            for name in &self.protocols {
                // RFC 6455 section 4.1: each is a token.
                HeaderName::from_bytes(name.as_bytes())
                    .map_err(|_| refused(&format!("no name of a protocol: {name:?}")))?;
            }
            headers.insert(SEC_WEBSOCKET_PROTOCOL, text(&self.protocols.join(", "))?);
        }
        if let Some(agent) = config.user_agent()
            && !headers.contains_key(USER_AGENT)
        {
            headers.insert(USER_AGENT, text(agent)?);
        }
        let total = Some(config.total).filter(|total| !total.is_zero());
        Ok(Parts {
            url: uri.to_string().replacen("ws", "http", 1),
            headers,
            login: self.login,
            limit: self.wants.opening.or(total).map(millis),
            wants: self.wants,
        })
    }
}

/// All that opening one takes.
pub(super) struct Parts {
    /// `http` or `https`.
    pub(super) url: String,
    /// Those of every handshake.
    pub(super) headers: HeaderMap,
    pub(super) login: Option<Login>,
    pub(super) limit: Option<Duration>,
    pub(super) wants: Wants,
}

/// The URL with a scheme of WebSocket's, and its name and port.
pub(super) fn address(url: &str) -> Result<(Uri, String)> {
    let uri: Uri = url.parse().map_err(|error| refused(&format!("the URL {url:?}: {error}")))?;
    let mut parts = uri.into_parts();
    let scheme = match parts.scheme.as_ref().map(::http::uri::Scheme::as_str) {
        Some("ws" | "http") => "ws",
        Some("wss" | "https") => "wss",
        _ => return Err(refused("the URL of a WebSocket begins with ws:// or wss://")),
    };
    parts.scheme = scheme.parse().ok();
    let authority = parts.authority.as_ref().map(ToString::to_string).unwrap_or_default();
    if authority.contains('@') {
        // Not in the message: it may hold a password.
        return Err(refused("the URL of a WebSocket has no user: see basic_auth"));
    }
    if parts.path_and_query.as_ref().is_none_or(|path| path.as_str().is_empty()) {
        parts.path_and_query = "/".parse().ok();
    }
    let uri = Uri::from_parts(parts).map_err(|error| refused(&format!("the URL: {error}")))?;
    Ok((uri, authority))
}

fn is_the_handshakes(name: &HeaderName) -> bool {
    [HOST, CONNECTION, UPGRADE, CONTENT_LENGTH, TRANSFER_ENCODING].contains(name)
        || name.as_str().starts_with("sec-websocket-")
}

fn refused(why: &str) -> Error {
    Error::ours(ErrorKind::InvalidRequest, why)
}

impl fmt::Debug for WebSocketBuilder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocketBuilder")
            .field("url", &self.url)
            .field("headers", &self.headers)
            .field("protocols", &self.protocols)
            .field("wrong", &self.wrong)
            .finish_non_exhaustive()
    }
}
