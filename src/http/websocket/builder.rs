//! A WebSocket that is to be opened.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ::http::header::{
    AUTHORIZATION, CONNECTION, CONTENT_LENGTH, HOST, SEC_WEBSOCKET_PROTOCOL, TRANSFER_ENCODING,
    UPGRADE, USER_AGENT,
};
use ::http::{HeaderMap, HeaderName, HeaderValue, Request, Uri};

use super::blocking::WebSocket;
use super::line::Opening;
use super::tasks::{Connecting, connect};
use super::tunnel::Tunnel;
use crate::error::{Error, ErrorKind, Result};
use crate::http::cancel::CancelHandle;
use crate::http::client::Client;
use crate::http::config::millis;
use crate::http::encode;

/// A WebSocket to be opened: [`Client::websocket`].
///
/// What is wrong with a header is told by [`connect`](WebSocketBuilder::connect).
#[must_use = "nothing is opened before `connect`"]
pub struct WebSocketBuilder<'a> {
    client: &'a Client,
    url: Cow<'a, str>,
    headers: HeaderMap,
    protocols: Vec<String>,
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
    /// Redirects are not followed, and such a connection does not count for
    /// [`Limits`](crate::http::Limits).
    pub fn websocket<'a>(&'a self, url: impl Into<Cow<'a, str>>) -> WebSocketBuilder<'a> {
        WebSocketBuilder {
            client: self,
            url: url.into(),
            headers: HeaderMap::new(),
            protocols: Vec::new(),
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
        let name = name.try_into().map_err(Into::into);
        let value = value.try_into().map_err(Into::into);
        let added = match (name, value) {
            (Ok(name), Ok(_)) if is_the_handshakes(&name) => {
                Err(format!("{name} belongs to the handshake"))
            }
            (Ok(name), Ok(value)) => {
                self.headers.try_append(name, value).map(drop).map_err(|it| it.to_string())
            }
            (Ok(name), Err(error)) => Err(format!("the value of the header {name}: {error}")),
            (Err(error), _) => Err(format!("the name of a header: {error}")),
        };
        if let Err(why) = added {
            self.refuse(why);
        }
        self
    }

    /// Sends a user's name and password (HTTP Basic, RFC 7617).
    pub fn basic_auth(self, user: &str, password: &str) -> Self {
        let login = encode::base64(format!("{user}:{password}").as_bytes());
        let whole = if user.contains(':') {
            Err("the user's name holds a colon, which Basic cannot")
        } else {
            Ok(format!("Basic {login}"))
        };
        self.authorization(whole)
    }

    /// Sends a token (RFC 6750).
    pub fn bearer_auth(self, token: &str) -> Self {
        self.authorization(Ok(format!("Bearer {token}")))
    }

    fn authorization(mut self, value: Result<String, &str>) -> Self {
        let value = value.map_err(str::to_owned).and_then(|value| {
            HeaderValue::from_str(&value).map_err(|error| format!("the credentials: {error}"))
        });
        match value {
            Ok(mut value) => {
                value.set_sensitive(true);
                self.headers.insert(AUTHORIZATION, value);
            }
            Err(why) => self.refuse(why),
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
    /// [`ErrorKind::Status`] when the server answers with another status than 101,
    /// [`ErrorKind::Transport`] when the answer is none to this handshake; else those that
    /// [`Client`] names for connections.
    pub fn connect(self) -> Result<WebSocket> {
        let (client, parts) = self.into_parts();
        WebSocket::connect(client, parts?)
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
        let (uri, authority) = address(&self.url)?;
        let mut request = Request::new(());
        *request.uri_mut() = uri.clone();
        let headers = request.headers_mut();
        let text = |text: &str| {
            HeaderValue::from_str(text).map_err(|error| refused(&format!("{text:?}: {error}")))
        };
        headers.insert(HOST, text(&authority)?);
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert("sec-websocket-version", HeaderValue::from_static("13"));
        let key = tungstenite::handshake::client::generate_key();
        headers.insert("sec-websocket-key", text(&key)?);
        if !self.protocols.is_empty() {
            for name in &self.protocols {
                // RFC 6455 section 4.1: each is a token.
                HeaderName::from_bytes(name.as_bytes())
                    .map_err(|_| refused(&format!("no name of a protocol: {name:?}")))?;
            }
            headers.insert(SEC_WEBSOCKET_PROTOCOL, text(&self.protocols.join(", "))?);
        }
        if let Some(agent) = config.user_agent()
            && !self.headers.contains_key(USER_AGENT)
        {
            headers.insert(USER_AGENT, text(agent)?);
        }
        headers.extend(self.headers);
        let scheme = if uri.scheme_str() == Some("wss") { "https" } else { "http" };
        let total = Some(config.total).filter(|total| !total.is_zero());
        Ok(Parts {
            origin: format!("{scheme}://{authority}/"),
            request,
            limit: self.wants.opening.or(total).map(millis),
            wants: self.wants,
        })
    }

    fn refuse(&mut self, why: String) {
        self.wrong.get_or_insert_with(|| Error::ours(ErrorKind::InvalidRequest, why));
    }
}

/// All that opening one takes.
pub(super) struct Parts {
    pub(super) origin: String,
    pub(super) request: Request<()>,
    pub(super) limit: Option<Duration>,
    pub(super) wants: Wants,
}

impl Parts {
    pub(super) fn opening(&self, tunnel: &Arc<Tunnel>) -> Opening {
        Opening {
            tunnel: Arc::clone(tunnel),
            origin: self.origin.clone(),
            limit: self.limit.unwrap_or_default(),
        }
    }
}

/// The URL with a scheme of WebSocket's, and its name and port.
fn address(url: &str) -> Result<(Uri, String)> {
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
