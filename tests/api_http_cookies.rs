//! Cookies: who gets which, over which connections, and for how long.

#![cfg(feature = "cookies")]

mod common;

use std::thread;
use std::time::{Duration, SystemTime};

use common::executor::block_on;
use common::server::Authority;
use common::site::{Asked, Site, names};
use ffence::http::{Client, Jar, Redirect, Tls};

fn cookies(asked: &[Asked]) -> Vec<&str> {
    asked.iter().map(|it| it.header("cookie").unwrap_or_default()).collect()
}

#[test]
fn cookies_come_back_on_every_way_and_are_off_without_a_jar() {
    let site = Site::plain();
    site.page("/set", 200, &[("set-cookie", "a=1; Path=/"), ("set-cookie", "b=2; HttpOnly")]);
    let jar = Jar::new();
    let client = Client::builder().cookies(jar.clone()).build().unwrap();
    client.get(site.url("/set")).send().unwrap();
    client.get(site.url("/x")).send().unwrap();
    client.get(site.url("/x")).send_to(&mut Vec::new()).unwrap();
    client.get(site.url("/x")).open().unwrap();
    block_on(client.clone().get(site.url("/x")).send_async()).unwrap();
    block_on(client.get(site.url("/x")).open_async()).unwrap();
    // One of the request's own is sent in their place.
    client.get(site.url("/x")).header("cookie", "own=3").send().unwrap();
    Client::new().unwrap().get(site.url("/x")).send().unwrap();
    let both = "a=1; b=2";
    assert_eq!(cookies(&site.asked()), ["", both, both, both, both, both, "own=3", ""]);
    assert_eq!(jar.all().len(), 2);
    assert!(!format!("{jar:?} {:?}", jar.all()).contains("value"));
}

#[test]
fn cookies_of_redirects_are_seen_by_the_next_request() {
    let (site, other) = (Site::plain(), Site::plain());
    let away = other.url_as("b.test", "/away");
    site.page("/login", 302, &[("location", "/home"), ("set-cookie", "id=7; Path=/")]);
    site.page("/home", 307, &[("location", &away), ("set-cookie", "id=8; Path=/")]);
    other.redirect("/away", 302, &site.url_as("a.test", "/back"));
    let builder = Client::builder().cookies(Jar::new()).redirect(Redirect::limited(5));
    let ports = [site.port(), other.port()];
    let client = names(builder, &["a.test", "b.test"], &ports).build().unwrap();
    for send_async in [false, true] {
        let request = client.get(site.url_as("a.test", "/login"));
        let response = if send_async { block_on(request.send_async()) } else { request.send() };
        assert_eq!(response.unwrap().text().unwrap(), "/back");
        let asked = site.asked();
        let first = if send_async { "id=8" } else { "" };
        assert_eq!(cookies(&asked), [first, "id=7", "id=8"]);
        // Another site gets none.
        assert_eq!(cookies(&other.asked()), [""]);
    }
}

#[test]
fn no_site_sets_or_gets_anothers() {
    let site = Site::plain();
    let hosts = ["www.a.test", "a.test", "b.test", "evil-a.test", "x.co.uk", "y.co.uk"];
    let jar = Jar::new();
    let builder = Client::builder().cookies(jar.clone());
    let client = names(builder, &hosts, &[site.port()]).build().unwrap();
    let visit = |host: &str, path: &str| {
        client.get(site.url_as(host, path)).send().unwrap();
        cookies(&site.asked())[0].to_owned()
    };
    site.page("/own", 200, &[("set-cookie", "own=1")]);
    site.page("/all", 200, &[("set-cookie", "all=1; Domain=.a.test")]);
    site.page("/foreign", 200, &[("set-cookie", "foreign=1; Domain=b.test")]);
    site.page("/public", 200, &[("set-cookie", "public=1; Domain=co.uk")]);
    site.page("/top", 200, &[("set-cookie", "top=1; Domain=test")]);
    for path in ["/own", "/all", "/foreign", "/top"] {
        visit("www.a.test", path);
    }
    visit("x.co.uk", "/public");
    assert_eq!(visit("www.a.test", "/"), "own=1; all=1");
    assert_eq!(visit("a.test", "/"), "all=1");
    for host in ["b.test", "evil-a.test", "x.co.uk", "y.co.uk"] {
        assert_eq!(visit(host, "/"), "", "{host}");
    }
    assert_eq!(jar.all().len(), 2);
}

#[test]
fn secure_cookies_keep_to_tls() {
    let authority = Authority::new();
    let secure = Site::tls(&authority, &["a.test"]);
    let plain = Site::plain();
    let jar = Jar::new();
    let tls = Tls::new().ca_pem(authority.pem());
    let builder = Client::builder().tls(tls).cookies(jar.clone());
    let client = names(builder, &["a.test"], &[secure.port(), plain.port()]).build().unwrap();
    let set = |value: &'static str| [("set-cookie", value)];
    secure.page("/set", 200, &set("id=secret; Secure; Path=/"));
    secure.page("/host", 200, &set("__Host-id=7; Secure; Path=/"));
    secure.page("/not-host", 200, &set("__Host-no=7; Path=/"));
    // Neither set, nor replaced, nor hidden without TLS.
    plain.page("/set", 200, &set("other=1; Secure"));
    plain.page("/replace", 200, &set("id=mine; Path=/"));
    plain.page("/hide", 200, &set("id=mine; Path=/deep"));
    for path in ["/set", "/host", "/not-host"] {
        client.get(secure.url_as("a.test", path)).send().unwrap();
    }
    for path in ["/set", "/replace", "/hide"] {
        client.get(plain.url_as("a.test", path)).send().unwrap();
    }
    client.get(secure.url_as("a.test", "/deep")).send().unwrap();
    client.get(plain.url_as("a.test", "/deep")).send().unwrap();
    assert_eq!(cookies(&secure.asked())[3], "id=secret; __Host-id=7");
    assert_eq!(cookies(&plain.asked()), [""; 4]);
}

#[test]
fn paths_order_and_time() {
    let site = Site::plain();
    let jar = Jar::new();
    let client = Client::builder().cookies(jar.clone()).build().unwrap();
    let visit = |path: &str| {
        client.get(site.url(path)).send().unwrap();
        cookies(&site.asked())[0].to_owned()
    };
    let set = [
        ("set-cookie", "root=1; Path=/; Max-Age=1000"),
        ("set-cookie", "deep=1"),
        ("set-cookie", "past=1; Expires=Thu, 01 Jan 1970 00:00:10 GMT"),
        ("set-cookie", "old=1; Path=/; Max-Age=0; Expires=Fri, 01 Jan 2100 00:00:00 GMT"),
    ];
    site.page("/shop/set", 200, &set);
    visit("/shop/set");
    assert_eq!(visit("/shop/cart"), "deep=1; root=1", "the longer path comes first");
    assert_eq!(visit("/shopping"), "root=1");
    site.page("/gone", 200, &[("set-cookie", "root=; Path=/; Max-Age=0")]);
    visit("/gone");
    assert_eq!(visit("/"), "");
    assert!(jar.remove("127.0.0.1", "/shop", "deep") && jar.all().is_empty());
    // A cookie that goes while it is kept: it is not sent any more.
    jar.set(&site.url("/"), "short=1; Max-Age=1").unwrap();
    while !jar.all().is_empty() {
        thread::sleep(Duration::from_millis(20)); // time has to pass
    }
    assert_eq!(visit("/"), "");
}

#[test]
fn a_jar_is_saved_and_loaded() {
    let jar = Jar::new();
    let expires = "Wed, 01 Jan 2025 00:00:00 GMT";
    jar.set("https://a.test/x/", "all=1; Domain=a.test; Max-Age=1000").unwrap();
    jar.set("https://a.test/", "own=2; Secure; HttpOnly").unwrap();
    assert!(!jar.set("https://a.test/", "no cookie").unwrap());
    assert!(jar.set("not a url", "a=1").is_err());
    jar.set("https://a.test/", &format!("past=1; Expires={expires}")).unwrap();
    let mut file = Vec::new();
    jar.save(&mut file).unwrap();

    let other = Jar::new();
    assert_eq!(other.load(&file[..]).unwrap(), 2);
    let times = |jar: &Jar| {
        jar.all().into_iter().map(|mut it| {
            // Whole seconds are kept.
            it.expires = it.expires.map(|then| {
                let since = then.duration_since(SystemTime::UNIX_EPOCH).unwrap();
                SystemTime::UNIX_EPOCH + Duration::from_secs(since.as_secs())
            });
            it
        })
    };
    assert!(times(&other).eq(times(&jar)));
    assert_eq!(other.header("https://www.a.test/x/y").unwrap().as_deref(), Some("all=1"));
    other.clear_session();
    assert_eq!(other.all().len(), 1);
    other.clear();
    assert!(other.all().is_empty());

    // What no server may set, no file may either; and what is wrong is named.
    let foreign = ".co.uk\tTRUE\t/\tFALSE\t0\ta\t1\na.test\tFALSE\t/\tFALSE\t1\told\t1\n\
                   a.test\tFALSE\t/\tFALSE\t0\t__Host-a\t1\n";
    assert_eq!(other.load(foreign.as_bytes()).unwrap(), 0);
    for wrong in [
        "a.test\tTRUE\t/",
        "# fine\na.test FALSE / FALSE 0 a 1",
        "a\tTRUE\t/\tTRUE\tx\ta\t1",
        // These would be a comment and another domain in the next file.
        ".#a.test\tFALSE\t/\tFALSE\t0\ta\t1",
        "..a.test\tFALSE\t/\tFALSE\t0\ta\t1",
    ] {
        let error = other.load(wrong.as_bytes()).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidData, "{wrong}");
    }
}

/// What one thread was given, all others send from then on, and none gets a half.
#[test]
fn threads_share_a_jar() {
    const THREADS: usize = 4;
    let site = Site::plain();
    site.page("/login", 200, &[("set-cookie", "id=shared; Path=/")]);
    for thread in 0..THREADS {
        let cookie = format!("t{thread}=x; Path=/t{thread}");
        site.page(&format!("/t{thread}/set"), 200, &[("set-cookie", &cookie)]);
    }
    let client = Client::builder().cookies(Jar::new()).build().unwrap();
    client.get(site.url("/login")).send().unwrap();
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (client, site) = (client.clone(), &site);
            scope.spawn(move || {
                let url = |path: &str| site.url(&format!("/t{thread}/{path}"));
                for round in 0..10 {
                    client.get(url("set")).send().unwrap();
                    match round % 2 {
                        0 => client.get(url("look")).send().unwrap(),
                        _ => block_on(client.get(url("look")).send_async()).unwrap(),
                    };
                }
            });
        }
    });
    let looked: Vec<_> = site.asked().into_iter().filter(|it| it.path.ends_with("look")).collect();
    assert_eq!(looked.len(), 10 * THREADS);
    for it in looked {
        let thread = &it.path[1..3];
        assert_eq!(it.header("cookie"), Some(&*format!("{thread}=x; id=shared")));
    }
}
