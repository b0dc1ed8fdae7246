//! A proxy that is spoken to by TLS or in the clear, keeps what it was asked, and may want to know who
//! asks; and the same before any other server.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{DEFAULT_VERSIONS, RootCertStore, ServerConfig};

use super::server::Authority;

/// How a tunnel is spoken to.
#[derive(Clone, Default)]
pub struct Manner {
    tls: Option<Arc<ServerConfig>>,
    /// What `Proxy-Authorization` has to be.
    login: Option<String>,
    /// Where everything goes, without being asked; as the client asks, without.
    target: Option<SocketAddr>,
}

impl Manner {
    pub fn plain() -> Self {
        Self::default()
    }

    /// By TLS, with a certificate for these names.
    pub fn tls(authority: &Authority, names: &[&str]) -> Self {
        Self::with(authority, names, None)
    }

    /// By TLS; who asks has to have a certificate of `clients`.
    pub fn asking(authority: &Authority, clients: &Authority) -> Self {
        Self::with(authority, &["127.0.0.1"], Some(clients))
    }

    fn with(authority: &Authority, names: &[&str], clients: Option<&Authority>) -> Self {
        let (certificate, key) = authority.server_pem(names);
        let provider = Arc::new(ring::default_provider());
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(DEFAULT_VERSIONS)
            .expect("ring speaks TLS 1.2 and 1.3");
        let config = match clients {
            None => config.with_no_client_auth(),
            Some(clients) => {
                let mut roots = RootCertStore::empty();
                let root = CertificateDer::from_pem_slice(clients.pem().as_bytes()).expect("PEM");
                roots.add(root).expect("an authority");
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                config.with_client_cert_verifier(verifier.build().expect("there is a root"))
            }
        };
        let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).expect("PEM");
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("PEM");
        let config = config.with_single_cert(vec![certificate], key).expect("they belong together");
        Self { tls: Some(Arc::new(config)), ..Self::default() }
    }

    pub fn wanting(mut self, login: &str) -> Self {
        self.login = Some(login.to_owned());
        self
    }

    pub fn before(mut self, target: SocketAddr) -> Self {
        self.target = Some(target);
        self
    }
}

/// A running one; it stops when it is dropped, and with it every connection.
pub struct Tunnel {
    address: SocketAddr,
    scheme: &'static str,
    asked: Arc<Mutex<Vec<String>>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Tunnel {
    pub fn start(manner: Manner) -> Self {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        listener.set_nonblocking(true).expect("as tokio wants it");
        let (stop, stopped) = oneshot::channel();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, scheme) =
            (Arc::clone(&asked), if manner.tls.is_some() { "https" } else { "http" });
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_io()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                tokio::spawn(async move {
                    let listener = TcpListener::from_std(listener).expect("it does not block");
                    while let Ok((stream, _)) = listener.accept().await {
                        tokio::spawn(serve(stream, manner.clone(), Arc::clone(&log)));
                    }
                });
                let _ = stopped.await;
            });
        });
        Self { address, scheme, asked, stop: Some(stop), thread: Some(thread) }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.address)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The heads that came since the last time.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().expect("no test panics in here"))
    }
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// That a client goes away is no fault of the proxy's.
async fn serve(stream: TcpStream, manner: Manner, asked: Arc<Mutex<Vec<String>>>) {
    match manner.tls.clone() {
        None => _ = tunnel(stream, &manner, &asked).await,
        Some(config) => {
            if let Ok(stream) = TlsAcceptor::from(config).accept(stream).await {
                let _ = tunnel(stream, &manner, &asked).await;
            }
        }
    }
}

async fn tunnel(
    mut inside: impl AsyncRead + AsyncWrite + Unpin,
    manner: &Manner,
    asked: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    if let Some(target) = manner.target {
        let mut outside = TcpStream::connect(target).await?;
        copy_bidirectional(&mut inside, &mut outside).await?;
        return Ok(());
    }
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(inside.read_u8().await?);
        }
        let text = String::from_utf8_lossy(&head).into_owned();
        asked.lock().expect("no test panics in here").push(text.clone());
        let given = super::guarded::header(&text, "proxy-authorization");
        if manner.login.is_some() && given != manner.login {
            let refusal = "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"proxy\"\r\n\
                           Content-Length: 0\r\n\r\n";
            inside.write_all(refusal.as_bytes()).await?;
            continue;
        }
        let mut words = text.split(' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        if method == "CONNECT" {
            let mut outside = TcpStream::connect(target).await?;
            inside.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await?;
            copy_bidirectional(&mut inside, &mut outside).await?;
            return Ok(());
        }
        // In the clear, it answers in the place of all others: what is asked for leads where its path says.
        let status = if target.ends_with("/to") { 200 } else { 302 };
        let to = target.split("/leads-to/").nth(1).unwrap_or_default();
        let answer = format!(
            "HTTP/1.1 {status} Text\r\nLocation: http://{to}/to\r\nContent-Length: 0\r\n\r\n"
        );
        inside.write_all(answer.as_bytes()).await?;
    }
}
