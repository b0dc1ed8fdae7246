//! The registry: every public operation.

mod cipher;
mod client;
mod digest;
mod easy;
mod families;
mod floor;
mod kdf;
mod library;
mod multi;
mod seeded;
mod stream;
mod url;

use std::collections::BTreeMap;

use crate::row::{self, Row};

pub use seeded::seeded;

/// All rows.
pub fn all() -> Vec<Row> {
    [
        digest::rows(),
        families::rows(),
        cipher::rows(),
        stream::rows(),
        kdf::rows(),
        library::rows(),
        floor::rows(),
        url::rows(),
        easy::rows(),
        multi::rows(),
        client::rows(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What the first set-up (`cold.rs`) calls, each point in a process of its own: registered there.
pub const COLD: &[&str] =
    &["init", "init::init", "init::Init::new", "init::Init::openssl_config", "init::Init::run"];

/// What has no row, with the reason: not counted as registered.
pub fn excluded() -> BTreeMap<String, &'static str> {
    EXCLUDED
        .iter()
        .flat_map(|(reason, paths)| {
            paths.iter().flat_map(|path| row::spelt_out(path)).map(|path| (path, *reason))
        })
        .collect()
}

const EXCLUDED: &[(&str, &[&str])] = &[
    (
        "knows no library: what C it calls is the caller's, who hands it pointers",
        &[
            "buf::Allocator::free",
            "buf::CBuf::from_raw",
            "cstr::CText::from_raw",
            "owned::Borrowed::{as_ptr,from_raw,retain}",
            "owned::CType::free",
            "owned::Owned::{as_ptr,borrow,from_raw,give,into_raw,try_clone}",
            "owned::UpRef::up_ref",
        ],
    ),
    (
        "goes on with a panic: nothing is asked of C",
        &["error::Error::resume", "unwind::Panic::resume"],
    ),
    (
        "for a libcrypto before 1.1.0, which is another process's program",
        &["locks::openssl::{install,install_early,install_in}"],
    ),
    (
        "the secure heap is not what the hooks stand before; tests/secure_heap.rs exhausts it",
        &["init::Init::secure_heap", "capabilities::SecureHeap::{is_locked,size,used}"],
    ),
    (
        "seconds a point; `PasswordHash::with` is the same at a small cost",
        &["crypto::password::PasswordHash::new"],
    ),
    ("needs OpenSSL 3.2", &["crypto::kdf::{argon2id,argon2id_in}"]),
    ("needs OpenSSL 3.3", &["crypto::Xof::squeeze", "crypto::Squeezer::squeeze"]),
    ("needs libcurl 8.8", &["curl::Handler::trailers"]),
    (
        "needs libcurl 8.12",
        &[
            "curl::Share::export_sessions",
            "curl::LocalShare::export_sessions",
            "curl::ShareBuilder::{import,tls_sessions}",
            "curl::LocalShareBuilder::import",
        ],
    ),
    (
        "needs libcurl 8.12 with WebSocket",
        &[
            "curl::WebSocket::{close,connect,flush,flush_within,handler,handler_mut,info,into_handler}",
            "curl::WebSocket::{next,ping,pong,receive,send_binary,send_fragment,send_text,set_limit}",
            "curl::WebSocket::{socket,wait,waiting}",
        ],
    ),
    (
        "set before the libraries are, in a process of its own; tests/init_libcurl_memory.rs refuses memory there",
        &["init::Init::libcurl_memory"],
    ),
    (
        "HAS NO ROW YET: the client that tasks wait for, and bodies that are given piece by piece",
        &[
            "http::Body::{bytes,chunk,lines,timings,trailers}",
            "http::Client::{close,close_blocking,execute_async,warm_up_async}",
            "http::Lines::next_line",
            "http::RequestBody::{file,form,open,reader,stream}",
            "http::RequestBuilder::{form,login,on_interim,open_async,send_async,send_async_to}",
            "http::Response::{diagnose,lines,trailers}",
        ],
    ),
    (
        "HAS NO ROW YET: what single protocols of libcurl call back, and what one error says of itself",
        &[
            "curl::Handler::{file_begins,file_ends,hsts_load,hsts_store,interleaved}",
            "curl::Handler::{ssh_host_key,ssh_known_host}",
            "curl::TlsContext::{identity,revoke,trust,versions}",
            "curl::multi::Multi::poll_with",
            "error::Error::{diagnose,is_connect,is_timeout,since,time_limit}",
        ],
    ),
];

/// Bytes that are the same each time: nothing that is drawn.
fn same(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}
