//! Other places that answer for an origin.

#![cfg(feature = "http")]

mod common;

use common::executor::block_on;
use common::raw::Raw;
use common::server::Authority;
use common::site::{HERE, Site};
use ffence::http::{AltSvc, Client, HttpVersion, Tls};

const ORIGIN: &[&str] = &["origin.test"];

/// A client that finds `origin.test` at one port, and `other.test` at another.
fn client(authority: &Authority, origin: u16, other: u16, version: HttpVersion) -> Client {
    Client::builder()
        .tls(Tls::new().ca_pem(authority.pem()))
        .http_version(version)
        .alt_svc(AltSvc::new())
        .resolve("origin.test", origin, HERE)
        .resolve("other.test", other, HERE)
        .build()
        .unwrap()
}

fn paths(site: &Site) -> Vec<String> {
    site.asked().into_iter().map(|it| it.path).collect()
}

#[test]
fn requests_go_where_the_origin_sends_them_and_back() {
    let authority = Authority::new();
    for version in [HttpVersion::Negotiate, HttpVersion::Http1] {
        let origin = Site::tls(&authority, ORIGIN);
        // It is known by the origin's name, not by its own.
        let other = Site::tls(&authority, ORIGIN);
        let service = format!("h3=\":1\", h2=\"other.test:{}\"; ma=1000", other.port());
        origin.page("/moved", 200, &[("alt-svc", &service)]);
        other.page("/clear", 200, &[("alt-svc", "clear")]);
        let client = client(&authority, origin.port(), other.port(), version);
        let url = |path: &str| origin.url_as("origin.test", path);
        client.get(url("/moved")).send().unwrap();
        let response = client.post(url("/mine")).body("text").send().unwrap();
        assert_eq!(response.url(), url("/mine"));
        block_on(client.get(url("/drivers")).send_async()).unwrap();
        client.get(url("/clear")).send().unwrap();
        client.get(url("/back")).send().unwrap();
        let asked = other.asked();
        assert_eq!(
            asked.iter().map(|it| &*it.path).collect::<Vec<_>>(),
            ["/mine", "/drivers", "/clear"]
        );
        let used = format!("other.test:{}", other.port());
        assert!(asked.iter().all(|it| it.header("alt-used") == Some(&*used)));
        assert_eq!(paths(&origin), ["/moved", "/back"]);
    }
}

#[test]
fn a_place_that_cannot_prove_the_origins_name_or_is_gone_is_left_out() {
    let authority = Authority::new();
    let impostor = Site::tls(&authority, &["other.test"]);
    let gone = Raw::with(drop);
    for port in [impostor.port(), gone.address().port()] {
        let origin = Site::tls(&authority, ORIGIN);
        let service = format!("h2=\"other.test:{port}\"");
        for path in ["/one", "/two", "/three"] {
            origin.page(path, 200, &[("alt-svc", &service)]);
        }
        let client = client(&authority, origin.port(), port, HttpVersion::Negotiate);
        let url = |path: &str| origin.url_as("origin.test", path);
        client.get(url("/one")).send().unwrap();
        client.get(url("/two")).send().unwrap();
        block_on(client.get(url("/three")).send_async()).unwrap();
        assert_eq!(paths(&origin), ["/one", "/two", "/three"]);
        assert!(impostor.asked().is_empty());
    }
}

#[test]
fn nothing_is_learnt_without_tls() {
    let (site, other) = (Site::plain(), Site::plain());
    site.page("/", 200, &[("alt-svc", &format!("http%2F1.1=\":{}\"", other.port()))]);
    let client = Client::builder().alt_svc(AltSvc::new()).build().unwrap();
    for _ in 0..2 {
        client.get(site.url("/")).send().unwrap();
    }
    assert!(other.asked().is_empty() && site.asked().len() == 2);
}
