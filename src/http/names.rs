//! The names of headers that came before.

use ::http::{HeaderMap, HeaderValue};
use bytes::Bytes;

use super::head::Lines;

/// The names of the last head's headers: a server's responses mostly have the same ones in the same
/// order, and then they need not be read and hashed once more.
#[derive(Default)]
pub(super) struct Names {
    /// As they came, each with its colon, one after the other.
    text: Vec<u8>,
    lens: Vec<u16>,
    /// The same names, without values.
    map: HeaderMap,
}

impl Names {
    /// More and longer ones are not remembered.
    const MOST: usize = 64;
    const LONGEST: usize = 4096;

    /// A map of the lines of `block`, whose values share its memory; `None` when these names do not
    /// stand in them, or a value is not allowed.
    pub(super) fn fill(&self, block: &Bytes, count: usize) -> Option<HeaderMap> {
        if self.lens.len() != count || count == 0 {
            return None;
        }
        let mut lines = Lines { block, at: 0 };
        let mut text = &*self.text;
        // Before anything is made.
        for len in &self.lens {
            let (name, rest) = text.split_at_checked(usize::from(*len))?;
            block.get(lines.next()?)?.strip_prefix(name)?;
            text = rest;
        }
        let mut map = self.map.clone();
        let mut lines = Lines { block, at: 0 };
        for (place, len) in map.values_mut().zip(&self.lens) {
            let line = lines.next()?;
            let value = line.start + usize::from(*len);
            let value = match block.get(value..line.end)? {
                // As nearly every value begins.
                [b' ', first, ..] if first.is_ascii_graphic() => value + 1,
                text => line.end - text.trim_ascii_start().len(),
            };
            *place = HeaderValue::from_maybe_shared(block.slice(value..line.end)).ok()?;
        }
        Some(map)
    }

    /// Remembers the names of `map`, which was made of `block`.
    pub(super) fn learn(&mut self, block: &[u8], map: &HeaderMap) {
        self.text.clear();
        self.lens.clear();
        // A name that comes twice has its values at another place.
        if map.len() > Self::MOST || map.keys_len() != map.len() {
            return;
        }
        for line in (Lines { block, at: 0 }) {
            let line = &block[line];
            let name = line.iter().position(|byte| *byte == b':').map_or(line, |at| &line[..=at]);
            let Ok(len) = u16::try_from(name.len()) else { return self.lens.clear() };
            if self.text.len() + name.len() > Self::LONGEST {
                return self.lens.clear();
            }
            self.text.extend_from_slice(name);
            self.lens.push(len);
        }
        self.map.clone_from(map);
        for value in self.map.values_mut() {
            *value = HeaderValue::from_static("");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(lines: &[&str]) -> Bytes {
        let mut block = Vec::new();
        for line in lines {
            block.extend_from_slice(&u32::try_from(line.len()).unwrap().to_ne_bytes());
            block.extend_from_slice(line.as_bytes());
        }
        block.into()
    }

    fn known(lines: &[&str]) -> Names {
        let mut map = HeaderMap::new();
        for line in lines {
            let (name, value) = line.split_once(':').unwrap();
            let name = http::HeaderName::from_bytes(name.as_bytes()).unwrap();
            map.append(name, HeaderValue::from_str(value.trim()).unwrap());
        }
        let mut names = Names::default();
        names.learn(&block(lines), &map);
        names
    }

    #[test]
    fn the_same_names_are_filled_with_other_values() {
        let names = known(&["Server: a", "x-id: 1", "Date: b"]);
        let map = names.fill(&block(&["Server: c", "x-id:2", "Date: \t"]), 3).unwrap();
        let found: Vec<_> =
            map.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        assert_eq!(found, [("server", &b"c"[..]), ("x-id", b"2"), ("date", b"")]);
        assert_eq!(map["X-Id"], "2");
    }

    #[test]
    fn other_names_are_not() {
        let names = known(&["Server: a", "Date: b"]);
        for lines in [
            &["Server: a"][..],
            &["Date: b", "Server: a"],
            &["Server: a", "Dates: b"],
            &["Server : a", "Date: b"],
            &["Server: a", "Date: b", "x: c"],
            &["Server: a\u{1}", "Date: b"],
        ] {
            assert!(names.fill(&block(lines), lines.len()).is_none(), "{lines:?}");
        }
        assert!(known(&["Set-Cookie: a", "Set-Cookie: b"]).lens.is_empty(), "a name twice");
        assert!(Names::default().fill(&block(&[]), 0).is_none());
    }
}
