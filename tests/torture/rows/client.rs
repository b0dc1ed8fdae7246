//! The HTTP client.

use std::net::UdpSocket;
use std::os::fd::AsFd as _;
use std::time::{Duration, Instant};

use ffence::curl::multi::Watched;
use ffence::curl::option::value::Schemes;
use ffence::http::{
    Attempt, CancelHandle, Client, HttpVersion, Identity, KeyLog, Limits, Observed, Observer, Pin,
    Proxy, Retry, Timeouts, Tls, TlsVersion,
};

use crate::common::server::{Authority, Server, bytes};
use crate::row::{Outcome, Row, row};

/// A page of the server's, over a connection of its own.
fn page(server: &Server, tls: Tls) -> Outcome {
    let limits = Timeouts::new().total(Duration::from_secs(30));
    let client = Client::builder().tls(tls).timeouts(limits).build()?;
    Ok(client.get(server.url("/bytes/1000")).send()?.into_body())
}

/// A client's certificate and key, parsed.
fn own() -> (openssl::x509::X509, openssl::pkey::PKey<openssl::pkey::Private>) {
    let (chain, key) = Authority::new().client_pem("client.example");
    let certificate = openssl::x509::X509::from_pem(chain.as_bytes()).unwrap();
    (certificate, openssl::pkey::PKey::private_key_from_pem(key.as_bytes()).unwrap())
}

pub fn rows() -> Vec<Row> {
    vec![
        row!(
            "a client and its first requests",
            [
                "http::Client::{new,builder,get,post,request,execute}",
                "http::ClientBuilder::{build,http_version,redirects,timeouts,tls,user_agent}",
                "http::Timeouts::{new,connect,total}",
                "http::RequestBuilder::{body,header,send,send_to,timeout}",
                "http::Response::{body,into_body,error_for_status,headers,status,text,timings,version}",
            ],
            {
                let server = Server::plain();
                move || -> Outcome {
                    let limit = Duration::from_secs(60);
                    let client = Client::builder()
                        .http_version(HttpVersion::Http1)
                        .redirects(3)
                        .timeouts(Timeouts::new().connect(limit).total(limit))
                        .tls(Tls::new())
                        .user_agent("ffence")
                        .build()?;
                    drop(Client::new()?);
                    let response = client.get(server.url("/bytes/1000")).timeout(limit).send()?;
                    let response = response.error_for_status()?;
                    let _ = (response.status(), response.version(), response.timings());
                    assert!(*response.body() == bytes(1000) && !response.headers().is_empty());
                    let mut all = response.into_body();
                    client
                        .post(server.url("/echo"))
                        .header("x-one", "1")
                        .body("text")
                        .send_to(&mut all)?;
                    let method = http::Method::DELETE;
                    let deleted = client.request(method, server.url("/length")).send()?;
                    all.extend_from_slice(deleted.text()?.as_bytes());
                    let request = http::Request::get(server.url("/bytes/10")).body(Vec::new());
                    let answer = client.execute(request.expect("it is a request"))?;
                    all.extend_from_slice(answer.body());
                    // The echo has the server's port in it.
                    Ok(all.len().to_be_bytes().to_vec())
                }
            }
        ),
        row!("a client that trusts a file", ["http::Tls::{new,ca_file}"], {
            let authority = Authority::new();
            let server = Server::tls(&authority);
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), authority.pem()).unwrap();
            move || -> Outcome { page(&server, Tls::new().ca_file(file.path())) }
        }),
        row!(
            "a client with authorities and a key log of its own",
            ["http::Tls::{add_ca_der,add_ca_pem,ca_der,max_version}", "curl::KeyLog::new"],
            {
                let authority = Authority::new();
                let server = Server::tls(&authority);
                let der = own().0.to_der().unwrap();
                move || -> Outcome {
                    let tls = Tls::new()
                        .ca_der(&der)
                        .add_ca_der(&der)
                        .add_ca_pem(authority.pem())
                        .max_version(TlsVersion::V1_3)
                        .key_log(KeyLog::new(|_| ()));
                    page(&server, tls)
                }
            }
        ),
        row!(
            "a client with pins",
            ["http::Tls::pin", "http::Pin::{of_certificate,of_public_key,sha256}"],
            {
                let certificate = own().0;
                let der = certificate.to_der().unwrap();
                let public = certificate.public_key().unwrap().public_key_to_der().unwrap();
                let pem = Authority::new().pem().to_owned();
                move || -> Outcome {
                    let pin = Pin::of_certificate(&der)?;
                    assert_eq!(Pin::of_public_key(&public)?, pin);
                    let tls = Tls::new().ca_pem(&pem).pin(pin).pin(Pin::sha256([0; 32]));
                    drop(Client::builder().tls(tls).build()?);
                    Ok(Vec::new())
                }
            }
        ),
        row!(
            "a client that names its ciphers, and who it is",
            [
                "http::Tls::{ca_pem,cipher_suites,ciphers,groups,identity,key_log,min_version}",
                "curl::KeyLog::to_file",
            ],
            {
                let authority = Authority::new();
                let server = Server::tls(&authority);
                let (chain, key) = authority.client_pem("client.example");
                let identity = Identity::pem(&chain, &key).unwrap();
                let logged = tempfile::NamedTempFile::new().unwrap();
                move || -> Outcome {
                    let tls = Tls::new()
                        .ca_pem(authority.pem())
                        .min_version(TlsVersion::V1_3)
                        .cipher_suites("TLS_AES_128_GCM_SHA256")
                        .ciphers("ECDHE+AESGCM")
                        .groups("X25519")
                        .identity(identity.clone())
                        .key_log(KeyLog::to_file(logged.path())?);
                    page(&server, tls)
                }
            }
        ),
        // A row each: the time of a full run grows with the square of a row's requests, and OpenSSL 3.0
        // asks thousands of times for a key.
        row!("who a client is, as PEM", ["http::Identity::pem"], {
            let (chain, key) = Authority::new().client_pem("client.example");
            move || -> Outcome {
                drop(Identity::pem(&chain, &key)?);
                Ok(Vec::new())
            }
        }),
        row!("who a client is, as DER", ["http::Identity::der"], {
            let (certificate, key) = own();
            let (der, key_der) = (certificate.to_der().unwrap(), key.private_key_to_der().unwrap());
            move || -> Outcome {
                drop(Identity::der(&der, &key_der)?);
                Ok(Vec::new())
            }
        }),
        // Passwords of one iteration: each of two thousand would ask for memory.
        row!("who a client is, under a passphrase", ["http::Identity::pem_with_passphrase"], {
            let (certificate, key) = own();
            let aes = openssl::symm::Cipher::aes_256_cbc();
            let locked = key.ec_key().unwrap().private_key_to_pem_passphrase(aes, b"open").unwrap();
            let chain = certificate.to_pem().unwrap();
            move || -> Outcome {
                drop(Identity::pem_with_passphrase(&chain, &locked, "open")?);
                Ok(Vec::new())
            }
        }),
        row!("who a client is, as PKCS #12", ["http::Identity::pkcs12"], {
            let (certificate, key) = own();
            let mut pkcs12 = openssl::pkcs12::Pkcs12::builder();
            pkcs12.pkey(&key).cert(&certificate).key_iter(1).mac_iter(1);
            let pkcs12 = pkcs12.build2("open").unwrap().to_der().unwrap();
            move || -> Outcome {
                drop(Identity::pkcs12(&pkcs12, "open")?);
                Ok(Vec::new())
            }
        }),
        row!(
            "a body that is read piece by piece, by a client with limits",
            [
                "http::ClientBuilder::{decompress,limits,proxy,retry,tcp_keep_alive}",
                "http::RequestBuilder::{basic_auth,bearer_auth,cancel_with,deadline,on_progress,open,query}",
                "http::BodyReader::{chunk,timings,trailers}",
                "http::Response::body_mut",
            ],
            {
                let server = Server::plain();
                let far = Duration::from_secs(60);
                move || -> Outcome {
                    let client = Client::builder()
                        .limits(Limits::new().per_host(2).total(4))
                        .retry(Retry::new(1).back_off(Duration::ZERO, Duration::ZERO))
                        .proxy(Proxy::none())
                        .tcp_keep_alive(far)
                        .decompress()
                        .build()?;
                    let mut response = client
                        .get(server.url("/bytes/100000"))
                        .query([("a", "b")])
                        .basic_auth("me", "secret")
                        .deadline(Instant::now() + far)
                        .cancel_with(&CancelHandle::new())
                        .on_progress(|_| ())
                        .open()?;
                    let (body, mut all) = (response.body_mut(), Vec::new());
                    while let Some(piece) = body.chunk()? {
                        all.extend_from_slice(&piece);
                    }
                    assert!(body.trailers().is_none() && body.timings().is_some());
                    let other = client.get(server.url("/bytes/10")).bearer_auth("token").open()?;
                    drop(other);
                    Ok(all)
                }
            }
        ),
        row!(
            "lines of a body on a warm connection, with somebody watching",
            [
                "http::Client::warm_up",
                "http::ClientBuilder::observer",
                "http::BodyReader::lines",
                "http::Lines::into_body",
                "http::Observer::{request_started,attempt_started,attempt_finished,request_finished}",
            ],
            {
                struct Watches;
                impl Observer for Watches {
                    fn request_started(&self, request: &Observed<'_>) {
                        assert!(request.id > 0);
                    }
                    fn attempt_started(&self, _: &Observed<'_>, number: u32) {
                        assert_eq!(number, 1);
                    }
                    fn attempt_finished(&self, _: &Observed<'_>, attempt: &Attempt<'_>) {
                        assert!(attempt.error.is_none() || !attempt.whole);
                    }
                    fn request_finished(&self, _: &Observed<'_>, attempts: u32, _: Duration) {
                        assert!(attempts < 2);
                    }
                }
                let server = Server::plain();
                move || -> Outcome {
                    let client = Client::builder().observer(Watches).build()?;
                    client.warm_up(&server.url("/bytes/1"), 2)?;
                    let post = client.post(server.url("/echo")).body("one\ntwo\nthree");
                    let mut lines = post.open()?.into_body().lines(1000);
                    let mut all = Vec::new();
                    for line in &mut lines {
                        all.push(line?);
                    }
                    drop(lines.into_body());
                    // Before them stand the headers, with the server's port.
                    Ok(all[all.len() - 3..].concat().into_bytes())
                }
            }
        ),
        row!(
            "what a client is told before it is built, and a multi before it waits",
            nothing,
            [
                "http::Limits::{new,per_host,total}",
                "http::Retry::{new,back_off,budget}",
                "http::Timeouts::{name,tls,first_byte,between_bytes,idle_connection,connection_age}",
                "http::CancelHandle::{new,cancel,is_cancelled}",
                "http::Proxy::{new,environment,none,login,except}",
                "http::ClientBuilder::{download_rate,upload_rate,drivers,resolve,unix_socket}",
                "curl::option::value::Schemes::{and,contains}",
                "curl::multi::Watched::{readable,writable,either,is_readable,is_writable}",
            ],
            {
                let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
                move || -> Outcome {
                    let some = Duration::from_secs(1);
                    let limits = Limits::new().per_host(1).total(2);
                    let retry = Retry::new(2).back_off(some, some).budget(10);
                    let timeouts = Timeouts::new()
                        .name(some)
                        .tls(some)
                        .first_byte(some)
                        .between_bytes(some)
                        .idle_connection(some)
                        .connection_age(some);
                    let proxy = Proxy::new("http://127.0.0.1:1").login("me", "secret").except("*");
                    drop((Proxy::environment(), Proxy::none()));
                    drop(
                        Client::builder()
                            .limits(limits)
                            .retry(retry)
                            .timeouts(timeouts)
                            .proxy(proxy)
                            .download_rate(1)
                            .upload_rate(1)
                            .drivers(1)
                            .resolve("localhost", 80, [[127, 0, 0, 1].into()])
                            .unix_socket("/nowhere"),
                    );
                    let cancel = CancelHandle::new();
                    cancel.cancel();
                    let both = Schemes::HTTP.and(Schemes::HTTPS);
                    let fd = socket.as_fd();
                    let watched =
                        [Watched::readable(fd), Watched::writable(fd), Watched::either(fd)];
                    let ready = watched.iter().any(|it| it.is_readable() || it.is_writable());
                    Ok(vec![
                        u8::from(cancel.is_cancelled()),
                        u8::from(both.contains(Schemes::HTTP)),
                        u8::from(ready),
                    ])
                }
            }
        ),
    ]
}
