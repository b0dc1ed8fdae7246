//! The one server of all contenders, in a process of its own: none of its work is counted, and its
//! descriptors are not theirs.
//!
//! | path | answer |
//! |---|---|
//! | `/N` | N bytes, whatever was sent |
//! | `/gate/N` | 1,024 bytes, once N such requests wait: so many are in flight at once |
//! | `/sum` | how many bytes the request's body had |
//!
//! It ends when its parent does: its standard input is a pipe that only the parent holds.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::server::NoServerSessionStorage;

use crate::case::Task;
use crate::system;

pub const SERVE: &str = "--serve";

/// Where a running server is found.
pub struct Server {
    process: Child,
    /// HTTP/1.1 in the clear.
    pub plain: String,
    /// HTTP/2 over TLS.
    pub tls: String,
    /// HTTP/1.1 over TLS; each connection takes one request and no session is resumed.
    pub once: String,
    /// Whom to trust, as a file.
    pub authority: PathBuf,
}

impl Server {
    pub fn start() -> Self {
        let mut process = Command::new(std::env::current_exe().expect("the own path"))
            .arg(SERVE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        let mut output = BufReader::new(process.stdout.take().expect("the server's output"));
        output.read_line(&mut line).expect("the server's addresses");
        let mut words = line.split_whitespace().map(str::to_owned);
        let mut next = || words.next().expect("three addresses and a file");
        let (plain, tls, once, authority) = (next(), next(), next(), next().into());
        Self { process, plain, tls, once, authority }
    }
}

impl Server {
    /// Which of its addresses a task is for.
    pub fn base(&self, task: Task) -> &str {
        match task {
            Task::Handshake => &self.once,
            Task::Many2 => &self.tls,
            _ => &self.plain,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// Those who wait for each other.
type Gates = Arc<Mutex<HashMap<usize, Vec<oneshot::Sender<()>>>>>;

/// Serves until the parent is gone.
pub fn serve() {
    system::allow_descriptors();
    system::stay_on(0);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
    let runtime = runtime.expect("a runtime");
    let _inside = runtime.enter();
    let authority = std::env::temp_dir().join(format!("ffence-bench-{}.pem", std::process::id()));
    let (close, keep) = tls(&authority);
    let gates = Gates::default();
    let mut urls = Vec::new();
    for (scheme, acceptor, closes) in
        [("http", None, false), ("https", Some(keep), false), ("https", Some(close), true)]
    {
        let (address, listener) = listen();
        urls.push(format!("{scheme}://{address}"));
        tokio::task::spawn(accept(listener, acceptor, closes, Arc::clone(&gates)));
    }
    println!("{} {}", urls.join(" "), authority.display());
    let (gone, parent) = oneshot::channel();
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        let _ = gone.send(());
    });
    let _ = runtime.block_on(parent);
    let _ = std::fs::remove_file(authority);
}

fn listen() -> (SocketAddr, TcpListener) {
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).expect("a free port");
    let listener = socket.listen(4096).expect("listening");
    (listener.local_addr().expect("an address"), listener)
}

/// One that takes a single request on each connection, and one that goes on and speaks HTTP/2.
fn tls(authority: &PathBuf) -> (TlsAcceptor, TlsAcceptor) {
    let key = rcgen::KeyPair::generate().expect("a key");
    let mut params = rcgen::CertificateParams::default();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params.key_usages = vec![rcgen::KeyUsagePurpose::KeyCertSign];
    // Not the name that the server's own has by default, or it would seem to have signed itself.
    params.distinguished_name.push(rcgen::DnType::CommonName, "ffence bench authority");
    let root = params.self_signed(&key).expect("a key signs itself");
    std::fs::write(authority, root.pem()).expect("written");
    let issuer = rcgen::Issuer::new(params, key);
    let names = vec!["127.0.0.1".to_owned()];
    let own = rcgen::KeyPair::generate().expect("a key");
    let mut params = rcgen::CertificateParams::new(names).expect("an address");
    params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = params.signed_by(&own, &issuer).expect("the authority signs");
    let config = |protocols: &[&[u8]]| {
        let key = PrivateKeyDer::try_from(own.serialize_der()).expect("the key is PKCS #8");
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring speaks TLS 1.2 and 1.3")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .expect("the key belongs to the certificate");
        config.alpn_protocols = protocols.iter().map(|it| it.to_vec()).collect();
        config
    };
    let mut close = config(&[b"http/1.1"]);
    close.send_tls13_tickets = 0;
    close.session_storage = Arc::new(NoServerSessionStorage {});
    let keep = config(&[b"h2", b"http/1.1"]);
    (TlsAcceptor::from(Arc::new(close)), TlsAcceptor::from(Arc::new(keep)))
}

async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, closes: bool, gates: Gates) {
    loop {
        // Out of descriptors, perhaps: some come back.
        let Ok((stream, _)) = listener.accept().await else {
            tokio::task::yield_now().await;
            continue;
        };
        tokio::task::spawn(converse(stream, tls.clone(), closes, Arc::clone(&gates)));
    }
}

/// One connection; that a client goes away is no fault of the server's.
async fn converse(stream: TcpStream, tls: Option<TlsAcceptor>, closes: bool, gates: Gates) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| answer(request, Arc::clone(&gates)));
    let mut http1 = hyper::server::conn::http1::Builder::new();
    http1.keep_alive(!closes).max_buf_size(512 * 1024);
    let Some(tls) = tls else {
        let _ = http1.serve_connection(TokioIo::new(stream), service).await;
        return;
    };
    let Ok(stream) = tls.accept(stream).await else { return };
    let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2".as_slice());
    let stream = TokioIo::new(stream);
    if is_http2 {
        let _ = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
            .serve_connection(stream, service)
            .await;
    } else {
        let _ = http1.serve_connection(stream, service).await;
    }
}

/// What every answer is a part of.
static BYTES: [u8; 32 << 20] = [b'x'; 32 << 20];

async fn answer(
    mut request: Request<Incoming>,
    gates: Gates,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut sum = 0;
    while let Some(Ok(frame)) = request.body_mut().frame().await {
        sum += frame.data_ref().map_or(0, Bytes::len);
    }
    let mut path = request.uri().path().split('/').skip(1);
    let (first, second) = (path.next().unwrap_or_default(), path.next());
    let number = |text: &str| text.parse().unwrap_or(0);
    let body = match (first, second) {
        ("gate", Some(count)) => {
            pass(&gates, number(count)).await;
            Bytes::from_static(&BYTES[..1024])
        }
        ("sum", _) => sum.to_string().into(),
        (len, _) => Bytes::from_static(&BYTES[..number(len)]),
    };
    let response = Response::builder()
        .header("server", "bench/1.0")
        .header("content-type", "application/octet-stream")
        .header("last-modified", "Sun, 22 Nov 2026 09:00:00 GMT")
        .header("etag", "\"69218a5e-400\"")
        .header("accept-ranges", "bytes");
    Ok(response.body(Full::new(body)).expect("a response"))
}

/// Waits until so many wait.
async fn pass(gates: &Gates, count: usize) {
    let waits = {
        let mut gates = gates.lock().expect("no panic");
        let waiting = gates.entry(count).or_default();
        let (open, waits) = oneshot::channel();
        waiting.push(open);
        if waiting.len() >= count {
            for open in waiting.drain(..) {
                let _ = open.send(());
            }
        }
        waits
    };
    let _ = waits.await;
}
