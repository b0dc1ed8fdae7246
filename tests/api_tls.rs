//! Whom the client trusts.

#![cfg(feature = "http")]

mod common;

use common::server::{Authority, Server};
use ffence::ErrorKind;
use ffence::error::Phase;
use ffence::http::{Client, Tls, TlsVersion};

fn trusting(tls: Tls) -> Client {
    Client::builder().tls(tls).build().unwrap()
}

#[test]
fn a_server_is_trusted_through_pem_or_a_file_of_it() {
    let authority = Authority::new();
    let server = Server::tls(&authority);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), authority.pem()).unwrap();
    for tls in [Tls::new().ca_pem(authority.pem()), Tls::new().ca_file(file.path())] {
        let response = trusting(tls).get(server.url("/bytes/10")).send().unwrap();
        assert_eq!(response.body().len(), 10);
    }
}

#[test]
fn the_name_counts_as_well_as_the_address() {
    let authority = Authority::new();
    let server = Server::tls(&authority);
    let url = server.url("/bytes/10").replace("127.0.0.1", "localhost");
    trusting(Tls::new().ca_pem(authority.pem())).get(url).send().unwrap();
}

#[test]
fn whoever_is_not_trusted_is_refused() {
    let authority = Authority::new();
    let server = Server::tls(&authority);
    let other = Authority::named("another test authority");
    for tls in [Tls::new(), Tls::new().ca_pem(other.pem())] {
        let error = trusting(tls).get(server.url("/bytes/10")).send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Tls);
        assert_eq!(error.code(), Some(60)); // CURLE_PEER_FAILED_VERIFICATION
        assert!(error.to_string().contains("unable to get local issuer certificate"), "{error}");
        assert_eq!(error.transfer().unwrap().phase, Phase::Tls);
    }
}

/// An authority of the same name but with another key.
#[test]
fn an_impostor_is_refused() {
    let server = Server::tls(&Authority::new());
    let client = trusting(Tls::new().ca_pem(Authority::new().pem()));
    let error = client.get(server.url("/bytes/10")).send().unwrap_err();
    println!("{error:?}");
    assert_eq!(error.kind(), ErrorKind::Tls);
    assert_eq!(error.transfer().unwrap().phase, Phase::Tls);
}

#[test]
fn a_certificate_for_another_name_is_refused() {
    let authority = Authority::new();
    let server = Server::tls_as(&authority, &["other.test"]);
    let client = trusting(Tls::new().ca_pem(authority.pem()));
    let error = client.get(server.url("/bytes/10")).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls);
    assert_eq!(error.code(), Some(60));
    assert!(error.to_string().contains("no alternative certificate subject name"), "{error}");
}

/// A given authority takes the system's place; it is not added to it.
#[test]
fn trust_is_replaced_not_added() {
    let (first, second) = (Authority::new(), Authority::new());
    let server = Server::tls(&first);
    let tls = Tls::new().ca_pem(first.pem()).ca_pem(second.pem());
    let error = trusting(tls).get(server.url("/bytes/10")).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls);
    let both = format!("{}{}", first.pem(), second.pem());
    trusting(Tls::new().ca_pem(both)).get(server.url("/bytes/10")).send().unwrap();
}

#[test]
fn an_old_protocol_is_refused() {
    let authority = Authority::new();
    let server = Server::tls_1_2(&authority);
    let trust = || Tls::new().ca_pem(authority.pem());
    trusting(trust()).get(server.url("/bytes/10")).send().unwrap();

    let client = trusting(trust().min_version(TlsVersion::V1_3));
    let error = client.get(server.url("/bytes/10")).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls);
    assert_eq!(error.code(), Some(35)); // CURLE_SSL_CONNECT_ERROR
    assert!(error.to_string().contains("protocol version"), "{error}");
}

#[test]
fn a_peer_that_does_not_speak_tls_is_refused() {
    let server = Server::plain();
    let url = server.url("/bytes/10").replace("http:", "https:");
    let error = Client::new().unwrap().get(url).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
}

#[test]
fn debug_shows_settings_and_no_certificate() {
    let tls = Tls::new().ca_pem("abc").min_version(TlsVersion::V1_3);
    assert_eq!(
        format!("{tls:?}"),
        "Tls { system: false, own: [3 bytes of PEM], identity: false, pins: 0, min_version: V1_3, \
         max_version: None, .. }"
    );
}
