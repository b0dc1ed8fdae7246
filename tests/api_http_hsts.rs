//! Hosts that are only spoken to over TLS.

#![cfg(feature = "http")]

mod common;

use std::thread;
use std::time::{Duration, SystemTime};

use common::executor::block_on;
use common::server::Authority;
use common::site::{Site, names};
use ffence::ErrorKind;
use ffence::http::{Client, Hsts, Redirect, Tls};

const YEAR: &str = "max-age=31536000";

/// A client that speaks to `a.test` and `b.a.test` at the site's port.
fn client(authority: &Authority, site: &Site, hosts: &Hsts) -> Client {
    let tls = Tls::new().ca_pem(authority.pem());
    let builder = Client::builder().tls(tls).hsts(hosts.clone()).redirect(Redirect::limited(3));
    names(builder, &["a.test", "b.a.test"], &[site.port()]).build().unwrap()
}

fn secure(authority: &Authority) -> Site {
    Site::tls(authority, &["a.test", "b.a.test", "127.0.0.1"])
}

/// The address of a path as it would be without TLS.
fn plain(site: &Site, host: &str, path: &str) -> String {
    site.url_as(host, path).replacen("https:", "http:", 1)
}

#[test]
fn a_host_that_wants_tls_is_not_spoken_to_without() {
    let authority = Authority::new();
    let site = secure(&authority);
    site.page("/hello", 200, &[("strict-transport-security", YEAR)]);
    let hosts = Hsts::new();
    let client = client(&authority, &site, &hosts);
    // Nothing but TLS is understood there.
    assert!(client.get(plain(&site, "a.test", "/")).send().is_err());
    client.get(site.url_as("a.test", "/hello")).send().unwrap();
    assert!(hosts.contains("A.test.") && !hosts.contains("b.a.test"));
    // Now it holds, on every thread and every way, and for clones of the client.
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let response = client.clone().get(plain(&site, "a.test", "/now")).send().unwrap();
                assert_eq!(response.url(), site.url_as("a.test", "/now"));
                let response = block_on(client.get(plain(&site, "a.test", "/now")).send_async());
                assert_eq!(response.unwrap().text().unwrap(), "/now");
            });
        }
    });
    // Only for that name, which did not say "and all below".
    assert!(client.get(plain(&site, "b.a.test", "/")).send().is_err());
}

#[test]
fn subdomains_count_where_the_host_says_so_until_it_takes_it_back() {
    let authority = Authority::new();
    let site = secure(&authority);
    let all = format!("{YEAR}; includeSubDomains");
    site.page("/all", 200, &[("strict-transport-security", &all)]);
    site.page("/no-more", 200, &[("strict-transport-security", "max-age=0")]);
    site.page("/wrong", 200, &[("strict-transport-security", "max-age=never")]);
    site.page(
        "/twice",
        200,
        &[("strict-transport-security", "max-age=0"), ("strict-transport-security", YEAR)],
    );
    let hosts = Hsts::new();
    let client = client(&authority, &site, &hosts);
    client.get(site.url_as("a.test", "/all")).send().unwrap();
    client.get(plain(&site, "b.a.test", "/")).send().unwrap();
    client.get(site.url_as("a.test", "/wrong")).send().unwrap();
    assert!(hosts.contains("b.a.test"));
    // What was never said of it cannot be taken back below.
    client.get(site.url_as("b.a.test", "/no-more")).send().unwrap();
    assert!(hosts.contains("b.a.test"));
    // RFC 6797 section 8.1: of two headers the first counts.
    client.get(site.url_as("a.test", "/twice")).send().unwrap();
    assert!(!hosts.contains("a.test") && !hosts.contains("b.a.test"));
}

#[test]
fn nothing_is_learnt_without_tls_or_of_addresses() {
    let authority = Authority::new();
    let (site, open) = (secure(&authority), Site::plain());
    for site in [&site, &open] {
        site.page("/hello", 200, &[("strict-transport-security", YEAR)]);
    }
    let hosts = Hsts::new();
    let client = names(Client::builder().hsts(hosts.clone()), &["a.test"], &[open.port()]);
    let client = client.build().unwrap();
    client.get(open.url_as("a.test", "/hello")).send().unwrap();
    client.get(open.url_as("a.test", "/hello")).send().unwrap();
    assert!(!hosts.contains("a.test"));
    let client = self::client(&authority, &site, &hosts);
    client.get(site.url("/hello")).send().unwrap();
    assert!(!hosts.contains("127.0.0.1"));
    let error = hosts.add("127.0.0.1", true, None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Parameter);
    assert!(client.get(open.url("/hello")).send().is_ok());
}

#[test]
fn redirects_are_learnt_from_and_upgraded() {
    let authority = Authority::new();
    let site = secure(&authority);
    let down = plain(&site, "a.test", "/down");
    site.page("/from", 302, &[("location", &down), ("strict-transport-security", YEAR)]);
    let hosts = Hsts::new();
    let client = client(&authority, &site, &hosts);
    // It leads out of TLS, to a host that was just heard to want it: nothing to refuse.
    let response = client.get(site.url_as("a.test", "/from")).send().unwrap();
    assert_eq!(
        (response.url(), response.text().unwrap()),
        (&*site.url_as("a.test", "/down"), "/down")
    );
}

#[test]
fn the_usual_port_becomes_the_other_usual_one() {
    // Where 443 leads nowhere else: what is asked for is seen by what is connected to.
    let authority = Authority::new();
    let site = secure(&authority);
    let hosts = Hsts::new();
    hosts.add("a.test", false, None).unwrap();
    let tls = Tls::new().ca_pem(authority.pem());
    for url in ["http://a.test/", "http://a.test:80/"] {
        let proxy = common::raw::Raw::answering(
            "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        );
        let through = ffence::http::Proxy::new(format!("http://{}", proxy.address()));
        let builder = Client::builder().tls(tls.clone()).hsts(hosts.clone()).proxy(through);
        assert!(builder.build().unwrap().get(url).send().is_err());
        assert!(proxy.request().starts_with("CONNECT a.test:443 "), "{}", proxy.request());
    }
    drop(site);
}

#[test]
fn the_list_outlives_the_client() {
    let hosts = Hsts::new();
    let now = SystemTime::now();
    let soon = SystemTime::UNIX_EPOCH + Duration::from_secs(4_102_444_799);
    hosts.add("Example.org", true, None).unwrap();
    hosts.add("a.test", false, Some(soon)).unwrap();
    hosts.add("old.test", true, Some(now - Duration::from_secs(1))).unwrap();
    assert!(!hosts.contains("old.test") && hosts.contains("deep.www.example.org"));
    let mut file = Vec::new();
    hosts.save(&mut file).unwrap();
    let text = "a.test \"20991231 23:59:59\"\n.example.org \"unlimited\"\n";
    assert_eq!(String::from_utf8(file).unwrap(), text);

    let other = Hsts::new();
    let with_more = format!("# made by curl\n\n{text}past.test \"20200101 00:00:00\"\n");
    assert_eq!(other.load(with_more.as_bytes()).unwrap(), 2);
    assert!(other.contains("www.example.org") && other.contains("a.test"));
    assert!(!other.contains("past.test") && !other.contains("www.a.test"));
    for wrong in ["a.test", "a.test never", "127.0.0.1 \"unlimited\"", "a b c"] {
        let error = other.load(wrong.as_bytes()).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidData, "{wrong}");
        assert!(error.to_string().starts_with("line 1: "), "{error}");
    }
    assert!(other.remove("a.test") && !other.remove("a.test") && !other.contains("a.test"));
}
