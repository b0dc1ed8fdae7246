//! The table of libcurl's options is complete and right, and docs/curl-options.md shows it.
//!
//! `BLESS=1 cargo test --test curl_options` writes the page anew.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{CStr, c_char, c_int, c_uint};
use std::fmt::Write as _;
use std::path::Path;

use ffence::capabilities::Version;
use ffence::curl::{info, option};

/// <https://curl.se/libcurl/c/curl_easy_option_next.html>
#[repr(C)]
struct EasyOption {
    name: *const c_char,
    id: c_int,
    kind: c_int,
    flags: c_uint,
}

unsafe extern "C" {
    fn curl_easy_option_next(previous: *const EasyOption) -> *const EasyOption;
}

/// Name, number, kind and whether it is an old name, of each option that the linked libcurl has.
fn linked() -> Vec<(String, u32, c_int, bool)> {
    ffence::init().unwrap();
    let mut options = Vec::new();
    let mut at = std::ptr::null();
    loop {
        // SAFETY: NULL, or what the function answered before; it answers static structures.
        at = unsafe { curl_easy_option_next(at) };
        // SAFETY: as above.
        let Some(option) = (unsafe { at.as_ref() }) else { return options };
        // SAFETY: a static name.
        let name = unsafe { CStr::from_ptr(option.name) }.to_str().unwrap();
        let number = u32::try_from(option.id).unwrap();
        options.push((format!("CURLOPT_{name}"), number, option.kind, option.flags & 1 != 0));
    }
}

fn version(text: &str) -> Version {
    let mut numbers = text.split('.').map(|number| number.parse().unwrap());
    let mut next = || numbers.next().unwrap();
    Version::new(next(), next(), next())
}

/// `curl_easytype`, of which the second is the first with names for its values.
fn kind(number: c_int) -> option::Kind {
    match number {
        0 | 1 => option::Kind::Long,
        2 => option::Kind::OffT,
        3 => option::Kind::Object,
        4 => option::Kind::Text,
        5 => option::Kind::List,
        6 => option::Kind::Data,
        7 => option::Kind::Blob,
        8 => option::Kind::Function,
        other => panic!("a kind that nobody knows: {other}"),
    }
}

#[test]
fn nothing_that_the_linked_libcurl_has_is_missing_and_no_kind_is_wrong() {
    let table: BTreeMap<_, _> = option::all().map(|row| (row.name, row)).collect();
    let linked = linked();
    assert!(linked.len() > 250, "the library was asked: {} options", linked.len());
    for (name, number, of, is_alias) in &linked {
        let row = table.get(name.as_str()).unwrap_or_else(|| panic!("{name} has no row"));
        assert_eq!(row.number, *number, "{name}");
        assert_eq!(row.kind, kind(*of), "{name}");
        // One name became another's old one in 8.2.
        if name != "CURLOPT_MAIL_RCPT_ALLLOWFAILS" {
            assert_eq!(row.policy == option::Policy::Alias, *is_alias, "{name}");
        }
    }
}

#[test]
fn an_option_is_in_the_linked_libcurl_exactly_from_its_version_on() {
    let can = ffence::capabilities().unwrap();
    let number = can.libcurl().number();
    let linked: BTreeSet<_> = linked().into_iter().map(|(_, number, _, _)| number).collect();
    for row in option::all() {
        let there = linked.contains(&row.number);
        assert_eq!(there, version(row.since) <= number, "{} since {}", row.name, row.since);
    }
}

#[test]
fn no_name_or_type_comes_twice_and_no_number_has_two_types() {
    let (mut seen, mut numbers) = (BTreeSet::new(), BTreeSet::new());
    for row in option::all() {
        assert!(seen.insert(row.name), "{}", row.name);
        if row.policy == option::Policy::Alias {
            continue;
        }
        assert!(numbers.insert(row.number), "{}", row.name);
        if row.policy == option::Policy::Safe {
            assert!(seen.insert(row.ours), "{}", row.name);
        } else {
            assert_eq!(row.ours, "", "{}", row.name);
        }
        assert!(!row.text.is_empty(), "{}", row.name);
    }
    let mut seen = BTreeSet::new();
    for row in info::all() {
        assert!(seen.insert((row.name, row.number)), "{}", row.name);
    }
    let questions: BTreeSet<_> = info::all().map(|row| row.number & 0xffff).collect();
    assert_eq!(questions, (1..=71).collect(), "CURLINFO_… are numbered without a gap");
}

fn page() -> String {
    let mut page = String::from(
        "# libcurl's options and infos\n\n\
         Generated from the tables in `src/curl/option/table/` and `src/curl/info/table.rs`:\n\
         `BLESS=1 cargo test --test curl_options` writes this page anew, and the test fails where it\n\
         is stale. The first table is compared with `curl_easy_option_next` of the linked libcurl.\n\n\
         ## Options\n\n\
         `easy.set(option::Url(\"https://example.org\"))?`. An option that is newer than the linked\n\
         libcurl is an error that names it and its version. Those without a type of their own are\n\
         *derived* (this crate sets them, as they follow from something else), *callbacks* (a method\n\
         of the handler), *unsafe* (`Easy::set_raw`), *refused* (there is a better way) or old names.\n\n\
         | libcurl | `option::` | C passes | since | |\n|---|---|---|---|---|\n",
    );
    let mut rows: Vec<_> = option::all().collect();
    rows.sort_by_key(|row| row.name);
    for row in rows {
        let ours = match row.policy {
            option::Policy::Safe => format!("`{}`", row.ours),
            other => format!("*{}*", format!("{other:?}").to_lowercase()),
        };
        let kind = match row.kind {
            option::Kind::Long => "long",
            option::Kind::OffT => "curl_off_t",
            option::Kind::Object => "pointer",
            option::Kind::Text => "string",
            option::Kind::List => "list",
            option::Kind::Data => "callback's data",
            option::Kind::Blob => "blob",
            _ => "function",
        };
        let name = row.name;
        let link = format!("[{name}](https://curl.se/libcurl/c/{name}.html)");
        writeln!(page, "| {link} | {ours} | {kind} | {} | {} |", row.since, row.text).unwrap();
    }
    page.push_str(
        "\n## Infos\n\n`easy.info().total_time()`. What a method tells borrows the handle.\n\n\
         | libcurl | `Info::` | since | |\n|---|---|---|---|\n",
    );
    let mut rows: Vec<_> = info::all().collect();
    rows.sort_by_key(|row| row.name);
    for row in rows {
        let ours = match row.policy {
            option::Policy::Safe => format!("`{}`", row.ours),
            _ => "*refused*".to_owned(),
        };
        let name = row.name;
        let link = format!("[{name}](https://curl.se/libcurl/c/{name}.html)");
        writeln!(page, "| {link} | {ours} | {} | {} |", row.since, row.text).unwrap();
    }
    page
}

#[test]
fn the_page_shows_the_tables() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/curl-options.md");
    let page = page();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        checked_in == page,
        "docs/curl-options.md is stale: BLESS=1 cargo test --test curl_options"
    );
}
