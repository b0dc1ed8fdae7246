//! Other places that answer for an origin.

#![cfg(feature = "http")]

mod common;

use common::executor::block_on;
use common::proxy::TlsFront;
use common::raw::Raw;
use common::server::Authority;
use common::site::{HERE, Site};
use ffence::http::{AltSvc, Client, HttpVersion, Tls};

const ORIGIN: &[&str] = &["origin.test"];

/// A client that finds `origin.test` at one port, and `other.test` at another.
fn client_with(
    places: &AltSvc,
    authority: &Authority,
    origin: u16,
    other: u16,
    version: HttpVersion,
) -> Client {
    Client::builder()
        .tls(Tls::new().ca_pem(authority.pem()))
        .http_version(version)
        .alt_svc(places.clone())
        .resolve("origin.test", origin, HERE)
        .resolve("other.test", other, HERE)
        .build()
        .unwrap()
}

fn client(authority: &Authority, origin: u16, other: u16, version: HttpVersion) -> Client {
    client_with(&AltSvc::new(), authority, origin, other, version)
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
        let speaks = if version == HttpVersion::Http1 { "http%2F1.1" } else { "h2" };
        let service = format!("h3=\":1\", {speaks}=\"other.test:{}\"; ma=1000", other.port());
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

#[test]
fn only_what_the_client_speaks_is_gone_to_and_that_is_spoken_there() {
    let authority = Authority::new();
    let origin = Site::tls(&authority, ORIGIN);
    let other = Site::tls(&authority, ORIGIN); // speaks both
    let port = other.port();
    let places = [
        ("/h2", format!("h3=\":{port}\", h2=\"other.test:{port}\"")),
        ("/h1", format!("http%2F1.1=\"other.test:{port}\"")),
        ("/h3", format!("h3=\"other.test:{port}\", h3-29=\"other.test:{port}\"")),
        ("/unknown", format!("h2c=\"other.test:{port}\", w=\"other.test:{port}\"")),
    ];
    for (path, service) in &places {
        origin.page(path, 200, &[("alt-svc", service)]);
    }
    for (version, path, expected) in [
        (HttpVersion::Negotiate, "/h2", Some(http::Version::HTTP_2)),
        (HttpVersion::Negotiate, "/h1", Some(http::Version::HTTP_11)),
        (HttpVersion::Http1, "/h2", None),
        (HttpVersion::Http1, "/h1", Some(http::Version::HTTP_11)),
        (HttpVersion::Negotiate, "/h3", None),
        (HttpVersion::Negotiate, "/unknown", None),
    ] {
        let client = client(&authority, origin.port(), port, version);
        let url = |path: &str| origin.url_as("origin.test", path);
        client.get(url(path)).send().unwrap();
        for by_a_task in [false, true] {
            let request = client.get(url("/next"));
            let response =
                if by_a_task { block_on(request.send_async()) } else { request.send() }.unwrap();
            let came = if other.asked().is_empty() { None } else { Some(response.version()) };
            assert_eq!(came, expected, "{version:?} {path}");
            // What one request was narrowed to, others of the same handle are not.
            let elsewhere = client.get(other.url_as("other.test", "/")).send();
            assert!(elsewhere.is_err(), "no certificate of that name");
        }
        if path == "/h1" && version == HttpVersion::Negotiate {
            origin.page("/clear", 200, &[]);
            other.page("/clear", 200, &[("alt-svc", "clear")]);
            client.get(url("/clear")).send().unwrap();
            assert_eq!(client.get(url("/next")).send().unwrap().version(), http::Version::HTTP_2);
            other.asked();
        }
    }
}

#[test]
fn a_place_that_speaks_something_else_than_was_said_is_left_out() {
    let authority = Authority::new();
    let (origin, behind) = (Site::tls(&authority, &["localhost"]), Site::plain());
    // HTTP/1.1 alone, and it can prove the name.
    let front = TlsFront::before(([127, 0, 0, 1], behind.port()).into(), &authority);
    let port: u16 = front.url().rsplit_once(':').unwrap().1.parse().unwrap();
    origin.page("/moved", 200, &[("alt-svc", &format!("h2=\":{port}\""))]);
    let client = Client::builder()
        .tls(Tls::new().ca_pem(authority.pem()))
        .alt_svc(AltSvc::new())
        .resolve("localhost", origin.port(), HERE)
        .build()
        .unwrap();
    let url = |path: &str| origin.url_as("localhost", path);
    client.get(url("/moved")).send().unwrap();
    for path in ["/one", "/two", "/three"] {
        client.get(url(path)).send().unwrap();
    }
    assert_eq!(paths(&behind), ["/one"]);
    assert_eq!(paths(&origin), ["/moved", "/two", "/three"]);
}

#[test]
fn a_place_that_says_it_is_the_wrong_one_is_forgotten() {
    let authority = Authority::new();
    let (origin, other) = (Site::tls(&authority, ORIGIN), Site::tls(&authority, ORIGIN));
    other.page("/one", 421, &[]);
    // Several lines are one list (RFC 9110 section 5.3).
    let service = format!("h2=\"other.test:{}\"; persist=1", other.port());
    origin.page("/moved", 200, &[("alt-svc", "h3=\":1\""), ("alt-svc", &service)]);
    let places = AltSvc::new();
    let negotiate = HttpVersion::Negotiate;
    let client = client_with(&places, &authority, origin.port(), other.port(), negotiate);
    let url = |path: &str| origin.url_as("origin.test", path);
    client.get(url("/moved")).send().unwrap();
    assert_eq!(client.get(url("/one")).send().unwrap().status(), 421);
    assert_eq!(client.get(url("/one")).send().unwrap().status(), 200);
    let mut file = Vec::new();
    places.save(&mut file).unwrap();
    assert!(file.is_empty());
}

#[test]
fn a_list_is_saved_for_another_client_and_some_of_it_for_another_network() {
    let authority = Authority::new();
    let (origin, other) = (Site::tls(&authority, ORIGIN), Site::tls(&authority, ORIGIN));
    let (from, to) = (origin.port(), other.port());
    let places = AltSvc::new();
    let client =
        |places: &AltSvc| client_with(places, &authority, from, to, HttpVersion::Negotiate);
    let url = |path: &str| origin.url_as("origin.test", path);
    let service = format!("h2=\"other.test:{to}\"; ma=1000; persist=1, http%2F1.1=\"gone.test:1\"");
    origin.page("/moved", 200, &[("alt-svc", &service)]);
    client(&places).get(url("/moved")).send().unwrap();

    let saved = |places: &AltSvc| {
        let mut file = Vec::new();
        places.save(&mut file).unwrap();
        String::from_utf8(file).unwrap()
    };
    let text = saved(&places);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].starts_with(&format!("h1 origin.test {from} h2 other.test {to} \"20")));
    assert!(lines[0].ends_with("\" 1 0"));
    assert!(lines[1].starts_with(&format!("h1 origin.test {from} h1 gone.test 1 \"20")));
    assert!(lines[1].ends_with("\" 0 0"));

    let loaded = AltSvc::new();
    assert_eq!(loaded.load(text.as_bytes()).unwrap(), 2);
    assert_eq!(loaded.load(text.as_bytes()).unwrap(), 0, "they are there");
    assert_eq!(saved(&loaded), text);
    origin.asked();
    client(&loaded).get(url("/straight")).send().unwrap();
    assert_eq!((paths(&other), paths(&origin)), (vec!["/straight".to_owned()], vec![]));

    loaded.network_changed();
    assert_eq!(saved(&loaded).lines().collect::<Vec<_>>(), lines[..1]);
    loaded.clear();
    assert_eq!(saved(&loaded), "");
}

#[test]
fn files_of_libcurls_are_read_and_others_refused_by_their_line() {
    let list = AltSvc::new();
    let file = "# Your alt-svc cache. https://curl.se/docs/alt-svc.html\n\
                \n\
                h2 a.test 443 h3 b.test 443 \"20991231 10:00:00\" 1 0\n\
                h1 a.test 443 h2 B.test 8443 \"20991231 10:00:00\" 1 0\n\
                h1 a.test 443 h2 c.test 443 \"20001231 10:00:00\" 0 0\n\
                h3 [::1] 443 h1 [::1] 444 \"20991231 10:00:00\" 0 0\r\n";
    assert_eq!(list.load(file.as_bytes()).unwrap(), 2);
    for wrong in [
        "h1 a.test 443 h2 b.test 443 20991231 10:00:00 1 0",
        "h1 a.test 443 h2 b.test 443 \"soon\" 1 0",
        "h1 a.test 443 h2 b.test 0 \"20991231 10:00:00\" 1 0",
        "h1 a.test 443 h2 b.test 65536 \"20991231 10:00:00\" 1 0",
        "h1 a.test 443 h9 b.test 443 \"20991231 10:00:00\" 1 0",
        "h1 a.test 443 h2 b/test 443 \"20991231 10:00:00\" 1 0",
        "h1 a.test 443 h2 b.test 443 \"20991231 10:00:00\" 2 0",
        "h1 a.test 443 h2 b.test 443 \"20991231 10:00:00\"",
        "h1 a.test 443",
        "nothing",
    ] {
        let error = list.load(format!("\n{wrong}\n").as_bytes()).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
        assert!(error.to_string().starts_with("line 2:"), "{error}");
    }
}
