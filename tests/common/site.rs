//! A server whose pages a test makes up, in the clear or over TLS, under any name; it keeps what it
//! was asked.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};

use ffence::http::{ClientBuilder, Response};
use http_body_util::BodyExt as _;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{HeaderMap, StatusCode};

use super::server::{Answer, Authority, Server, page};

/// Where every name of a test's is: on this machine.
pub const HERE: [IpAddr; 1] = [IpAddr::V4(Ipv4Addr::LOCALHOST)];

/// A request that came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Asked {
    /// What a header said, or nothing.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("tests send text"))
    }
}

type Paths = Mutex<HashMap<String, (u16, Vec<(String, String)>)>>;

/// A server that answers each path as it was told, and others with 200 and the path.
pub struct Site {
    server: Server,
    pages: Arc<Paths>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Site {
    pub fn plain() -> Self {
        Self::start(Server::answering)
    }

    pub fn tls(authority: &Authority, names: &[&str]) -> Self {
        Self::start(|answer| Server::tls_answering(authority, names, answer))
    }

    fn start(start: impl FnOnce(Answer) -> Server) -> Self {
        let (pages, asked) = (Arc::new(Paths::default()), Arc::new(Mutex::new(Vec::new())));
        let (told, log) = (Arc::clone(&pages), Arc::clone(&asked));
        let answer: Answer = Arc::new(move |request| {
            let (told, log) = (Arc::clone(&told), Arc::clone(&log));
            Box::pin(async move {
                let (parts, body) = request.into_parts();
                let path = parts.uri.path_and_query().map_or("/", |it| it.as_str()).to_owned();
                let body = body.collect().await?.to_bytes().to_vec();
                let found = told.lock().expect("no test panics in here").get(&path).cloned();
                let mut response = page(path.clone());
                if let Some((status, headers)) = found {
                    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
                    for (name, value) in headers {
                        let name: HeaderName = name.parse().expect("a name");
                        let value = HeaderValue::from_bytes(value.as_bytes()).expect("a value");
                        response.headers_mut().append(name, value);
                    }
                }
                let (method, headers) = (parts.method.to_string(), parts.headers);
                let asked = Asked { method, path, headers, body };
                log.lock().expect("no test panics in here").push(asked);
                Ok(response)
            })
        });
        Self { server: start(answer), pages, asked }
    }

    /// Answers `path` with this status and these headers from now on.
    pub fn page(&self, path: &str, status: u16, headers: &[(&str, &str)]) {
        let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        let page = (status, headers.collect());
        self.pages.lock().expect("no test panics in here").insert(path.to_owned(), page);
    }

    /// Leads from `path` to `to`.
    pub fn redirect(&self, path: &str, status: u16, to: &str) {
        self.page(path, status, &[("location", to)]);
    }

    /// What was asked for since the last time.
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.asked.lock().expect("no test panics in here"))
    }

    pub fn connections(&self) -> usize {
        self.server.connections()
    }

    pub fn url(&self, path: &str) -> String {
        self.server.url(path)
    }

    pub fn port(&self) -> u16 {
        let url = self.server.url("");
        url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a URL with a port")
    }

    /// The address of a path, by another name of this machine's.
    pub fn url_as(&self, host: &str, path: &str) -> String {
        let url = self.server.url(path);
        url.replacen("127.0.0.1", host, 1)
    }
}

/// A client that finds these names, at these ports, on this machine.
pub fn names(mut builder: ClientBuilder, hosts: &[&str], ports: &[u16]) -> ClientBuilder {
    for host in hosts {
        for port in ports {
            builder = builder.resolve(host, *port, HERE);
        }
    }
    builder
}

/// The statuses that led to a response.
pub fn statuses<B>(response: &Response<B>) -> Vec<u16> {
    response.history().iter().map(|hop| hop.status.as_u16()).collect()
}
