//! URLs and escapes: any text is read or refused, each part can be asked for, and what is escaped comes
//! back.
#![no_main]

use arbitrary::Arbitrary;
use ffence::curl::{List, Url, UrlFlags, UrlPart, escape, unescape};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    text: &'a str,
    reference: &'a str,
    part: u8,
    value: Option<&'a str>,
    encoded: bool,
    bytes: &'a [u8],
}

const PARTS: [UrlPart; 11] = [
    UrlPart::Url,
    UrlPart::Scheme,
    UrlPart::User,
    UrlPart::Password,
    UrlPart::Options,
    UrlPart::Host,
    UrlPart::ZoneId,
    UrlPart::Port,
    UrlPart::Path,
    UrlPart::Query,
    UrlPart::Fragment,
];

/// Every question; none may fail in another way than by an error.
fn ask(url: &Url) {
    assert!(!url.as_str().contains('\0'));
    for part in PARTS {
        let _ = (url.get(part), url.decoded(part));
        let _ = url.get_with(part, UrlFlags::DEFAULT_PORT);
    }
    let _ = (url.scheme(), url.host(), url.port(), url.path(), url.query());
}

fuzz_target!(|input: Input<'_>| {
    let escaped = escape(input.bytes).expect("bytes are escaped");
    assert_eq!(unescape(&escaped).expect("they come back"), input.bytes);
    let _ = unescape(input.text);

    let mut list = List::new();
    if list.push(input.text).is_ok() {
        assert!(
            list.iter().eq([input.text]
                .iter()
                .map(|it| std::ffi::CString::new(*it).unwrap())
                .collect::<Vec<_>>()
                .iter()
                .map(|it| it.as_c_str()))
        );
    }

    let Ok(mut url) = Url::parse(input.text) else { return };
    ask(&url);
    if let Ok(joined) = url.join(input.reference) {
        ask(&joined);
    }
    let before = url.clone();
    let part = PARTS[usize::from(input.part) % PARTS.len()];
    let flags = if input.encoded { UrlFlags::URLENCODE } else { UrlFlags::default() };
    let changed = url.set_with(part, input.value, flags).is_ok();
    ask(&url);
    assert!(changed || url.as_str() == before.as_str(), "a refusal changed {before:?}");
    let _ = url.append_query(input.reference, input.text).is_ok();
    ask(&url);
    ask(&before);
});
