//! A full TLS handshake, a GET, and the end of the connection: nothing is resumed.
//!
//! The server gives no tickets, keeps no sessions, and closes every connection after its answer.
//! Every contender trusts the system's certificates and one more.

use std::ffi::{CString, c_long, c_void};
use std::fmt::Write as _;
use std::hint::black_box;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;

use curl_sys as sys;
use ffence::http::{Client, Tls};
use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::ssl::{SslAcceptor, SslMethod, SslOptions, SslSessionCacheMode};
use openssl::x509::extension::SubjectAlternativeName;
use openssl::x509::{X509, X509NameBuilder};

use super::get::collect;
use super::{Op, server};

/// The best raw configuration: one handle, which keeps what it parsed of one file because there is no
/// folder beside it.
pub fn raw(bytes: usize) -> Op {
    raw_with(bytes, true)
}

/// What a program gets that only names its file, where libcurl was built with a folder.
pub fn raw_with_folder(bytes: usize) -> Op {
    raw_with(bytes, false)
}

fn raw_with(bytes: usize, without_folder: bool) -> Op {
    let (url, bundle) = server::tls(bytes);
    let url = CString::new(url).expect("a URL");
    let bundle = CString::new(bundle).expect("a path");
    curl::init(); // curl_global_init, once
    // SAFETY: takes nothing; libcurl is initialised.
    let easy = unsafe { sys::curl_easy_init() };
    let body: *mut Vec<u8> = Box::into_raw(Box::default());
    // SAFETY: the option takes text, and copies it.
    let with_url = unsafe { sys::curl_easy_setopt(easy, sys::CURLOPT_URL, url.as_ptr()) };
    // SAFETY: the option takes a long.
    let calm = unsafe { sys::curl_easy_setopt(easy, sys::CURLOPT_NOSIGNAL, c_long::from(true)) };
    let callback: extern "C" fn(*mut _, usize, usize, *mut c_void) -> usize = collect;
    // SAFETY: the option takes a function of this type.
    let to_us = unsafe { sys::curl_easy_setopt(easy, sys::CURLOPT_WRITEFUNCTION, callback) };
    // SAFETY: the option takes a pointer; the box is never freed.
    let to_body = unsafe { sys::curl_easy_setopt(easy, sys::CURLOPT_WRITEDATA, body) };
    // SAFETY: the option takes text, and copies it.
    let file = unsafe { sys::curl_easy_setopt(easy, sys::CURLOPT_CAINFO, bundle.as_ptr()) };
    assert!([with_url, calm, to_us, to_body, file] == [sys::CURLE_OK; 5]);
    if without_folder {
        let none: *const c_void = std::ptr::null();
        // SAFETY: the option takes text or NULL.
        let set = unsafe { sys::curl_easy_setopt(easy, sys::CURLOPT_CAPATH, none) };
        assert_eq!(set, sys::CURLE_OK);
    }
    Box::new(move || {
        // SAFETY: no transfer runs.
        unsafe { (*body).clear() };
        // SAFETY: the handle is live and used by this thread alone.
        let done = unsafe { sys::curl_easy_perform(easy) };
        // SAFETY: the transfer is over.
        let body = unsafe { &*body };
        assert!(done == sys::CURLE_OK && black_box(body).len() == bytes, "{done}");
    })
}

/// A client's ordinary call, which makes its connection.
pub fn ffence(bytes: usize) -> Op {
    let (url, bundle) = server::tls(bytes);
    let client = Client::builder().tls(Tls::new().ca_file(bundle)).build().expect("a client");
    calls(client, url, bytes)
}

/// The same with the system's certificates where the system has them, and one added.
pub fn ffence_added(bytes: usize) -> Op {
    let (url, bundle) = server::tls(bytes);
    let bundle = std::fs::read_to_string(bundle).expect("the bundle");
    // It comes last.
    let own = bundle.rfind("-----BEGIN").map_or("", |at| &bundle[at..]);
    let client = Client::builder().tls(Tls::new().add_ca_pem(own)).build().expect("a client");
    calls(client, url, bytes)
}

fn calls(client: Client, url: String, bytes: usize) -> Op {
    Box::new(move || {
        let response = client.get(black_box(url.as_str())).send().expect("a response");
        assert_eq!(black_box(response.into_body()).len(), bytes);
    })
}

/// Serves, and answers the address and a file with the system's certificates and the server's own.
pub fn serve() -> (String, PathBuf) {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).expect("a curve");
    let key = EcKey::generate(&group).and_then(PKey::from_ec_key).expect("a key");
    let certificate = certificate(&key);
    let mut tls = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls()).expect("an acceptor");
    tls.set_certificate(&certificate).expect("a certificate");
    tls.set_private_key(&key).expect("a key");
    tls.set_session_cache_mode(SslSessionCacheMode::OFF);
    tls.set_options(SslOptions::NO_TICKET);
    tls.set_num_tickets(0).expect("a number");
    let tls = tls.build();

    let system = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];
    let system = system.into_iter().map(Path::new).find_map(|it| std::fs::read(it).ok());
    let mut bundle = system.unwrap_or_default();
    bundle.extend(certificate.to_pem().expect("PEM"));
    let path = std::env::temp_dir().join(format!("ffence-bench-{}.pem", std::process::id()));
    std::fs::write(&path, bundle).expect("a file");

    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address").to_string();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let tls = tls.clone();
            thread::spawn(move || converse(&tls, stream));
        }
    });
    (address, path)
}

fn certificate(key: &PKey<openssl::pkey::Private>) -> X509 {
    let made = || -> Result<X509, openssl::error::ErrorStack> {
        let mut serial = BigNum::new()?;
        serial.rand(127, MsbOption::MAYBE_ZERO, false)?;
        let mut name = X509NameBuilder::new()?;
        name.append_entry_by_nid(Nid::COMMONNAME, "ffence bench")?;
        let name = name.build();
        let mut x509 = X509::builder()?;
        x509.set_version(2)?;
        x509.set_serial_number(&*serial.to_asn1_integer()?)?;
        x509.set_subject_name(&name)?;
        x509.set_issuer_name(&name)?;
        x509.set_not_before(&*Asn1Time::days_from_now(0)?)?;
        x509.set_not_after(&*Asn1Time::days_from_now(2)?)?;
        x509.set_pubkey(key)?;
        let names = SubjectAlternativeName::new()
            .ip("127.0.0.1")
            .build(&x509.x509v3_context(None, None))?;
        x509.append_extension(names)?;
        x509.sign(key, MessageDigest::sha256())?;
        Ok(x509.build())
    };
    made().expect("a certificate")
}

/// One request, one answer, and the end.
fn converse(tls: &SslAcceptor, stream: TcpStream) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut stream = tls.accept(stream).ok()?;
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut some = [0; 4096];
        match stream.read(&mut some).ok()? {
            0 => return None,
            len => request.extend_from_slice(&some[..len]),
        }
    }
    let text = String::from_utf8_lossy(&request);
    let bytes = text.split_whitespace().nth(1)?.trim_start_matches('/').parse().ok()?;
    let mut answer = String::new();
    write!(answer, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {bytes}\r\n\r\n")
        .ok()?;
    answer.extend(std::iter::repeat_n('x', bytes));
    stream.write_all(answer.as_bytes()).ok()?;
    stream.shutdown().ok()?;
    // Until the client goes: a reset could overtake the answer.
    let _ = stream.read(&mut [0; 16]);
    Some(())
}
