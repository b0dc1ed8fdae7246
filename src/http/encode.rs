//! Names and values in the forms that URLs and forms have.

use std::fmt::Write as _;

/// Whether a byte stands for itself everywhere (RFC 3986 section 2.3).
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// `name=value` joined by `&`, percent-encoded; `space` stands for a blank.
pub(super) fn pairs<K: AsRef<str>, V: AsRef<str>>(
    pairs: impl IntoIterator<Item = (K, V)>,
    space: &str,
) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        if !text.is_empty() {
            text.push('&');
        }
        encode(&mut text, name.as_ref(), space);
        text.push('=');
        encode(&mut text, value.as_ref(), space);
    }
    text
}

fn encode(text: &mut String, plain: &str, space: &str) {
    for byte in plain.bytes() {
        match byte {
            b' ' => text.push_str(space),
            byte if is_unreserved(byte) => text.push(byte.into()),
            byte => _ = write!(text, "%{byte:02X}"),
        }
    }
}

/// `url` with a query behind the one that it has.
pub(super) fn with_query(url: &str, query: &str) -> String {
    if query.is_empty() {
        return url.to_owned();
    }
    let (url, fragment) = match url.find('#') {
        Some(at) => url.split_at(at),
        None => (url, ""),
    };
    let joint = match url.find('?') {
        None => "?",
        Some(at) if at + 1 == url.len() || url.ends_with('&') => "",
        Some(_) => "&",
    };
    format!("{url}{joint}{query}{fragment}")
}

/// Base64 with padding (RFC 4648 section 4).
pub(super) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            let digits = group >> (18 - 6 * digit) & 63;
            text.push(if digit <= chunk.len() { DIGITS[digits as usize].into() } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_not_unreserved_is_encoded() {
        assert_eq!(pairs([("a b", "ä&=+"), ("~-._", "")], "%20"), "a%20b=%C3%A4%26%3D%2B&~-._=");
        assert_eq!(pairs([("a b", "c d")], "+"), "a+b=c+d");
    }

    #[test]
    fn a_query_goes_behind_another_and_before_the_fragment() {
        for (url, expected) in [
            ("http://a/", "http://a/?q"),
            ("http://a/?", "http://a/?q"),
            ("http://a/?b=1", "http://a/?b=1&q"),
            ("http://a/?b&", "http://a/?b&q"),
            ("http://a/#f?", "http://a/?q#f?"),
        ] {
            assert_eq!(with_query(url, "q"), expected);
            assert_eq!(with_query(url, ""), url);
        }
    }

    #[test]
    fn base64_of_rfc_4648() {
        for (plain, encoded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
    }
}
