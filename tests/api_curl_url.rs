//! `ffence::curl::Url`: parsed, taken apart, changed, put together, by libcurl's own parser.
#![cfg(feature = "http")]

use ffence::ErrorKind;
use ffence::capabilities::Version;
use ffence::curl::{Url, UrlFlags, UrlPart, escape, unescape};
use proptest::prelude::*;

/// `CURLUcode`s, which are part of libcurl's interface.
const MALFORMED_INPUT: i64 = 3;
const BAD_PORT_NUMBER: i64 = 4;
const UNSUPPORTED_SCHEME: i64 = 5;
const USER_NOT_ALLOWED: i64 = 8;
const NO_SCHEME: i64 = 10;
const NO_HOST: i64 = 14;

fn libcurl_since(major: u32, minor: u32) -> bool {
    let linked = ffence::capabilities().expect("libcurl is set up").libcurl().number();
    linked >= Version::new(major, minor, 0)
}

#[test]
fn every_part_is_told() {
    let url =
        Url::parse("imap://user:secret;AUTH=PLAIN@[fe80::1%25eth0]:143/box?query#top").unwrap();
    let parts = [
        (UrlPart::Scheme, "imap"),
        (UrlPart::User, "user"),
        (UrlPart::Password, "secret"),
        (UrlPart::Options, "AUTH=PLAIN"),
        (UrlPart::Host, "[fe80::1]"),
        (UrlPart::ZoneId, "eth0"),
        (UrlPart::Port, "143"),
        (UrlPart::Path, "/box"),
        (UrlPart::Query, "query"),
        (UrlPart::Fragment, "top"),
        (UrlPart::Url, url.as_str()),
    ];
    for (part, value) in parts {
        assert_eq!(url.get(part).unwrap().as_deref(), Some(value), "{part:?}");
    }
    assert_eq!(url.port().unwrap(), Some(143));
    assert_eq!(url.scheme().unwrap(), "imap");
}

#[test]
fn what_is_absent_is_none_and_a_path_is_always_there() {
    let url = Url::parse("http://example.org").unwrap();
    for part in [
        UrlPart::User,
        UrlPart::Password,
        UrlPart::Options,
        UrlPart::ZoneId,
        UrlPart::Port,
        UrlPart::Query,
        UrlPart::Fragment,
    ] {
        assert_eq!(url.get(part).unwrap(), None, "{part:?}");
    }
    assert_eq!(url.path().unwrap(), "/");
    assert_eq!(url.as_str(), "http://example.org/");
    let file = Url::parse("file:///etc/hosts").unwrap();
    assert_eq!((file.host().unwrap(), file.path().unwrap()), (None, "/etc/hosts".to_owned()));
}

#[test]
fn a_refused_url_says_why() {
    for (text, code) in [
        ("http://example.org:99999/", BAD_PORT_NUMBER),
        ("http://example.org:-1/", BAD_PORT_NUMBER),
        ("nonsense://example.org/", UNSUPPORTED_SCHEME),
    ] {
        let error = Url::parse(text).unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::InvalidRequest, Some(code)), "{text}");
        assert_eq!(error.function(), Some("curl_url_set"));
        assert!(error.to_string().contains("the URL: "), "{error}");
    }
    let error = Url::parse_with("http://user@example.org/", UrlFlags::DISALLOW_USER).unwrap_err();
    assert_eq!(error.code(), Some(USER_NOT_ALLOWED));
    let error = Url::parse("http://example.org/\0.evil").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InteriorNul);
}

#[test]
fn a_url_that_is_not_whole_is_not_built() {
    let error = Url::builder().unwrap().set(UrlPart::Host, "h").unwrap().build().unwrap_err();
    assert_eq!(error.code(), Some(NO_SCHEME));
    let error = Url::builder().unwrap().set(UrlPart::Scheme, "http").unwrap().build().unwrap_err();
    assert_eq!(error.code(), Some(NO_HOST));
    let error = Url::builder().unwrap().set(UrlPart::Port, "x").unwrap_err();
    assert_eq!(error.code(), Some(BAD_PORT_NUMBER));
}

#[test]
fn a_change_that_fails_changes_nothing() {
    let mut url = Url::parse("http://example.org:81/a?b#c").unwrap();
    let before = url.clone();
    for (part, value) in [
        (UrlPart::Port, Some("many")),
        (UrlPart::Scheme, Some("nonsense")),
        (UrlPart::Scheme, None),
        (UrlPart::Host, None),
        (UrlPart::Path, Some("/\0")),
        (UrlPart::Url, Some("http://h:x/")),
    ] {
        assert!(url.set(part, value).is_err(), "{part:?} {value:?}");
        assert_eq!(url, before);
        assert_eq!(url.port().unwrap(), Some(81));
    }
}

#[test]
fn a_clone_is_a_value_of_its_own() {
    let url = Url::parse("http://[fe80::1%25eth0]/a").unwrap();
    let mut other = url.clone();
    other.set(UrlPart::Path, Some("/b")).unwrap();
    assert_eq!(url.as_str(), "http://[fe80::1%25eth0]/a");
    assert_eq!(other.as_str(), "http://[fe80::1%25eth0]/b");
    assert_ne!(url, other);
    assert_eq!(other.get(UrlPart::ZoneId).unwrap().as_deref(), Some("eth0"));
}

#[test]
fn several_threads_share_one() {
    let url = Url::parse("https://example.org/a?b").unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..200 {
                    assert_eq!(url.query().unwrap().as_deref(), Some("b"));
                    assert_eq!(url.join("c").unwrap().as_str(), "https://example.org/c");
                }
            });
        }
    });
}

#[test]
fn its_password_is_not_in_its_debug_text() {
    let url = Url::parse("http://user:hunter2@example.org/hunter2").unwrap();
    assert_eq!(format!("{url:?}"), r#"Url("http://user:***@example.org/hunter2")"#);
    let url = Url::parse("http://:pw@example.org/").unwrap();
    assert_eq!(format!("{url:?}"), r#"Url("http://:***@example.org/")"#);
}

/// RFC 3986 section 5.4, "Reference Resolution Examples".
#[test]
fn references_resolve_as_the_rfc_shows() {
    let base = Url::parse("http://a/b/c/d;p?q").unwrap();
    for (reference, target) in [
        ("g", "http://a/b/c/g"),
        ("./g", "http://a/b/c/g"),
        ("g/", "http://a/b/c/g/"),
        ("/g", "http://a/g"),
        ("?y", "http://a/b/c/d;p?y"),
        ("g?y", "http://a/b/c/g?y"),
        ("#s", "http://a/b/c/d;p?q#s"),
        ("g#s", "http://a/b/c/g#s"),
        (";x", "http://a/b/c/;x"),
        ("", "http://a/b/c/d;p?q"),
        (".", "http://a/b/c/"),
        ("..", "http://a/b/"),
        ("../g", "http://a/b/g"),
        ("../..", "http://a/"),
        ("../../g", "http://a/g"),
        ("../../../g", "http://a/g"),
        ("/./g", "http://a/g"),
        ("/../g", "http://a/g"),
        ("g.", "http://a/b/c/g."),
        ("./../g", "http://a/b/g"),
        ("g/./h", "http://a/b/c/g/h"),
        ("g/../h", "http://a/b/c/h"),
        ("g?y/../x", "http://a/b/c/g?y/../x"),
        ("http://other/", "http://other/"),
    ] {
        assert_eq!(base.join(reference).unwrap().as_str(), target, "{reference}");
    }
    assert_eq!(Url::parse("http://a/b#c").unwrap().join("").unwrap().as_str(), "http://a/b");
}

#[test]
fn names_beyond_ascii_have_an_ascii_form() {
    let url = Url::parse("https://räksmörgås.example/").unwrap();
    assert_eq!(url.host().unwrap().as_deref(), Some("räksmörgås.example"));
    let ascii = url.get_with(UrlPart::Host, UrlFlags::PUNYCODE);
    if libcurl_since(7, 88) {
        match ascii {
            Ok(ascii) => {
                assert_eq!(ascii.as_deref(), Some("xn--rksmrgs-5wao1o.example"));
                let uri = http::Uri::try_from(&url).unwrap();
                assert_eq!(uri, "https://xn--rksmrgs-5wao1o.example/");
            }
            // Built without IDN.
            Err(error) => assert_eq!(error.kind(), ErrorKind::Unsupported),
        }
    } else {
        assert_eq!(ascii.unwrap_err().kind(), ErrorKind::Unsupported);
    }
}

#[test]
fn a_flag_that_the_library_lacks_is_named_with_its_version() {
    let url = Url::parse("https://xn--rksmrgs-5wao1o.example/?").unwrap();
    let text = url.get_with(UrlPart::Host, UrlFlags::PUNY2IDN);
    if libcurl_since(8, 3) {
        assert!(text.is_ok() || text.unwrap_err().kind() == ErrorKind::Unsupported);
    } else {
        let error = text.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert_eq!(error.since(), Some(Version::new(8, 3, 0)));
        assert!(error.to_string().contains("CURLU_PUNY2IDN"), "{error}");
    }
    let query = url.get_with(UrlPart::Query, UrlFlags::GET_EMPTY);
    match query {
        Ok(query) => assert_eq!(query.as_deref(), Some("")),
        Err(error) => assert_eq!(error.since(), Some(Version::new(8, 8, 0)), "{error}"),
    }
}

#[test]
fn uris_of_the_http_crate_go_both_ways() {
    let uri: http::Uri = "https://example.org:8443/a%20b?c=d".parse().unwrap();
    let url = Url::try_from(&uri).unwrap();
    assert_eq!(url.port().unwrap(), Some(8443));
    assert_eq!(http::Uri::try_from(&url).unwrap(), uri);
    let relative = http::Uri::from_static("/only/a/path");
    assert_eq!(Url::try_from(&relative).unwrap_err().kind(), ErrorKind::InvalidRequest);
}

#[test]
fn what_decodes_to_other_bytes_is_had_as_bytes() {
    let url = Url::parse("http://example.org/%ff%41").unwrap();
    assert_eq!(url.decoded(UrlPart::Path).unwrap().as_deref(), Some(&b"/\xffA"[..]));
    let error = url.get_with(UrlPart::Path, UrlFlags::URLDECODE).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Encoding);
    // libcurl never hands decoded control codes out.
    let url = Url::parse("http://example.org/%00").unwrap();
    assert_eq!(url.decoded(UrlPart::Path).unwrap_err().kind(), ErrorKind::InvalidRequest);
}

#[test]
fn too_much_is_an_error() {
    let long = "a".repeat(8_000_001);
    assert_eq!(escape(&long).unwrap_err().kind(), ErrorKind::Length);
    assert_eq!(unescape(&long).unwrap_err().kind(), ErrorKind::Length);
    let error = Url::parse(&format!("http://example.org/{long}")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(matches!(error.code(), Some(MALFORMED_INPUT | 31)), "{error}"); // CURLUE_TOO_LARGE
}

#[test]
#[allow(clippy::mutable_key_type)] // what is hashed never changes
fn it_sorts_hashes_and_parses_like_text() {
    let mut urls: Vec<Url> =
        ["http://b/", "http://a/", "http://b/"].map(|text| text.parse().unwrap()).into();
    urls.sort();
    urls.dedup();
    assert_eq!(urls.iter().map(Url::as_str).collect::<Vec<_>>(), ["http://a/", "http://b/"]);
    let set: std::collections::HashSet<_> = urls.into_iter().collect();
    assert!(set.contains(&Url::try_from("http://a/").unwrap()));
    assert_eq!(set.iter().map(ToString::to_string).max().as_deref(), Some("http://b/"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bytes_survive_percent_codes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let text = escape(&bytes).unwrap();
        prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%".contains(&b)));
        prop_assert_eq!(unescape(&text).unwrap(), bytes);
    }

    #[test]
    fn what_is_put_together_is_taken_apart_again(
        scheme in "https?|ftp",
        user in prop::option::of("[a-zA-Z0-9!äé/:@]{1,8}"),
        host in "[a-z][a-z0-9]{0,8}(\\.[a-z][a-z0-9]{0,5}){0,2}",
        port in prop::option::of(1_u16..),
        path in "(/[a-z ?#%ü.]{1,6}){1,4}",
        pairs in prop::collection::vec(("[a-z&=+ ö]{1,6}", "\\PC{0,8}"), 0..4),
    ) {
        let mut builder = Url::builder().unwrap()
            .set_with(UrlPart::Scheme, &scheme, UrlFlags::NON_SUPPORT_SCHEME).unwrap()
            .set(UrlPart::Host, &host).unwrap()
            .set_with(UrlPart::Path, &path, UrlFlags::URLENCODE).unwrap();
        if let Some(user) = &user {
            builder = builder.set_with(UrlPart::User, user, UrlFlags::URLENCODE).unwrap();
        }
        if let Some(port) = port {
            builder = builder.set(UrlPart::Port, &port.to_string()).unwrap();
        }
        for (name, value) in &pairs {
            builder = builder.append_query(name, value).unwrap();
        }
        let url = builder.build().unwrap();
        prop_assert_eq!(url.scheme().unwrap(), scheme);
        prop_assert_eq!(url.host().unwrap(), Some(host));
        prop_assert_eq!(url.port().unwrap(), port);
        let decoded = |part| url.get_with(part, UrlFlags::URLDECODE).unwrap();
        prop_assert_eq!(decoded(UrlPart::User), user);
        prop_assert_eq!(decoded(UrlPart::Path), Some(path));
        let query = url.query().unwrap().unwrap_or_default();
        let found: Vec<(String, String)> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| [name, value].map(|it| String::from_utf8(unescape(it).unwrap()).unwrap()))
            .map(|[name, value]| (name, value))
            .collect();
        prop_assert_eq!(found, pairs);
        // The text means the same again, unless a segment was one of the dots that parsing removes.
        let again = Url::parse_with(url.as_str(), UrlFlags::NON_SUPPORT_SCHEME).unwrap();
        let dots = url.path().unwrap().split('/').any(|it| matches!(it, "." | ".."));
        prop_assert!(dots || again == url, "{} became {}", url, again);
    }

    #[test]
    fn any_text_is_parsed_or_refused(text in "\\PC{0,40}") {
        for flags in [UrlFlags::NONE, UrlFlags::DEFAULT_SCHEME | UrlFlags::NON_SUPPORT_SCHEME, UrlFlags::GUESS_SCHEME] {
            if let Ok(url) = Url::parse_with(&text, flags) {
                prop_assert!(!url.as_str().is_empty());
                prop_assert!(url.port().is_ok() && url.host().is_ok());
            }
        }
    }

    #[test]
    fn hostile_urls_are_parsed_or_refused(
        scheme in "(https?|file|ftp|x-y)?:?/{0,3}",
        rest in "[\\[\\]@:%#?/\\\\.a-f0-9;&= \u{1}\u{7f}é]{0,30}",
        part in "[\\[\\]@:%#?/\\\\.a-f0-9 ]{0,12}",
    ) {
        let flags = UrlFlags::NON_SUPPORT_SCHEME | UrlFlags::NO_AUTHORITY;
        if let Ok(mut url) = Url::parse_with(&format!("{scheme}{rest}"), flags) {
            for which in [UrlPart::Host, UrlPart::Path, UrlPart::User, UrlPart::Query, UrlPart::Port, UrlPart::ZoneId] {
                let before = url.clone();
                if url.set_with(which, Some(&part), UrlFlags::NONE).is_err() {
                    prop_assert_eq!(&url, &before);
                }
            }
            let _ = url.join(&part).map(|joined| joined.to_string());
        }
    }
}
