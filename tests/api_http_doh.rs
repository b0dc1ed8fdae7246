//! Names that are asked for over HTTPS.

#![cfg(feature = "http")]

mod common;

use common::executor::block_on;
use common::server::{Authority, Server};
use common::site::Site;
use ffence::ErrorKind;
use ffence::http::{Client, ClientBuilder, Tls};

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
