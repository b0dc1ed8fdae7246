//! A server that answers what it is told, and remembers what it was asked.

use std::collections::BTreeMap;
use std::future::pending;
use std::io::{self, Write as _};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ffence::crypto::Sha256;
use ffence_hazards::call::{Call, Header};
use ffence_hazards::parity::Octets;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONTENT_LENGTH, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use hyper::http::request::Parts;
use hyper::http::uri::PathAndQuery;
use hyper::{Method, Request, Response, StatusCode};
use tempfile::NamedTempFile;

use self::real::{Authority, Page, Server, broken, page};
use super::secrets::Guard;

#[allow(dead_code)]
#[path = "../../../../common/server.rs"]
pub mod real;

/// What is answered to one target.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The status; 0 is 200.
    pub status: u16,
    /// Headers, in their order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// Whether a byte of the body is missing when the connection ends.
    pub is_broken: bool,
    /// Whether nothing is answered at all.
    pub hangs: bool,
    /// Who may have it.
    pub guard: Guard,
}

/// A request as it arrived. What each client makes up at random is given one name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    line: String,
    headers: Vec<Header>,
    body: String,
}

impl Seen {
    /// What does not depend on who asked.
    pub fn common(&self) -> Self {
        // What a client says of itself, of the connection and of the body's length.
        const ITS_OWN: [&str; 7] = [
            "accept",
            "accept-encoding",
            "content-length",
            "expect",
            "referer",
            "transfer-encoding",
            "user-agent",
        ];
        let mut headers = self.headers.clone();
        headers.retain(|it| {
            // What libcurl says of any POST.
            let is_guess =
                it.name == "content-type" && it.value.0 == b"application/x-www-form-urlencoded";
            !is_guess && !ITS_OWN.contains(&it.name.as_str())
        });
        // HTTP/2 may split them, and every client has an order of its own.
        let cookies = headers.iter().filter(|it| it.name == "cookie").map(|it| &it.value.0[..]);
        let cookies = cookies.collect::<Vec<_>>().join(&b"; "[..]);
        let mut cookies: Vec<&[u8]> =
            cookies.split(|it| *it == b';').map(<[u8]>::trim_ascii).collect();
        cookies.sort_unstable();
        headers.retain(|it| it.name != "cookie");
        headers.push(Header { name: "cookie".to_owned(), value: cookies.join(&b"; "[..]).into() });
        headers.sort_by(|one, other| one.name.cmp(&other.name));
        Self { headers, ..self.clone() }
    }
}

/// The server.
pub struct Watched {
    server: Server,
    authority: Option<NamedTempFile>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    answers: Mutex<BTreeMap<String, Answer>>,
    seen: Mutex<Vec<Seen>>,
}

impl Watched {
    /// HTTP/1.1 in the clear.
    pub fn plain() -> Self {
        let shared = Arc::<Shared>::default();
        Self { server: Server::answering(answer(&shared)), authority: None, shared }
    }

    /// HTTP/2 and HTTP/1.1 over TLS, with a certificate of its address.
    pub fn tls() -> io::Result<Self> {
        Self::tls_as(&["localhost", "127.0.0.1"])
    }

    /// The same, with a certificate of other names.
    pub fn tls_as(names: &[&str]) -> io::Result<Self> {
        let shared = Arc::<Shared>::default();
        let authority = Authority::new();
        let mut file = NamedTempFile::new()?;
        file.write_all(authority.pem().as_bytes())?;
        let server = Server::tls_answering(&authority, names, answer(&shared));
        Ok(Self { server, authority: Some(file), shared })
    }

    /// The answers from now on, by target; any other is `200` and what was asked.
    pub fn answer(&self, answers: impl IntoIterator<Item = (String, Answer)>) {
        *lock(&self.shared.answers) = answers.into_iter().collect();
        lock(&self.shared.seen).clear();
    }

    /// A call of a target that begins with `/`.
    pub fn call(&self, method: &str, target: &str) -> Call {
        let authority = self.authority.as_ref().map(|it| it.path().display().to_string());
        Call {
            method: method.to_owned(),
            url: self.server.url(target),
            version: "1.1",
            ca_file: authority.unwrap_or_default(),
            ..Call::default()
        }
    }

    /// What was asked since this was asked.
    pub fn seen(&self) -> Vec<Seen> {
        mem::take(&mut lock(&self.shared.seen))
    }
}

fn lock<T>(it: &Mutex<T>) -> MutexGuard<'_, T> {
    it.lock().unwrap_or_else(PoisonError::into_inner)
}

fn answer(shared: &Arc<Shared>) -> real::Answer {
    let shared = Arc::clone(shared);
    Arc::new(move |request| Box::pin(serve(Arc::clone(&shared), request)))
}

async fn serve(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Page>, hyper::Error> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let target = parts.uri.path_and_query().map_or("*", PathAndQuery::as_str).to_owned();
    let known = lock(&shared.answers).get(&target).cloned();
    let answer = known.unwrap_or_else(|| Answer {
        body: format!("{} {target}", parts.method).into_bytes(),
        ..Answer::default()
    });
    let authorized = parts.headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
    let verdict = answer.guard.judge(parts.method.as_str(), authorized);
    lock(&shared.seen).push(seen(&parts, &target, &body, &answer.guard, verdict));
    if answer.hangs {
        return pending().await;
    }
    if !verdict {
        let mut response = page("who are you?");
        *response.status_mut() = StatusCode::UNAUTHORIZED;
        response.headers_mut().insert(WWW_AUTHENTICATE, value(&answer.guard.challenge()));
        return Ok(without_body(&parts.method, response));
    }
    let mut response = if answer.is_broken { broken(answer.body) } else { page(answer.body) };
    let status = if answer.status == 0 { 200 } else { answer.status };
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    for (name, text) in &answer.headers {
        if let Ok(name) = HeaderName::from_bytes(name.as_bytes()) {
            response.headers_mut().append(name, value(text));
        }
    }
    Ok(without_body(&parts.method, response))
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_bytes(text.as_bytes()).unwrap_or(HeaderValue::from_static("not a value"))
}

/// A HEAD request is told the length, and the two that have no body have no length.
fn without_body(method: &Method, mut response: Response<Page>) -> Response<Page> {
    use hyper::body::Body as _;
    let is_bare = matches!(response.status().as_u16(), 204 | 304);
    if method == Method::HEAD || is_bare {
        let length = response.body().size_hint().exact().filter(|_| !is_bare);
        *response.body_mut() = page("").into_body();
        response.headers_mut().extend(length.map(|it| (CONTENT_LENGTH, it.into())));
    }
    response
}

fn seen(parts: &Parts, target: &str, body: &[u8], guard: &Guard, verdict: bool) -> Seen {
    let mut headers: Vec<_> = parts
        .headers
        .iter()
        .map(|(name, value)| Header { name: name.to_string(), value: value.as_bytes().into() })
        .collect();
    // HTTP/2 has it in the target.
    if let (None, Some(host)) = (parts.headers.get("host"), parts.uri.authority()) {
        headers.push(Header { name: "host".to_owned(), value: host.as_str().into() });
    }
    let mut body = body.to_vec();
    for it in &mut headers {
        if guard.is_random() && it.name == "authorization" {
            it.value = format!("Digest, {}", if verdict { "right" } else { "wrong" }).into();
        }
        let boundary = String::from_utf8_lossy(&it.value.0)
            .split_once("multipart/form-data; boundary=")
            .map(|(_, boundary)| boundary.to_owned());
        if let Some(boundary) = boundary {
            it.value = "multipart/form-data".into();
            body = renamed(&body, boundary.as_bytes());
        }
    }
    // A form's length depends on its boundary.
    if headers.iter().any(|it| it.value == Octets::from("multipart/form-data")) {
        headers.retain(|it| it.name != "content-length");
    }
    let digest = Sha256::digest(&body).map_or_else(|it| it.to_string(), |it| it.to_string());
    Seen {
        line: format!("{} {target} {:?}", parts.method, parts.version),
        headers,
        body: format!("{} bytes, SHA-256 {digest}", body.len()),
    }
}

/// The same with `boundary` called so.
fn renamed(body: &[u8], boundary: &[u8]) -> Vec<u8> {
    let mut renamed = Vec::with_capacity(body.len());
    let mut at = 0;
    while at < body.len() {
        if body[at..].starts_with(boundary) {
            renamed.extend_from_slice(b"BOUNDARY");
            at += boundary.len();
        } else {
            renamed.push(body[at]);
            at += 1;
        }
    }
    renamed
}

/// The headers of the last response, of everything that came before the bodies.
pub fn last_head(head: &[u8]) -> Vec<Header> {
    let mut headers = Vec::new();
    for line in head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii) {
        if line.starts_with(b"HTTP/") {
            headers.clear();
        }
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let name = String::from_utf8_lossy(&line[..colon]).to_ascii_lowercase();
        headers.push(Header { name, value: line[colon + 1..].trim_ascii().into() });
    }
    headers
}
