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
mod policy;
mod protocols;
mod seeded;
mod stream;
mod tasks;
mod url;
mod websocket;

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
        tasks::rows(),
        websocket::rows(),
        protocols::rows(),
        policy::rows(),
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
    // `HMAC_Init_ex` of a context that is NULL, below `libssh2_userauth_list` and
    // `libssh2_userauth_password_ex` (<https://github.com/libssh2/libssh2/pull/1297>, in 1.11.1); a host's
    // key of `EC_KEY_new_by_curve_name_ex`, below `libssh2_session_handshake`
    // (<https://github.com/libssh2/libssh2/issues/2080>).
    (
        "libssh2 1.10 dies in each HMAC that it has no memory for, and loses a host's key with each handshake that fails: \
         over a hundred points; tests/api_curl_protocol_callbacks.rs has panics there",
        &["curl::Handler::{ssh_host_key,ssh_known_host}"],
    ),
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
];

/// Bytes that are the same each time: nothing that is drawn.
fn same(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}
