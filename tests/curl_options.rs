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

/// Every function of libcurl's headers: what of this crate calls it, or why nothing does.
const FUNCTIONS: &[(&str, &str)] = &[
    ("curl_easy_cleanup", "dropping an `Easy`"),
    (
        "curl_easy_duphandle",
        "none: the copy's callbacks would be those of the other handle; make a new `Easy`",
    ),
    ("curl_easy_escape", "`escape`"),
    ("curl_easy_getinfo", "the methods of `Info`"),
    ("curl_easy_header", "`Headers::get`"),
    ("curl_easy_init", "`Easy::new`, `Easy::with`"),
    ("curl_easy_nextheader", "`Headers::iter`"),
    ("curl_easy_option_by_id", "`option::all`, whose table the tests compare with the library's"),
    ("curl_easy_option_by_name", "`option::all`"),
    ("curl_easy_option_next", "`option::all`"),
    ("curl_easy_pause", "`Multi::pause`, and `Pauses` in `Handler::progress`"),
    ("curl_easy_perform", "`Easy::perform`, `perform_into`, `perform_with`"),
    (
        "curl_easy_recv",
        "none: `Easy` transfers whole messages; a connection's bytes are `std::net`'s",
    ),
    ("curl_easy_reset", "`Easy::reset`"),
    ("curl_easy_send", "none: as curl_easy_recv"),
    ("curl_easy_setopt", "`Easy::set`; `Easy::set_raw` for what has no type"),
    ("curl_easy_ssls_export", "`Share::export_sessions`"),
    ("curl_easy_ssls_import", "`ShareBuilder::import`"),
    ("curl_easy_strerror", "the text of an `Error`"),
    ("curl_easy_unescape", "`unescape`"),
    ("curl_easy_upkeep", "none: pings idle connections, which a multi replaces when they are gone"),
    ("curl_escape", "none: deprecated, see curl_easy_escape"),
    ("curl_formadd", "none: deprecated, see `Mime`"),
    ("curl_formfree", "none: deprecated, see `Mime`"),
    ("curl_formget", "none: deprecated, see `Mime`"),
    ("curl_free", "inside: whatever libcurl hands out has an owner"),
    ("curl_getdate", "none: dates are other crates' business"),
    ("curl_getenv", "none: `std::env::var`"),
    ("curl_global_cleanup", "none: other code of the process may still use libcurl"),
    ("curl_global_init", "`init`, or the first use"),
    ("curl_global_init_mem", "`Init::libcurl_memory`"),
    (
        "curl_global_sslset",
        "none: it must come before every other call of the process, and a libcurl with several TLS libraries is asked for one by `CURL_SSL_BACKEND` in its environment",
    ),
    ("curl_global_trace", "none: for libcurl's own developers; `Handler::trace` has the rest"),
    ("curl_maprintf", "none: `format!`"),
    ("curl_mfprintf", "none: `format!`"),
    ("curl_mime_addpart", "`Mime::part`"),
    ("curl_mime_data", "`Part::new`, by curl_mime_data_cb and without a copy"),
    ("curl_mime_data_cb", "`Part::new`, `Part::stream`, `Part::reader`"),
    ("curl_mime_encoder", "`Part::encoder`"),
    ("curl_mime_filedata", "`Part::file`"),
    ("curl_mime_filename", "`Part::filename`"),
    ("curl_mime_free", "dropping a `Mime`, or the handle that has it"),
    ("curl_mime_headers", "`Part::header`"),
    ("curl_mime_init", "`Mime::new`"),
    ("curl_mime_name", "`Part::name`"),
    ("curl_mime_subparts", "`Part::parts`"),
    ("curl_mime_type", "`Part::content_type`"),
    ("curl_mprintf", "none: `format!`"),
    ("curl_msnprintf", "none: `format!`"),
    ("curl_msprintf", "none: `format!`"),
    ("curl_multi_add_handle", "`Multi::add`"),
    ("curl_multi_assign", "none: epoll keeps what it needs by the socket's number"),
    ("curl_multi_cleanup", "dropping a `Multi`"),
    ("curl_multi_fdset", "none: `select` ends at 1,024 descriptors; `Multi::poll`, `Multi::epoll`"),
    ("curl_multi_get_handles", "none: a `Multi` knows its handles by `Id`"),
    ("curl_multi_get_offt", "none: counters of libcurl's own; `Multi::len`"),
    ("curl_multi_info_read", "`Multi::next_done`"),
    ("curl_multi_init", "`Multi::new`, `Multi::event_driven`"),
    (
        "curl_multi_notify_disable",
        "none: what was asked for is wanted for as long as the multi lives",
    ),
    ("curl_multi_notify_enable", "`Multi::next_done`, where libcurl has it"),
    ("curl_multi_perform", "`Multi::perform`"),
    ("curl_multi_poll", "`Multi::poll`, `Multi::poll_with`"),
    ("curl_multi_remove_handle", "`Multi::remove`, `Multi::cancel`"),
    ("curl_multi_setopt", "`Multi::set`"),
    ("curl_multi_socket", "none: deprecated, see curl_multi_socket_action"),
    ("curl_multi_socket_action", "`Multi::perform` of an event-driven multi"),
    ("curl_multi_socket_all", "none: deprecated, see curl_multi_socket_action"),
    ("curl_multi_strerror", "the text of an `Error`"),
    ("curl_multi_timeout", "`Multi::timeout`"),
    ("curl_multi_wait", "none: curl_multi_poll, which a `Waker` ends"),
    ("curl_multi_waitfds", "none: `Multi::epoll` is one descriptor for all of them"),
    ("curl_multi_wakeup", "`Waker::wake`"),
    ("curl_mvaprintf", "none: `format!`"),
    ("curl_mvfprintf", "none: `format!`"),
    ("curl_mvprintf", "none: `format!`"),
    ("curl_mvsnprintf", "none: `format!`"),
    ("curl_mvsprintf", "none: `format!`"),
    ("curl_pushheader_byname", "none: server push is refused, see `multi::option`"),
    ("curl_pushheader_bynum", "none: server push is refused, see `multi::option`"),
    ("curl_share_cleanup", "dropping the last clone of a `Share`, or of its handles"),
    ("curl_share_init", "`Share::builder`, `LocalShare::builder`"),
    ("curl_share_setopt", "the methods of `ShareBuilder` and `LocalShareBuilder`"),
    ("curl_share_strerror", "the text of an `Error`"),
    ("curl_slist_append", "`List::push`"),
    ("curl_slist_free_all", "dropping a `List`"),
    ("curl_strequal", "none: `str::eq_ignore_ascii_case`"),
    ("curl_strnequal", "none: `str::eq_ignore_ascii_case`"),
    ("curl_unescape", "none: deprecated, see curl_easy_unescape"),
    ("curl_url", "`Url::parse`"),
    ("curl_url_cleanup", "dropping a `Url`"),
    ("curl_url_dup", "changing a clone of a `Url`"),
    ("curl_url_get", "`Url::get`, `Url::host` and the others"),
    ("curl_url_set", "`Url::parse`, `Url::set`, `Url::join`"),
    ("curl_url_strerror", "the text of an `Error`"),
    ("curl_version", "`capabilities().libcurl().version()`"),
    ("curl_version_info", "`capabilities().libcurl()`"),
    ("curl_ws_meta", "none: only within a write callback, where `WebSocket` has none"),
    ("curl_ws_recv", "`WebSocket::receive`, `WebSocket::next`"),
    ("curl_ws_send", "`WebSocket::send_text` and the others"),
    (
        "curl_ws_start_frame",
        "none: only within a read callback, where `WebSocket` has none; `WebSocket::send_fragment` sends a message in parts",
    ),
];

/// The functions that `CURL_EXTERN` declares in a folder of headers.
fn declared(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let text = std::fs::read_to_string(file.path()).unwrap_or_default();
        for declaration in text.split("CURL_EXTERN ").skip(1) {
            let declaration = declaration.split(';').next().unwrap();
            let name = declaration.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).find(
                |word| {
                    word.starts_with("curl_")
                        && declaration
                            .split(word)
                            .nth(1)
                            .is_some_and(|it| it.trim_start().starts_with('('))
                },
            );
            found.extend(name.map(str::to_owned));
        }
    }
    found
}

#[test]
fn each_function_of_the_headers_has_its_place_or_its_reason() {
    let listed: BTreeSet<_> = FUNCTIONS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(listed.len(), FUNCTIONS.len(), "none is there twice");
    let mut folders: Vec<std::path::PathBuf> = pkg_config::Config::new()
        .cargo_metadata(false)
        .probe("libcurl")
        .map(|found| found.include_paths)
        .unwrap_or_default();
    folders.push("/usr/include".into());
    folders.push(format!("/usr/include/{}-linux-gnu", std::env::consts::ARCH).into());
    let seen: BTreeSet<_> = folders.iter().flat_map(|it| declared(&it.join("curl"))).collect();
    assert!(seen.len() > 80, "the headers were found: {seen:?}");
    for name in &seen {
        assert!(listed.contains(name), "{name} has neither");
    }
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
    page.push_str(
        "\n## Functions\n\nWhat of `ffence::curl` calls each, or why nothing does.\n\n\
         | libcurl | |\n|---|---|\n",
    );
    for (name, ours) in FUNCTIONS {
        writeln!(page, "| [{name}](https://curl.se/libcurl/c/{name}.html) | {ours} |").unwrap();
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
