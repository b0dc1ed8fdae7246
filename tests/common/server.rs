//! A real HTTP server on a free loopback port: HTTP/1.1 in the clear, HTTP/1.1 and HTTP/2 over TLS
//! with a certificate that is made at run time.
//!
//! | path | answer |
//! |---|---|
//! | `/bytes/N` | N bytes, see [`bytes`] |
//! | `/cookie/N` | the same, and a cookie for the whole domain |
//! | `/echo` | the request: method, headers (`name: value`), an empty line, the body |
//! | `/length` | the number of bytes that the request's body had, once it was all there |
//! | `/status/N` | status N, with a short text |
//! | `/redirect/N/PATH` | status N and `Location: /PATH` |
//! | `/hang` | nothing, for as long as the server lives |
//! | `/stall/N` | N bytes of N + 1, then nothing |
//! | `/break/N` | N bytes of N + 1, then the end of the connection or of the stream |
//! | `/dns-query` | the answer to a DNS question for an IPv4 address (RFC 8484): 127.0.0.1 |
//! | `/headers/N` | N headers `x-K` of 1000 bytes each |

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::thread::JoinHandle;

use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::header::CONTENT_LENGTH;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::version::TLS12;
use tokio_rustls::rustls::{DEFAULT_VERSIONS, ServerConfig, SupportedProtocolVersion};

/// A certificate authority of its own.
pub struct Authority {
    issuer: rcgen::Issuer<'static, rcgen::KeyPair>,
    pem: String,
}

impl Authority {
    pub fn new() -> Self {
        Self::named("ffence test authority")
    }

    pub fn named(name: &str) -> Self {
        let mut params = rcgen::CertificateParams::default();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.key_usages =
            vec![rcgen::KeyUsagePurpose::KeyCertSign, rcgen::KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        let key = rcgen::KeyPair::generate().expect("a key can be made");
        let certificate = params.self_signed(&key).expect("a key signs itself");
        Self { pem: certificate.pem(), issuer: rcgen::Issuer::new(params, key) }
    }

    /// The certificate that clients have to trust.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// A certificate for these names and addresses, and its key.
    fn issue(
        &self,
        names: &[&str],
        purpose: rcgen::ExtendedKeyUsagePurpose,
    ) -> (rcgen::Certificate, rcgen::KeyPair) {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let mut params = rcgen::CertificateParams::new(names).expect("the names are valid");
        params.extended_key_usages = vec![purpose];
        let key = rcgen::KeyPair::generate().expect("a key can be made");
        let certificate = params.signed_by(&key, &self.issuer).expect("the authority signs");
        (certificate, key)
    }

    /// A server's certificate and its key, as PEM.
    pub fn server_pem(&self, names: &[&str]) -> (String, String) {
        let (certificate, key) = self.issue(names, rcgen::ExtendedKeyUsagePurpose::ServerAuth);
        (certificate.pem(), key.serialize_pem())
    }

    /// A client's certificate and its key, as PEM.
    pub fn client_pem(&self, name: &str) -> (String, String) {
        let (certificate, key) = self.issue(&[name], rcgen::ExtendedKeyUsagePurpose::ClientAuth);
        (certificate.pem(), key.serialize_pem())
    }

    /// The same, valid from the first day of one year to that of another.
    pub fn client_pem_valid(&self, name: &str, from: i32, until: i32) -> (String, String) {
        let mut params = rcgen::CertificateParams::new([name.to_owned()]).expect("a name");
        params.not_before = rcgen::date_time_ymd(from, 1, 1);
        params.not_after = rcgen::date_time_ymd(until, 1, 1);
        let key = rcgen::KeyPair::generate().expect("a key can be made");
        let certificate = params.signed_by(&key, &self.issuer).expect("the authority signs");
        (certificate.pem(), key.serialize_pem())
    }

    /// A list of revoked certificates, as PEM, that names these (by serial number).
    pub fn revocations(&self, serials: &[Vec<u8>]) -> String {
        let revoked = |serial: &Vec<u8>| rcgen::RevokedCertParams {
            serial_number: rcgen::SerialNumber::from_slice(serial),
            revocation_time: rcgen::date_time_ymd(2020, 1, 1),
            reason_code: None,
            invalidity_date: None,
        };
        let list = rcgen::CertificateRevocationListParams {
            this_update: rcgen::date_time_ymd(2020, 1, 1),
            next_update: rcgen::date_time_ymd(2120, 1, 1),
            crl_number: rcgen::SerialNumber::from(1_u64),
            issuing_distribution_point: None,
            revoked_certs: serials.iter().map(revoked).collect(),
            key_identifier_method: rcgen::KeyIdMethod::Sha256,
        };
        list.signed_by(&self.issuer).and_then(|it| it.pem()).expect("the authority signs")
    }

    /// What a server presents that is known by these names and addresses.
    pub(super) fn server(
        &self,
        names: &[&str],
        versions: &[&'static SupportedProtocolVersion],
    ) -> ServerConfig {
        let (certificate, key) = self.issue(names, rcgen::ExtendedKeyUsagePurpose::ServerAuth);
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("the key is PKCS #8");
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(versions)
            .expect("ring speaks TLS 1.2 and 1.3")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .expect("the key belongs to the certificate");
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        config
    }
}

/// A running server. It stops when it is dropped, and with it every connection.
pub struct Server {
    address: SocketAddr,
    scheme: &'static str,
    connections: Arc<AtomicUsize>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// HTTP/1.1 in the clear.
    pub fn plain() -> Self {
        Self::start("http", None, usual())
    }

    /// HTTP/1.1 in the clear, and other answers than those above.
    pub fn answering(answer: Answer) -> Self {
        Self::start("http", None, answer)
    }

    /// HTTP/2 and HTTP/1.1 over TLS, and other answers than those above.
    pub fn tls_answering(authority: &Authority, names: &[&str], answer: Answer) -> Self {
        let config = authority.server(names, DEFAULT_VERSIONS);
        Self::start("https", Some(TlsAcceptor::from(Arc::new(config))), answer)
    }

    /// HTTP/2 and HTTP/1.1 over TLS, as `localhost` and `127.0.0.1`.
    pub fn tls(authority: &Authority) -> Self {
        Self::tls_as(authority, &["localhost", "127.0.0.1"])
    }

    /// The same under other names.
    pub fn tls_as(authority: &Authority, names: &[&str]) -> Self {
        Self::start_tls(authority.server(names, DEFAULT_VERSIONS))
    }

    /// HTTP/2 and HTTP/1.1 over TLS, with this certificate and key, in PEM.
    pub fn tls_with(certificate: &str, key: &str) -> Self {
        use tokio_rustls::rustls::pki_types::{CertificateDer, pem::PemObject as _};

        let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).expect("PEM");
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("PEM");
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(DEFAULT_VERSIONS)
            .expect("ring speaks TLS 1.2 and 1.3")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .expect("the key belongs to the certificate");
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Self::start_tls(config)
    }

    /// HTTP/2 and HTTP/1.1 over TLS 1.2.
    pub fn tls_1_2(authority: &Authority) -> Self {
        Self::start_tls(authority.server(&["127.0.0.1"], &[&TLS12]))
    }

    fn start_tls(config: ServerConfig) -> Self {
        Self::start("https", Some(TlsAcceptor::from(Arc::new(config))), usual())
    }

    /// The address of a path, which begins with `/`.
    pub fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.address)
    }

    /// How many connections were accepted so far.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    fn start(scheme: &'static str, tls: Option<TlsAcceptor>, answer: Answer) -> Self {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        listener.set_nonblocking(true).expect("as tokio wants it");
        let (stop, stopped) = oneshot::channel();
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&connections);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_io()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                tokio::spawn(accept(listener, tls, answer, counter));
                let _ = stopped.await;
            });
            // Dropping the runtime drops its tasks: the listener, and every open connection.
        });
        Self { address, scheme, connections, stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn accept(
    listener: std::net::TcpListener,
    tls: Option<TlsAcceptor>,
    answer: Answer,
    connections: Arc<AtomicUsize>,
) {
    let listener = TcpListener::from_std(listener).expect("the listener does not block");
    while let Ok((stream, _)) = listener.accept().await {
        connections.fetch_add(1, Ordering::SeqCst);
        tokio::spawn(serve(stream, tls.clone(), Arc::clone(&answer)));
    }
}

/// One connection; that a client goes away is no fault of the server's.
async fn serve(stream: TcpStream, tls: Option<TlsAcceptor>, answer: Answer) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| answer(request));
    let Some(tls) = tls else {
        let _ = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .await;
        return;
    };
    let Ok(stream) = tls.accept(stream).await else {
        return;
    };
    let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2".as_slice());
    let stream = TokioIo::new(stream);
    if is_http2 {
        let _ = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
            .serve_connection(stream, service)
            .await;
    } else {
        let _ = hyper::server::conn::http1::Builder::new().serve_connection(stream, service).await;
    }
}

/// A response's body.
pub type Page = UnsyncBoxBody<Bytes, io::Error>;

/// What a server answers.
pub type Answer = Arc<dyn Fn(Request<Incoming>) -> Answering + Send + Sync>;

/// An answer on its way.
pub type Answering = Pin<Box<dyn Future<Output = Result<Response<Page>, hyper::Error>> + Send>>;

/// The answers of the table above.
fn usual() -> Answer {
    Arc::new(|request| Box::pin(answer(request)))
}

async fn answer(request: Request<Incoming>) -> Result<Response<Page>, hyper::Error> {
    let path = request.uri().path().to_owned();
    let authority = request.uri().host().or_else(|| request.headers().get("host")?.to_str().ok());
    let host = authority.unwrap_or_default().split(':').next().unwrap_or_default().to_owned();
    let is_head = request.method() == Method::HEAD;
    let mut parts = path.splitn(4, '/').skip(1);
    let route = parts.next().unwrap_or_default();
    let number: usize = parts.next().and_then(|part| part.parse().ok()).unwrap_or_default();
    let mut response = match route {
        "bytes" | "cookie" => page(bytes(number)),
        "echo" => page(echo(request).await?),
        "length" => {
            let body = request.into_body().collect().await?.to_bytes();
            page(body.len().to_string())
        }
        "dns-query" => page(dns_answer(&request.into_body().collect().await?.to_bytes())),
        "status" => page(format!("status {number}")),
        "redirect" => {
            // To its end, or the client could fail at sending before it reads this.
            request.into_body().collect().await?;
            page("elsewhere")
        }
        "hang" => std::future::pending().await,
        "stall" => Response::new(unfinished(bytes(number), Then::Nothing)),
        "break" => broken(bytes(number)),
        "headers" => page(""),
        _ => page("no such page"),
    };
    let code = match route {
        "status" | "redirect" => u16::try_from(number).unwrap_or_default(),
        "bytes" | "cookie" | "echo" | "length" | "dns-query" | "stall" | "break" | "headers" => 200,
        _ => 404,
    };
    *response.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_REQUEST);
    if is_head || code == 204 {
        let len = response.body().size_hint().exact().filter(|_| is_head);
        *response.body_mut() = page("").into_body();
        response.headers_mut().extend(len.map(|len| (CONTENT_LENGTH, len.into())));
    }
    let headers = response.headers_mut();
    if route == "redirect" {
        let target = format!("/{}", parts.next().unwrap_or_default());
        headers.insert("location", target.parse().expect("a path is a value"));
        headers.insert("x-only-in-the-redirect", "1".parse().expect("a value"));
    }
    if route == "cookie" {
        let cookie = format!("name=value; Path=/; Domain={host}");
        headers.insert("set-cookie", cookie.parse().expect("a value"));
    }
    if route == "dns-query" {
        headers.insert("content-type", "application/dns-message".parse().expect("a value"));
    }
    if route == "headers" {
        for index in 0..number {
            let name: hyper::header::HeaderName = format!("x-{index}").parse().expect("a name");
            headers.insert(name, "v".repeat(1000).parse().expect("a value"));
        }
    }
    Ok(response)
}

pub fn page(body: impl Into<Bytes>) -> Response<Page> {
    let body = Full::new(body.into());
    Response::new(body.map_err(|never| match never {}).boxed_unsync())
}

/// `len` bytes that differ from place to place.
pub fn bytes(len: usize) -> Vec<u8> {
    (0..=250).cycle().take(len).collect()
}

/// RFC 1035 section 4: the question again, and one address where the question is for one.
fn dns_answer(question: &[u8]) -> Vec<u8> {
    let mut answer = question.to_vec();
    let Some(kind) = answer.len().checked_sub(4).map(|at| answer[at..at + 2].to_vec()) else {
        return answer;
    };
    answer[2..4].copy_from_slice(&[0x81, 0x80]); // a response, and no error
    if kind == [0, 1] {
        answer[7] = 1; // one answer, for the name at offset 12: A, IN, 60 seconds, 4 bytes
        answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
    }
    answer
}

async fn echo(request: Request<Incoming>) -> Result<Vec<u8>, hyper::Error> {
    let mut text = format!("{}\n", request.method()).into_bytes();
    for (name, value) in request.headers() {
        text.extend_from_slice(format!("{name}: ").as_bytes());
        text.extend_from_slice(value.as_bytes());
        text.push(b'\n');
    }
    text.push(b'\n');
    text.extend_from_slice(&request.into_body().collect().await?.to_bytes());
    Ok(text)
}

/// A page of `body`, and of one byte more, in whose place the connection or the stream ends.
pub fn broken(body: Vec<u8>) -> Response<Page> {
    Response::new(unfinished(body, Then::Failure))
}

enum Then {
    Nothing,
    Failure,
}

/// A body that announces one byte more than there will be.
fn unfinished(first: Vec<u8>, then: Then) -> Page {
    let hint = SizeHint::with_exact(first.len() as u64 + 1);
    let (mut first, mut waited) = (Some(Bytes::from(first)), false);
    let frames = Frames::new(hint, move |context| {
        if let Some(first) = first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        match then {
            Then::Nothing => Poll::Pending, // for ever: nobody wakes it
            Then::Failure if !std::mem::replace(&mut waited, true) => {
                // One turn later, so that what came before is on its way.
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Then::Failure => Poll::Ready(Some(Err(io::Error::other("as was asked for")))),
        }
    });
    frames.boxed_unsync()
}

/// What a body says when it is asked for its next frame.
pub type Next = Poll<Option<io::Result<Frame<Bytes>>>>;

/// A body whose frames a function gives.
pub struct Frames<F> {
    hint: SizeHint,
    next: F,
}

impl<F: FnMut(&mut Context<'_>) -> Next + Unpin> Frames<F> {
    pub fn new(hint: SizeHint, next: F) -> Self {
        Self { hint, next }
    }
}

impl<F: FnMut(&mut Context<'_>) -> Next + Unpin> Body for Frames<F> {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Next {
        (self.next)(context)
    }

    fn size_hint(&self) -> SizeHint {
        self.hint
    }
}
