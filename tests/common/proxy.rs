//! Proxies that are programs of the system, and a front that puts TLS before one.

use std::io::{self, Read as _, Write as _};
use std::net::{self, Ipv4Addr, SocketAddr};
use std::process::Command;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::DEFAULT_VERSIONS;

use super::program::{Program, find};
use super::raw::Raw;
use super::server::Authority;

/// A proxy, ready to be used.
pub struct Proxy {
    program: Program,
    port: u16,
}

impl Proxy {
    /// tinyproxy: HTTP, and CONNECT to any port. Requests through it get `Via: 1.1 ffence-proxy`.
    pub fn http() -> Option<Self> {
        Self::tinyproxy("")
    }

    /// The same for `user` with `secret` alone.
    pub fn http_with_password() -> Option<Self> {
        Self::tinyproxy("BasicAuth user secret\n")
    }

    fn tinyproxy(more: &str) -> Option<Self> {
        let binary = find("tinyproxy")?;
        let (program, [port]) = Program::start("tinyproxy", |folder, [port]| {
            let file = folder.join("tinyproxy.conf");
            let text = format!(
                "Port {port}\nListen 127.0.0.1\nTimeout 60\nMaxClients 50\nAllow 127.0.0.1\n\
                 ViaProxyName \"ffence-proxy\"\nPidFile \"{}\"\nLogLevel Warning\n{more}",
                folder.join("pid").display()
            );
            std::fs::write(&file, text).expect("a file can be written");
            let mut command = Command::new(&binary);
            command.arg("-d").arg("-c").arg(file);
            command
        });
        Some(Self { program, port })
    }

    /// microsocks: SOCKS 5 for `user` with `secret`.
    pub fn socks5_with_password() -> Option<Self> {
        let binary = find("microsocks")?;
        let (program, [port]) = Program::start("microsocks", |_, [port]| {
            let mut command = Command::new(&binary);
            command.args(["-i", "127.0.0.1", "-p"]).arg(port.to_string());
            command.args(["-u", "user", "-P", "secret"]);
            command
        });
        Some(Self { program, port })
    }

    /// dante: SOCKS 4, 4a and 5 without a password.
    pub fn socks() -> Option<Self> {
        let binary = find("danted").or_else(|| find("sockd"))?;
        let (program, [port]) = Program::start("danted", |folder, [port]| {
            let file = folder.join("danted.conf");
            let text = format!(
                "logoutput: stderr\ninternal: 127.0.0.1 port = {port}\nexternal: 127.0.0.1\n\
                 clientmethod: none\nsocksmethod: none\n\
                 client pass {{ from: 127.0.0.0/8 to: 0.0.0.0/0 }}\n\
                 socks pass {{ from: 127.0.0.0/8 to: 0.0.0.0/0 }}\n"
            );
            std::fs::write(&file, text).expect("a file can be written");
            let mut command = Command::new(&binary);
            command.arg("-f").arg(file).arg("-p").arg(folder.join("pid")).args(["-N", "1"]);
            command
        });
        Some(Self { program, port })
    }

    /// Such as `socks5h://127.0.0.1:1080`.
    pub fn url(&self, scheme: &str) -> String {
        format!("{scheme}://127.0.0.1:{}", self.port)
    }

    pub fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))
    }

    pub fn log(&self) -> String {
        self.program.log()
    }
}

/// Takes TLS connections and hands what is inside on to another address.
pub struct TlsFront {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl TlsFront {
    pub fn before(target: SocketAddr, authority: &Authority) -> Self {
        let mut config = authority.server(&["localhost", "127.0.0.1"], DEFAULT_VERSIONS);
        config.alpn_protocols.clear();
        let tls = TlsAcceptor::from(Arc::new(config));
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        listener.set_nonblocking(true).expect("as tokio wants it");
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_io()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                tokio::spawn(async move {
                    let listener = TcpListener::from_std(listener).expect("it does not block");
                    while let Ok((stream, _)) = listener.accept().await {
                        let tls = tls.clone();
                        tokio::spawn(async move {
                            let Ok(mut inside) = tls.accept(stream).await else { return };
                            let Ok(mut outside) = TcpStream::connect(target).await else { return };
                            let _ = tokio::io::copy_bidirectional(&mut inside, &mut outside).await;
                        });
                    }
                });
                let _ = stopped.await;
            });
        });
        Self { address, stop: Some(stop), thread: Some(thread) }
    }

    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }
}

impl Drop for TlsFront {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// SOCKS 4a, which dante does not take: connects to the port that is asked for on loopback, and
/// tells the name that came.
pub fn socks4a() -> (Raw, mpsc::Receiver<String>) {
    let (tell, told) = mpsc::channel();
    let raw = Raw::with(move |mut client| {
        let _ = serve_socks4a(&mut client, &tell);
    });
    (raw, told)
}

fn serve_socks4a(client: &mut net::TcpStream, tell: &mpsc::Sender<String>) -> io::Result<()> {
    let mut head = [0; 8];
    client.read_exact(&mut head)?;
    // Version 4, CONNECT, the port, and an address that says: the name follows.
    assert!(head[..2] == [4, 1] && head[4..7] == [0; 3] && head[7] != 0, "{head:?}");
    let _user = until_nul(client)?;
    let name = until_nul(client)?;
    let _ = tell.send(String::from_utf8_lossy(&name).into_owned());
    let port = u16::from_be_bytes([head[2], head[3]]);
    let mut server = net::TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    client.write_all(&[0, 90, 0, 0, 0, 0, 0, 0])?;
    let (mut from, mut to) = (client.try_clone()?, server.try_clone()?);
    let upwards = std::thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(net::Shutdown::Both);
    });
    let _ = io::copy(&mut server, client);
    let _ = client.shutdown(net::Shutdown::Both);
    let _ = upwards.join();
    Ok(())
}

fn until_nul(stream: &mut net::TcpStream) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    let mut byte = [0];
    loop {
        stream.read_exact(&mut byte)?;
        if byte[0] == 0 {
            return Ok(text);
        }
        text.push(byte[0]);
    }
}
