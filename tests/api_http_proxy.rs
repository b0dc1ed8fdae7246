//! Proxies that are spoken to by TLS, or want to know who asks: whom they are taken for, what they are
//! shown, and what never goes past them.

#![cfg(feature = "http")]

mod common;

use common::executor::block_on;
use common::raw::Raw;
use common::server::{Authority, Server};
use common::site::Site;
use common::tunnel::{Manner, Tunnel};
use ffence::http::{
    Client, ClientBuilder, Identity, Proxy, Redirect, RequestBuilder, Response, Retry, Tls,
};
use ffence::{Error, ErrorKind};
use openssl::base64::encode_block;

type Way = fn(RequestBuilder<'_>) -> Result<Response<Vec<u8>>, Error>;

const WAYS: [(&str, Way); 2] =
    [("send", |request| request.send()), ("send_async", |request| block_on(request.send_async()))];

fn through(proxy: &Tunnel) -> ClientBuilder {
    Client::builder().proxy(Proxy::new(proxy.url("")))
}

fn trusting(authorities: &[&Authority]) -> Tls {
    let pem: String = authorities.iter().map(|it| it.pem()).collect();
    Tls::new().ca_pem(pem)
}

fn identity(authority: &Authority) -> Identity {
    let (chain, key) = authority.client_pem("client.example");
    Identity::pem(chain, key).unwrap()
}

#[test]
fn a_proxy_is_held_to_the_same_trust_as_a_server() {
    let (of_proxy, of_server) = (Authority::named("proxy's"), Authority::named("server's"));
    let proxy = Tunnel::start(Manner::tls(&of_proxy, &["127.0.0.1"]));
    let misnamed = Tunnel::start(Manner::tls(&of_proxy, &["other.test"]));
    let server = Server::tls(&of_server);
    let (url, plain) = (server.url("/bytes/10"), "http://127.0.0.1:1/to");
    let both = trusting(&[&of_proxy, &of_server]);
    for (name, send) in WAYS {
        let client = through(&proxy).tls(both.clone()).build().unwrap();
        assert_eq!(send(client.get(&url)).unwrap().body().len(), 10, "{name}");
        assert_eq!(send(client.get(plain)).unwrap().status(), 200, "{name}");
        assert_eq!(proxy.asked().len(), 2, "{name}");

        // Of the two, the error says which one it is.
        let cases = [
            (&proxy, trusting(&[&of_server]), &*url, true),
            (&proxy, trusting(&[&of_server]), plain, true),
            (&misnamed, both.clone(), &*url, true),
            (&misnamed, both.clone(), plain, true),
            (&proxy, trusting(&[&of_proxy]), &*url, false),
        ];
        for (at, (proxy, tls, url, is_proxys)) in cases.into_iter().enumerate() {
            let client = through(proxy).tls(tls).build().unwrap();
            let error = send(client.get(url)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Tls, "{name} {at}: {error}");
            let says = error.to_string().contains("in the handshake with the proxy");
            assert_eq!(says, is_proxys, "{name} {at}: {error}");
        }
        // Nothing was asked of a proxy that is not trusted, but for the last.
        assert_eq!((proxy.asked().len(), misnamed.asked().len()), (1, 0), "{name}");

        // A host that the proxy is not for is not its fault.
        let except = Proxy::new(proxy.url("")).except("127.0.0.1");
        let client = Client::builder().proxy(except).tls(trusting(&[&of_proxy])).build().unwrap();
        let error = send(client.get(&url)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
        assert!(!error.to_string().contains("proxy"), "{error}");
    }
}

/// One identity is for both.
#[test]
fn an_identity_is_shown_to_a_proxy_and_to_a_server() {
    let (authority, clients) = (Authority::named("servers"), Authority::named("clients"));
    let page = Raw::with(|mut stream| {
        while !common::raw::read_request(&mut stream).is_empty() {
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
            if std::io::Write::write_all(&mut stream, answer).is_err() {
                return;
            }
        }
    });
    let asking_proxy = Tunnel::start(Manner::asking(&authority, &clients));
    let other_proxy = Tunnel::start(Manner::tls(&authority, &["127.0.0.1"]));
    let asking_server = Tunnel::start(Manner::asking(&authority, &clients).before(page.address()));
    let other_server =
        Tunnel::start(Manner::tls(&authority, &["127.0.0.1"]).before(page.address()));
    for (name, send) in WAYS {
        for (proxy, proxy_asks) in [(&asking_proxy, true), (&other_proxy, false)] {
            for (server, server_asks) in [(&asking_server, true), (&other_server, false)] {
                let known = trusting(&[&authority]).identity(identity(&clients));
                let client = through(proxy).tls(known).build().unwrap();
                assert_eq!(send(client.get(server.url("/"))).unwrap().body(), b"ok", "{name}");
                assert_eq!(proxy.asked().len(), 1);

                let nobody = through(proxy).tls(trusting(&[&authority])).build().unwrap();
                let stranger = trusting(&[&authority]).identity(identity(&authority));
                let stranger = through(proxy).tls(stranger).build().unwrap();
                for client in [nobody, stranger] {
                    let outcome = send(client.get(server.url("/")));
                    let asks = [proxy_asks, server_asks];
                    assert_eq!(outcome.is_ok(), asks == [false, false], "{name} {asks:?}");
                    // Who is not let in by the proxy asks it for nothing.
                    assert_eq!(proxy.asked().is_empty(), asks[0], "{name}");
                    if let Err(error) = outcome {
                        // Of TLS 1.3 the end of the connection may come before its reason.
                        let kind = error.kind();
                        let is_one_of = matches!(kind, ErrorKind::Tls | ErrorKind::Transport);
                        assert!(is_one_of, "{name} {asks:?}: {error}");
                    }
                }
            }
        }
    }
}

/// Through redirects, further attempts and other origins the proxy is told who asks, and nobody else is.
#[test]
fn a_log_in_at_the_proxy_survives_redirects_and_goes_no_further() {
    let authority = Authority::new();
    let login = format!("Basic {}", encode_block(b"user:open sesame"));
    for manner in [Manner::plain(), Manner::tls(&authority, &["127.0.0.1"])] {
        let proxy = Tunnel::start(manner.wanting(&login));
        let (first, second) =
            (Site::tls(&authority, &["127.0.0.1"]), Site::tls(&authority, &["127.0.0.1"]));
        first.redirect("/from", 307, "/still");
        first.redirect("/still", 307, &second.url("/there"));
        second.page("/there", 503, &[]);
        let known = Proxy::new(proxy.url("")).login("user", "open sesame");
        let retry = Retry::new(1)
            .back_off(std::time::Duration::from_millis(1), std::time::Duration::from_millis(1));
        let builder = Client::builder().redirect(Redirect::limited(5)).retry(retry);
        let builder = builder.tls(Tls::new().ca_pem(authority.pem()));
        for (name, send) in WAYS {
            let client = builder.clone().proxy(known.clone()).build().unwrap();
            let request = client.get(first.url("/from")).bearer_auth("token");
            assert_eq!(send(request).unwrap().status(), 503, "{name}");
            let heads = proxy.asked();
            assert_eq!(heads.len(), 2, "{name}: one tunnel to each: {heads:?}");
            for head in heads {
                assert!(head.starts_with("CONNECT "), "{name}: {head}");
                assert!(head.contains(&login) && !head.contains("token"), "{name}: {head}");
            }
            let (at_first, at_second) = (first.asked(), second.asked());
            assert_eq!((at_first.len(), at_second.len()), (2, 2), "{name}");
            for asked in at_first.iter().chain(&at_second) {
                assert!(asked.header("proxy-authorization").is_none(), "{name}: {asked:?}");
                let is_first = asked.path == "/from" || asked.path == "/still";
                assert_eq!(asked.header("authorization").is_some(), is_first, "{name}: {asked:?}");
            }

            // In the clear the proxy reads each request, to whichever origin.
            let request = client.get("http://a.test/leads-to/b.test").bearer_auth("token");
            assert_eq!(send(request).unwrap().status(), 200, "{name}");
            let heads = proxy.asked();
            assert_eq!(heads.len(), 2, "{name}: {heads:?}");
            assert!(heads.iter().all(|head| head.contains(&login)), "{name}: {heads:?}");
            let tokens: Vec<_> = heads.iter().map(|head| head.contains("token")).collect();
            assert_eq!(tokens, [true, false], "{name}: {heads:?}");

            // Who is unknown to the proxy gets its answer, or none, and nothing from anybody else.
            let nobody = builder.clone().proxy(Proxy::new(proxy.url(""))).build().unwrap();
            let error = send(nobody.get(first.url("/from"))).unwrap_err();
            assert!(error.to_string().contains("407"), "{name}: {error}");
            assert_eq!(send(nobody.get("http://a.test/")).unwrap().status(), 407, "{name}");
            assert!(
                proxy.asked().iter().all(|head| !head.contains("roxy-Authorization")),
                "{name}"
            );
            assert!(first.asked().is_empty() && second.asked().is_empty(), "{name}");
        }
    }
}
