//! Names that are asked for over HTTPS.

#![cfg(feature = "http")]

mod common;

use common::executor::block_on;
use common::guarded::{Guarded, Scheme};
use common::program::free_port;
use common::server::{Authority, Server};
use common::site::Site;
use common::tunnel::{Manner, Tunnel};
use ffence::ErrorKind;
use ffence::http::{Client, ClientBuilder, Proxy, Tls};

/// A file with the certificate of `authority`.
fn trusting(authority: &Authority) -> (ClientBuilder, tempfile::NamedTempFile) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), authority.pem()).unwrap();
    (Client::builder().tls(Tls::new().ca_file(file.path())), file)
}

#[test]
fn names_are_asked_for_where_the_client_was_told() {
    let authority = Authority::new();
    let (resolver, site) = (Server::tls(&authority), Site::plain());
    let (builder, _file) = trusting(&authority);
    let client = builder.doh(resolver.url("/dns-query")).build().unwrap();
    // No other resolver knows that name.
    let response = client.get(site.url_as("anything.test", "/mine")).send().unwrap();
    assert_eq!(response.text().unwrap(), "/mine");
    assert!(resolver.connections() > 0);
    let response = block_on(client.get(site.url_as("other.test", "/drivers")).send_async());
    assert_eq!(response.unwrap().text().unwrap(), "/drivers");
    assert_eq!(site.asked().len(), 2);
}

#[test]
fn a_resolver_that_is_not_trusted_is_not_believed() {
    let (authority, other) = (Authority::new(), Authority::named("somebody else"));
    let site = Site::plain();
    let (builder, _file) = trusting(&authority);
    // By an authority that is not trusted, and under another name.
    for resolver in [Server::tls(&other), Server::tls_as(&authority, &["other.test"])] {
        let client = builder.clone().doh(resolver.url("/dns-query")).build().unwrap();
        let url = site.url_as("anything.test", "/");
        for outcome in [client.get(&url).send(), block_on(client.get(url.clone()).send_async())] {
            assert_eq!(outcome.unwrap_err().kind(), ErrorKind::ResolveName);
        }
    }
    assert!(site.asked().is_empty());
    let error = Client::builder().doh("http://127.0.0.1/dns-query").build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
}

/// libcurl asks by a transfer of its own, which trusts whom the client trusts, however that was said.
#[test]
fn the_resolver_is_trusted_as_the_client_was_told() {
    let (authority, other) = (Authority::new(), Authority::named("somebody else"));
    let (resolver, site) = (Server::tls(&authority), Site::plain());
    let (_, file) = trusting(&authority);
    let trusted = [
        Tls::new().ca_file(file.path()),
        Tls::new().ca_pem(authority.pem()),
        Tls::new().ca_pem(other.pem()).add_ca_pem(authority.pem()),
        Tls::new().add_ca_pem(authority.pem()),
    ];
    // The system's are many, and slow to read under a sanitizer: once is enough.
    let others =
        [Tls::new().ca_pem(other.pem()), Tls::new().ca_pem(other.pem()).add_ca_pem(other.pem())];
    let url = site.url_as("anything.test", "/mine");
    for (tls, works) in trusted.map(|it| (it, true)).into_iter().chain(others.map(|it| (it, false)))
    {
        let builder = Client::builder().tls(tls.clone()).proxy(Proxy::none());
        let built = builder.doh(resolver.url("/dns-query")).build();
        let Some(client) = takes_over(built) else { continue };
        for outcome in [client.get(&url).send(), block_on(client.get(url.clone()).send_async())] {
            match outcome {
                Ok(response) => assert!(works && response.body() == b"/mine", "{tls:?}"),
                Err(error) => {
                    assert!(!works, "{tls:?}: {error}");
                    assert_eq!(error.kind(), ErrorKind::ResolveName, "{error}");
                }
            }
        }
    }
    assert!(site.asked().len() >= 2);
}

/// Without the feature `crypto`, libcurl takes over what stands in files alone.
fn takes_over(built: ffence::Result<Client>) -> Option<Client> {
    match built {
        Ok(client) => Some(client),
        Err(error) if cfg!(feature = "crypto") => panic!("{error}"),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
            let text = error.to_string();
            assert!(text.contains("`crypto`") && text.contains("ca_file"), "{text}");
            None
        }
    }
}

/// However a resolver fails, no name was resolved, and nobody else is asked.
#[test]
fn what_goes_wrong_at_the_resolver_is_a_name_that_was_not_resolved() {
    let authority = Authority::new();
    let (site, (builder, _file)) = (Site::plain(), trusting(&authority));
    // Whoever asked the system would find it.
    let url = site.url_as("localhost", "/");
    let nobody = format!("https://127.0.0.1:{}/dns-query", free_port());
    let server = Server::tls(&authority);
    let deaf = Server::tls(&authority);
    let cases = [
        ("not there", nobody),
        ("no answer of DNS", server.url("/bytes/100")),
        ("a status", server.url("/status/500")),
        ("no page", server.url("/nothing")),
        ("cut short", server.url("/break/20")),
        ("no address", server.url("/headers/1")),
        ("in time", deaf.url("/hang")),
    ];
    for (what, resolver) in cases {
        let client = builder.clone().proxy(Proxy::none()).doh(resolver).build().unwrap();
        let limit = std::time::Duration::from_secs(if what == "in time" { 1 } else { 300 });
        // The name is this machine's own: libcurl asks nobody for it. Another one has to be asked for.
        let url = url.replace("localhost", "nowhere.test");
        let outcomes = [
            client.get(&url).timeout(limit).send(),
            block_on(client.get(url.clone()).timeout(limit).send_async()),
        ];
        for error in outcomes.map(Result::unwrap_err) {
            let kind = if what == "in time" { ErrorKind::Timeout } else { ErrorKind::ResolveName };
            assert_eq!(error.kind(), kind, "{what}: {error}");
            assert!(error.is_connect(), "{what}: {error:?}");
            assert_eq!(error.transfer().unwrap().phase, ffence::error::Phase::Name, "{what}");
            if kind == ErrorKind::ResolveName {
                let text = error.to_string();
                assert!(
                    text.contains("by the DNS server that the client was given"),
                    "{what}: {text}"
                );
            }
        }
    }
    assert!(site.asked().is_empty());
}

/// The resolver is told what it is asked for, and nothing of the request.
#[test]
fn the_resolver_sees_nothing_of_the_request() {
    let authority = Authority::new();
    let (builder, _file) = trusting(&authority);
    let site = Site::plain();
    let resolver = Guarded::start(Scheme::Open, |_| (500, "/".to_owned()));
    let address = resolver.url("").replace("http://", "").parse().unwrap();
    let front = Tunnel::start(Manner::tls(&authority, &["127.0.0.1"]).before(address));
    let client = builder.proxy(Proxy::none()).doh(front.url("/dns-query")).build().unwrap();
    let url = site.url_as("user:secret@anything.test", "/secret");
    for way in [0, 1] {
        let request = client.get(&url).bearer_auth("secret").header("cookie", "id=secret");
        let outcome = if way == 0 { request.send() } else { block_on(request.send_async()) };
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::ResolveName);
        let asked = resolver.asked();
        assert!(!asked.is_empty());
        for asked in asked {
            assert!(asked.path == "/dns-query" && !asked.text.contains("secret"), "{asked:?}");
        }
    }
}
