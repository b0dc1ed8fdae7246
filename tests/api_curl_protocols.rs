//! What libcurl speaks besides plain HTTP/1.1, and how it gets there, against real servers.
#![cfg(feature = "http")]

mod common;

use std::time::Duration;

use common::nginx::{self, Nginx};
use common::raw::Raw;
use common::server::{Authority, Server, bytes};
use common::services;
use ffence::curl::{Callbacks, Easy, Handler, List, Read, Upload, Url, option, option::value};

fn easy(url: &str) -> Easy {
    let mut easy = Easy::new().unwrap();
    easy.set(option::Url(url)).unwrap().set(option::NoProxy("*")).unwrap();
    easy
}

fn easy_tls(url: &str, authority: &Authority) -> Easy {
    let mut easy = easy(url);
    easy.set(option::CaInfoBlob(authority.pem().as_bytes())).unwrap();
    easy
}

fn bytes_of<H: Handler>(easy: &mut Easy<H>) -> Vec<u8> {
    let mut body = Vec::new();
    easy.perform_into(&mut body).unwrap();
    body
}

fn text_of<H: Handler>(easy: &mut Easy<H>) -> String {
    String::from_utf8(bytes_of(easy)).unwrap()
}

fn list(line: &str) -> List {
    let mut list = List::new();
    list.push(line).unwrap();
    list
}

fn speaks(scheme: &str) -> bool {
    let speaks = ffence::capabilities().unwrap().libcurl().speaks(scheme);
    if !speaks {
        eprintln!("skipped: this libcurl does not speak {scheme}");
    }
    speaks
}

#[test]
fn http_2_and_1_over_each_tls() {
    let Some(nginx) = Nginx::start() else { return };
    for (url, tls) in
        [(nginx.tls_url("/protocol"), "TLSv1.3"), (nginx.tls_1_2_url("/protocol"), "TLSv1.2")]
    {
        let mut easy = easy_tls(&url, nginx.authority());
        if ffence::capabilities().unwrap().libcurl().http2() {
            assert_eq!(text_of(&mut easy), format!("HTTP/2.0 {tls}\n"));
            assert_eq!(easy.info().http_version(), Some(value::HttpVersion::Http2));
            easy.set(option::HttpVersion(value::HttpVersion::Http2PriorKnowledge)).unwrap();
            assert_eq!(text_of(&mut easy), format!("HTTP/2.0 {tls}\n"));
        }
        easy.set(option::FreshConnect(true)).unwrap();
        easy.set(option::HttpVersion(value::HttpVersion::Http11)).unwrap();
        assert_eq!(text_of(&mut easy), format!("HTTP/1.1 {tls}\n"));
    }
    let mut easy = easy_tls(&nginx.tls_1_2_url("/protocol"), nginx.authority());
    easy.set(option::SslVersion(value::TlsVersions::new().from(value::TlsVersion::V1_3))).unwrap();
    assert_eq!(easy.perform().unwrap_err().kind(), ffence::ErrorKind::Tls);
}

#[test]
fn whole_ranges_and_chunks() {
    let Some(nginx) = Nginx::start() else { return };
    let mut easy = easy(&nginx.url("/files/large"));
    assert!(bytes_of(&mut easy) == nginx::large());
    easy.set(option::Range("1000-1999")).unwrap();
    assert!(bytes_of(&mut easy) == nginx::large()[1000..2000]);
    easy.set(option::Range(None::<&str>)).unwrap();
    easy.set(option::Url(nginx.url("/chunked/text.txt"))).unwrap();
    assert_eq!(text_of(&mut easy), nginx::text());
    assert_eq!(easy.info().content_length_download(), None, "it came in chunks");
}

/// The names that libcurl offers for `AcceptEncoding("")`: all that it can decode.
fn encodings() -> String {
    let peer = Raw::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let mut easy = easy(&peer.url("/"));
    easy.set(option::AcceptEncoding("")).unwrap();
    easy.perform().unwrap();
    let request = peer.request();
    let line = request.lines().find(|line| line.starts_with("Accept-Encoding: "));
    line.unwrap_or_default().to_owned()
}

#[test]
fn bodies_are_decoded() {
    let Some(nginx) = Nginx::start() else { return };
    let mut easy = easy(&nginx.url("/gzip/text.txt"));
    easy.set(option::AcceptEncoding("gzip")).unwrap();
    assert_eq!(text_of(&mut easy), nginx::text());
    assert!(easy.info().size_download() < 5000, "it came compressed");
    easy.set(option::HttpContentDecoding(false)).unwrap();
    assert!(bytes_of(&mut easy).starts_with(b"\x1f\x8b"), "or as it is");

    // "hello", as brotli and zstd have it when they compress nothing.
    let offered = encodings();
    for (name, body) in
        [("br", &b"\x0b\x02\x80hello\x03"[..]), ("zstd", b"\x28\xb5\x2f\xfd\x20\x05\x29\0\0hello")]
    {
        if !offered.contains(name) {
            eprintln!("skipped: this libcurl does not decode {name}");
            continue;
        }
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Encoding: {name}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let peer = Raw::answering([head.as_bytes(), body].concat());
        let mut easy = self::easy(&peer.url("/"));
        easy.set(option::AcceptEncoding(name)).unwrap();
        assert_eq!(text_of(&mut easy), "hello", "{name}");
    }
}

#[test]
fn names_are_resolved_as_told() {
    let Some(nginx) = Nginx::start() else { return };
    let port = nginx.port();
    let mut easy = easy("http://127.0.0.1:1/");
    let url = Url::parse(&format!("http://anything.test:{port}/files/small")).unwrap();
    easy.set(option::Url(&url)).unwrap();
    easy.set(option::Resolve(list(&format!("anything.test:{port}:127.0.0.1")))).unwrap();
    assert_eq!(text_of(&mut easy), "small\n");

    let mut easy = self::easy("http://elsewhere.test/files/small");
    easy.set(option::ConnectTo(list(&format!("elsewhere.test:80:127.0.0.1:{port}")))).unwrap();
    assert_eq!(text_of(&mut easy), "small\n");
    assert_eq!(easy.info().primary_port(), port);
}

#[test]
fn names_are_resolved_over_https() {
    let Some(nginx) = Nginx::start() else { return };
    let authority = Authority::new();
    let resolver = Server::tls(&authority);
    let mut easy =
        easy_tls(&format!("http://anything.test:{}/files/small", nginx.port()), &authority);
    easy.set(option::DohUrl(resolver.url("/dns-query"))).unwrap();
    easy.set(option::DohSslVerifyPeer(false)).unwrap();
    assert_eq!(text_of(&mut easy), "small\n");
    assert!(resolver.connections() > 0);
    assert_eq!(easy.info().primary_ip(), Some(c"127.0.0.1"));
}

#[test]
fn a_unix_socket() {
    let Some(nginx) = Nginx::start() else { return };
    let mut easy = easy("http://any.host/files/small");
    easy.set(option::UnixSocketPath(nginx.unix_socket().as_path())).unwrap();
    assert_eq!(text_of(&mut easy), "small\n");
    easy.set(option::UnixSocketPath("/no/such/socket")).unwrap();
    easy.set(option::FreshConnect(true)).unwrap();
    assert_eq!(easy.perform().unwrap_err().kind(), ffence::ErrorKind::Connect);
}

#[test]
fn this_sides_address_and_port() {
    let Some(nginx) = Nginx::start() else { return };
    let mut easy = easy(&nginx.url("/peer"));
    // All of 127.0.0.0/8 is this machine on Linux; elsewhere it is one address.
    let address = if cfg!(target_os = "linux") { "127.0.0.2" } else { "127.0.0.1" };
    easy.set(option::Interface(address)).unwrap();
    let first = common::program::free_port().min(u16::MAX - 50);
    easy.set(option::LocalPort(first)).unwrap().set(option::LocalPortRange(50)).unwrap();
    let peer = text_of(&mut easy);
    let (seen, port) = peer.trim().split_once(' ').unwrap();
    assert_eq!(seen, address);
    let port: u16 = port.parse().unwrap();
    assert!((first..first + 50).contains(&port), "{port}");
    assert_eq!(
        (easy.info().local_ip().unwrap().to_str().unwrap(), easy.info().local_port()),
        (address, port)
    );
    easy.set(option::Interface("no-such-interface")).unwrap();
    easy.set(option::FreshConnect(true)).unwrap();
    assert!(easy.perform().is_err());
}

#[test]
fn cookies_in_memory_and_in_a_file() {
    let Some(nginx) = Nginx::start() else { return };
    let jar = tempfile::NamedTempFile::new().unwrap();
    let mut easy = easy(&nginx.url("/cookies"));
    easy.set(option::CookieFile("")).unwrap().set(option::CookieJar(jar.path())).unwrap();
    assert_eq!(text_of(&mut easy), "\n");
    let sent = text_of(&mut easy);
    assert!(["first=1", "second=2"].iter().all(|it| sent.contains(it)), "{sent}");
    let lines = easy.info().cookies().unwrap();
    assert_eq!(lines.iter().count(), 2);
    easy.set(option::CookieList("Set-Cookie: third=3; domain=127.0.0.1; path=/; Max-Age=100"))
        .unwrap();
    assert!(text_of(&mut easy).contains("third=3"));
    drop(easy);

    // A session's cookie is written as well; another handle reads them.
    let mut easy = self::easy(&nginx.url("/cookies"));
    easy.set(option::CookieFile(jar.path())).unwrap();
    let sent = text_of(&mut easy);
    assert!(["second=2", "third=3"].iter().all(|it| sent.contains(it)), "{sent}");
    assert_eq!(easy.info().cookies().unwrap().iter().count(), 3);
    easy.set(option::CookieList("ALL")).unwrap();
    assert!(easy.info().cookies().unwrap().is_empty());
}

#[test]
fn hosts_that_want_https_get_it() {
    let Some(nginx) = Nginx::start() else { return };
    let file = tempfile::NamedTempFile::new().unwrap();
    let port = nginx.tls_port();
    let host = format!("named.example:{port}");
    let mut easy = easy_tls(&format!("https://{host}/hsts"), nginx.authority());
    easy.set(option::Resolve(list(&format!("{host}:127.0.0.1")))).unwrap();
    easy.set(option::Hsts(file.path())).unwrap();
    easy.set(option::HstsCtrl(value::HstsCtrl::ENABLE)).unwrap();
    assert_eq!(text_of(&mut easy), "hsts\n");
    // Without TLS this port answers 400.
    easy.set(option::Url(format!("http://{host}/files/small"))).unwrap();
    assert_eq!(text_of(&mut easy), "small\n");
    drop(easy);
    assert!(std::fs::read_to_string(file.path()).unwrap().contains("named.example"));

    let mut easy = easy_tls(&format!("http://{host}/files/small"), nginx.authority());
    easy.set(option::Resolve(list(&format!("{host}:127.0.0.1")))).unwrap();
    assert_eq!(
        easy.perform().unwrap().response_code(),
        Some(400),
        "who does not know, asks in the clear"
    );
    easy.set(option::Hsts(file.path())).unwrap();
    easy.set(option::HstsCtrl(value::HstsCtrl::ENABLE)).unwrap();
    assert_eq!(text_of(&mut easy), "small\n");
}

#[test]
fn an_alternative_service_is_used() {
    let Some(nginx) = Nginx::start() else { return };
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut easy = easy_tls(&nginx.tls_url("/alt-svc"), nginx.authority());
    easy.set(option::AltSvc(file.path())).unwrap();
    easy.set(option::AltSvcCtrl(value::AltSvcCtrl::HTTP2)).unwrap();
    assert_eq!(text_of(&mut easy), format!("{}\n", nginx.tls_port()));
    easy.set(option::FreshConnect(true)).unwrap();
    let other = nginx.tls_1_2_url("");
    assert_eq!(text_of(&mut easy).trim(), other.rsplit(':').next().unwrap());
}

#[test]
fn rates_are_limited() {
    let Some(nginx) = Nginx::start() else { return };
    let mut easy = easy(&nginx.url("/files/large"));
    easy.set(option::Range("0-399999")).unwrap();
    easy.set(option::MaxRecvSpeedLarge(800_000)).unwrap();
    easy.set(option::BufferSize(1024)).unwrap();
    assert_eq!(bytes_of(&mut easy).len(), 400_000);
    // However slow the machine is, it cannot be faster than this.
    assert!(
        easy.info().total_time() > Duration::from_millis(150),
        "{:?}",
        easy.info().total_time()
    );
}

#[test]
fn a_peer_below_a_speed_is_given_up() {
    let server = Server::plain();
    let mut easy = easy(&server.url("/stall/10"));
    easy.set(option::LowSpeedLimit(1000)).unwrap();
    easy.set(option::LowSpeedTime(Duration::from_secs(1))).unwrap();
    let error = easy.perform().unwrap_err();
    assert_eq!(error.kind(), ffence::ErrorKind::Timeout);
    assert_eq!(error.transfer().unwrap().received, 10);
}

/// Uploads what it holds.
struct Body(Vec<u8>);

impl Handler for Body {
    const CALLBACKS: Callbacks = Callbacks::READ;

    fn read(&mut self, out: &mut Upload<'_>) -> Read {
        let sent = out.append(&self.0);
        self.0.drain(..sent);
        Read::Sent
    }
}

#[test]
fn uploads_are_stored() {
    let Some(nginx) = Nginx::start() else { return };
    let mut easy = Easy::with(Body(bytes(500_000))).unwrap();
    easy.set(option::Url(nginx.url("/put/body"))).unwrap().set(option::NoProxy("*")).unwrap();
    easy.set(option::Upload(true)).unwrap();
    assert_eq!(easy.perform().unwrap().response_code(), Some(201));
    assert!(nginx.stored("body") == bytes(500_000));
}

#[test]
fn a_connection_without_an_answer_is_an_error() {
    let Some(nginx) = Nginx::start() else { return };
    let error = easy(&nginx.url("/nothing")).perform().map(drop).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ffence::ErrorKind::Transport, Some(52)));
}

#[test]
fn files() {
    if !speaks("file") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("with space");
    std::fs::write(&path, "0123456789").unwrap();
    let url = format!("file://{}/with%20space", folder.path().display());
    let mut easy = easy(&url);
    assert_eq!(text_of(&mut easy), "0123456789");
    easy.set(option::Range("3-5")).unwrap();
    assert_eq!(text_of(&mut easy), "345");
    easy.set(option::Url(format!("file://{}/absent", folder.path().display()))).unwrap();
    assert_eq!(easy.perform().unwrap_err().code(), Some(37)); // CURLE_FILE_COULDNT_READ_FILE

    let mut easy = Easy::with(Body(b"written".to_vec())).unwrap();
    easy.set(option::Url(&url)).unwrap().set(option::Upload(true)).unwrap();
    easy.perform().unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"written");
}

#[test]
fn ftp_lists_gets_and_puts() {
    if !speaks("ftp") {
        return;
    }
    let Some((server, url)) = services::ftp() else { return };
    let mut easy = easy(&format!("{url}/small"));
    assert_eq!(text_of(&mut easy), "small\n");
    easy.set(option::Url(format!("{url}/"))).unwrap().set(option::DirListOnly(true)).unwrap();
    assert_eq!(text_of(&mut easy).trim(), "small");
    easy.set(option::Url(format!("{url}/absent"))).unwrap();
    easy.set(option::DirListOnly(false)).unwrap();
    assert_eq!(easy.perform().unwrap_err().code(), Some(78)); // CURLE_REMOTE_FILE_NOT_FOUND

    let mut easy = Easy::with(Body(b"uploaded".to_vec())).unwrap();
    easy.set(option::Url(format!("{url}/new"))).unwrap().set(option::NoProxy("*")).unwrap();
    easy.set(option::Upload(true)).unwrap();
    easy.perform().unwrap();
    assert_eq!(std::fs::read(server.folder().join("files/new")).unwrap(), b"uploaded");
}

#[test]
fn mqtt_publishes() {
    if !speaks("mqtt") {
        return;
    }
    let Some((server, url)) = services::mqtt() else { return };
    let mut easy = easy(&format!("{url}/a/topic"));
    easy.set(option::PostFields("hello")).unwrap();
    easy.perform().unwrap();
    // The broker writes down what it got; it may be a moment later.
    let log = || server.log();
    while !log().contains("Received DISCONNECT") {
        std::thread::yield_now();
    }
    assert!(log().contains("'a/topic', ... (5 bytes)"), "{}", log());
}

#[test]
fn schemes_are_allowed_one_by_one() {
    let server = Server::plain();
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut easy = easy(&server.url("/bytes/3"));
    if let Err(error) = easy.set(option::ProtocolsStr(value::Schemes::HTTPS)) {
        let since = error.since().unwrap();
        assert!(ffence::capabilities().unwrap().libcurl().number() < since, "{error}");
        return;
    }
    let refused = |easy: &mut Easy| easy.perform().unwrap_err().code() == Some(1);
    assert!(refused(&mut easy), "CURLE_UNSUPPORTED_PROTOCOL");
    easy.set(option::ProtocolsStr(value::Schemes::HTTP | value::Schemes::FILE)).unwrap();
    assert_eq!(bytes_of(&mut easy), bytes(3));
    let path = format!("file://{}", file.path().display());
    easy.set(option::Url(&path)).unwrap();
    assert_eq!(bytes_of(&mut easy), b"");
    easy.set(option::ProtocolsStr("http")).unwrap();
    assert!(refused(&mut easy));
    easy.set(option::ProtocolsStr(value::Schemes::ALL)).unwrap();
    assert_eq!(bytes_of(&mut easy), b"");
    assert_eq!(
        easy.set(option::ProtocolsStr("gibberish")).unwrap_err().kind(),
        ffence::ErrorKind::Unsupported
    );

    let moved = Raw::answering(format!("HTTP/1.1 302 F\r\nLocation: {path}\r\n\r\n"));
    let mut easy = self::easy(&moved.url("/"));
    easy.set(option::FollowLocation(value::Follow::All)).unwrap();
    easy.set(option::RedirProtocolsStr(value::Schemes::HTTP)).unwrap();
    assert!(refused(&mut easy), "from the network to this machine's files");
}

/// A Unix socket whose name is in no file system.
#[cfg(target_os = "linux")]
#[test]
fn a_socket_with_an_abstract_name_is_reached() {
    use std::io::Write as _;
    use std::os::linux::net::SocketAddrExt as _;
    use std::os::unix::net::{SocketAddr, UnixListener};

    let name = format!("ffence-test-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let listener = UnixListener::bind_addr(&address).unwrap();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut piece = [0; 512];
            let len = std::io::Read::read(&mut stream, &mut piece).unwrap();
            assert!(len > 0, "the request is whole");
            request.extend_from_slice(&piece[..len]);
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nabstract").unwrap();
    });
    let mut easy = easy("http://nowhere.invalid/");
    easy.set(option::AbstractUnixSocket(&name)).unwrap();
    assert_eq!(text_of(&mut easy), "abstract");
    server.join().unwrap();
}
