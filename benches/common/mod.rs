//! What is measured: one table, read by both benchmarks.
//!
//! To add a row: write a function that prepares the operation (everything that is paid once) and
//! returns it, and name it here. Whatever a row does, it checks its result, so that no failure is
//! measured as a fast success.

pub mod aead;
#[cfg(target_os = "linux")]
pub mod background;
pub mod digest;
pub mod get;
pub mod key;
pub mod multi;
pub mod reuse;
pub mod server;
pub mod tls;

use aead::{ChaCha, Gcm};

/// The functions that openssl-sys lacks, from the one place where the crate declares them.
#[allow(
    dead_code,
    unused_imports,
    non_camel_case_types,
    missing_debug_implementations,
    clippy::pedantic
)]
mod lacking {
    include!("../../src/ffi/openssl_bindings.rs");
}

/// What the declarations name and no contender touches.
#[allow(non_camel_case_types, missing_debug_implementations)]
#[repr(C)]
pub struct curl_hstsentry {
    opaque: [u8; 0],
}

/// The same for curl-sys.
#[allow(
    dead_code,
    unused_imports,
    non_camel_case_types,
    non_upper_case_globals,
    clippy::all,
    clippy::pedantic
)]
mod lacking_curl {
    include!("../../src/ffi/curl_bindings.rs");
}

/// One operation, ready to run as often as wanted.
pub type Op = Box<dyn FnMut()>;

/// A line of the table: one contender for one operation, at some sizes.
#[derive(Clone, Copy)]
pub struct Case {
    pub op: &'static str,
    pub sizes: &'static [usize],
    pub who: &'static str,
    /// Who does the same work with nothing in between; the ratio is taken to that row.
    pub against: &'static str,
    /// What we accept of ourselves.
    #[allow(dead_code, reason = "times have no goal")]
    pub goals: &'static [Goal],
    /// How many operations are counted; a multiple of the nonces that are drawn at once.
    #[allow(dead_code, reason = "times find their own lengths")]
    pub loops: u32,
    pub prepare: fn(usize) -> Op,
}

/// The highest ratio of instructions to another contender's.
#[derive(Clone, Copy)]
pub struct Goal {
    #[allow(dead_code, reason = "times have no goal")]
    pub to: &'static str,
    small: f64,
    large: f64,
}

impl Goal {
    /// From this size on, a message is large.
    const LARGE: usize = 16 * 1024;

    /// The best C sequence: 1.02, and for a large message 1.00, which is what 1.004 is rounded to.
    pub const fn c(to: &'static str) -> Self {
        Self { to, small: 1.02, large: 1.004 }
    }

    pub const fn at_most(to: &'static str, ratio: f64) -> Self {
        Self { to, small: ratio, large: ratio }
    }

    #[allow(dead_code, reason = "times have no goal")]
    pub fn ratio(&self, bytes: usize) -> f64 {
        if bytes < Self::LARGE { self.small } else { self.large }
    }
}

/// One contender, one operation, one size.
#[derive(Clone, Copy)]
pub struct Row {
    pub case: &'static Case,
    pub bytes: usize,
}

const SHA256: Case = Case {
    op: "sha256",
    sizes: &[64, 16 * 1024],
    who: "raw-c",
    against: "raw-c",
    goals: &[],
    loops: 1024,
    prepare: digest::sha256_raw,
};

const HMAC: Case = Case { op: "hmac", prepare: digest::hmac_raw, ..SHA256 };

const KEY: Case = Case { op: "key", sizes: &[32], prepare: key::raw, ..SHA256 };

const GET: Case = Case {
    op: "get",
    sizes: &[1024],
    who: "raw-libcurl",
    against: "raw-libcurl",
    goals: &[],
    loops: 200,
    prepare: get::raw,
};

const REUSE: Case = Case { op: "reuse", sizes: &[64], prepare: reuse::raw_keyed, ..SHA256 };

/// One operation is a response on every handle; the number of handles stands in for the bytes.
const MULTI: Case = Case {
    op: "multi",
    sizes: &[64, 512],
    who: "raw-poll",
    against: "raw-poll",
    goals: &[],
    loops: 4,
    prepare: multi::raw_poll,
};

/// As for `MULTI`, on another thread.
#[cfg(target_os = "linux")]
const ASYNC: Case = Case {
    op: "async",
    sizes: &[1, 64],
    who: "raw-thread",
    against: "raw-thread",
    loops: 64,
    prepare: background::raw,
    ..MULTI
};

const DOWNLOAD: Case = Case { op: "download", sizes: &[32 << 20], loops: 32, ..GET };

const TLS: Case = Case { op: "tls", loops: 32, prepare: tls::raw, ..GET };

/// What the expert layer may cost.
const CURL: &[Goal] = &[Goal::at_most("raw-libcurl", 1.02)];

/// The best sequence of C calls.
const C: &[Goal] = &[Goal::c("raw-c")];

/// The table.
///
/// `raw-…` is the best sequence of C calls for the same work; the others of a group are compared
/// with it.
///
/// | op | who | what it does |
/// |---|---|---|
/// | `…-seal` | `raw-c`, `ffence`, `openssl-best`, `ring`, `aws-lc-rs`, `rustcrypto` | in place, counted nonces, a kept key |
/// | | `raw-c-ahead`, `ffence-random` | in place, random nonces, 32 drawn at once |
/// | | `raw-c-append`, `ffence-append` | the same, to a kept buffer (`seal_to`) |
/// | | `raw-c-malloc`, `ffence-vec` | the same, to a new block or `Vec` (`seal`) |
/// | | `raw-c-drawn`, `openssl-drawn` | in place, a random nonce drawn for each message |
/// | | `openssl-common` | the same with `symm::encrypt_aead`: a new context and a new `Vec` each time |
/// | `…-open` | `raw-c`, `ffence`, `openssl-best`, `ring`, `aws-lc-rs`, `rustcrypto` | copied, then opened in place |
/// | | `raw-c-malloc`, `ffence-vec`, `openssl-common` | to a new block or `Vec` (`open`, `symm::decrypt_aead`) |
/// | `sha256`, `hmac` | `raw-c` | a fetched algorithm and a kept context, for HMAC with its key |
/// | | `ffence` | `Sha256::digest`, `Hmac::sign` |
/// | | `openssl-best` | a kept `Hasher`; a `Signer` for a kept key |
/// | | `openssl-common` | `hash::hash`; a key and a `Signer` each time |
/// | | `ring`, `aws-lc-rs`, `rustcrypto` | one call; for HMAC with a kept key |
/// | `key` | `raw-c` | random bytes into a block of `malloc`, cleansed, freed |
/// | | `ffence` | `Key::generate` |
/// | | `ffence-secret` | a `Secret`, on pages of its own |
/// | `get` | `raw-libcurl`, `curl` | one easy handle (the curl crate: `Easy2`) kept with all its options, only performed |
/// | | `raw-libcurl-parsed` | the same, and its URL is parsed once (`CURLOPT_CURLU`) |
/// | | `raw-libcurl-lines` | the same, and it keeps the header lines as they came |
/// | | `ffence` | `Client::get` on one client; `-new-url` with another URL each time |
/// | | `ffence-easy` | one `curl::Easy`, kept likewise |
/// | `download` | `raw-libcurl`, `ffence-easy`, `curl` | as for `get`; `-256k` with a `BufferSize` of 256 KiB |
/// | `tls` | `raw-libcurl` | a full handshake for each GET: one easy handle, a file of certificates and no folder, so that what was parsed is kept |
/// | | `raw-libcurl-folder` | the same with the folder that libcurl was built with, if any, which switches that off |
/// | | `ffence`, `ffence-added` | `Client::get`, that file or the system's certificates and one more |
/// | `multi` | `raw-poll`, `ffence-poll`, `curl` | a transfer on each handle, by `curl_multi_poll` |
/// | | `raw-events`, `ffence-events` | the same, by `curl_multi_socket_action` and epoll |
/// | `async` | `raw-thread` | `raw-events` on a thread of its own, which is asked once for all and answers once |
/// | | `ffence` | `send_async`, all polled by one thread that parks |
/// | `reuse` | `raw-c` | a context that kept its key; `-fetched`: the key anew; `-pooled`: key and look-up anew; `-new`: all anew |
/// | | `ffence` | a kept sealer; `-pool`: one from a `Pool`, which wipes it; `-new`: one for each text |
pub const TABLE: &[&[Case]] = &[
    &aead::seal::<Gcm>("gcm-seal"),
    &aead::open::<Gcm>("gcm-open"),
    &aead::seal::<ChaCha>("chacha-seal"),
    &aead::open::<ChaCha>("chacha-open"),
    &[
        SHA256,
        Case { who: "ffence", goals: C, prepare: digest::sha256_ffence, ..SHA256 },
        Case { who: "openssl-best", prepare: digest::sha256_openssl_best, ..SHA256 },
        Case { who: "openssl-common", prepare: digest::sha256_openssl_common, ..SHA256 },
        Case { who: "ring", prepare: digest::sha256_ring, ..SHA256 },
        Case { who: "aws-lc-rs", prepare: digest::sha256_aws, ..SHA256 },
        Case { who: "rustcrypto", prepare: digest::sha256_rustcrypto, ..SHA256 },
    ],
    &[
        HMAC,
        Case { who: "ffence", goals: C, prepare: digest::hmac_ffence, ..HMAC },
        Case { who: "openssl-best", prepare: digest::hmac_openssl_best, ..HMAC },
        Case { who: "openssl-common", prepare: digest::hmac_openssl_common, ..HMAC },
        Case { who: "ring", prepare: digest::hmac_ring, ..HMAC },
        Case { who: "aws-lc-rs", prepare: digest::hmac_aws, ..HMAC },
        Case { who: "rustcrypto", prepare: digest::hmac_rustcrypto, ..HMAC },
    ],
    &[
        KEY,
        Case { who: "ffence", goals: &[Goal::at_most("raw-c", 1.15)], prepare: key::ffence, ..KEY },
        Case { who: "ffence-secret", prepare: key::ffence_secret, ..KEY },
    ],
    &[
        GET,
        Case {
            who: "ffence",
            goals: &[Goal::at_most("raw-libcurl", 1.05)],
            prepare: get::ffence,
            ..GET
        },
        Case { who: "ffence-new-url", prepare: get::ffence_new_url, ..GET },
        Case { who: "raw-libcurl-parsed", prepare: get::raw_parsed, ..GET },
        Case { who: "raw-libcurl-lines", prepare: get::raw_lines, ..GET },
        Case { who: "ffence-easy", goals: CURL, prepare: get::easy, ..GET },
        Case { who: "curl", prepare: get::curl, ..GET },
    ],
    &[
        DOWNLOAD,
        Case { who: "ffence-easy", goals: CURL, prepare: get::easy, ..DOWNLOAD },
        Case { who: "ffence-easy-256k", goals: CURL, prepare: get::easy_buffered, ..DOWNLOAD },
        Case { who: "curl", prepare: get::curl, ..DOWNLOAD },
    ],
    &[
        TLS,
        Case { who: "raw-libcurl-folder", prepare: tls::raw_with_folder, ..TLS },
        Case {
            who: "ffence",
            goals: &[Goal::at_most("raw-libcurl", 1.05)],
            prepare: tls::ffence,
            ..TLS
        },
        Case {
            who: "ffence-added",
            goals: &[Goal::at_most("raw-libcurl", 1.05)],
            prepare: tls::ffence_added,
            ..TLS
        },
    ],
    &[
        MULTI,
        Case {
            who: "ffence-poll",
            goals: &[Goal::at_most("raw-poll", 1.02)],
            prepare: multi::ffence_poll,
            ..MULTI
        },
        Case { who: "curl", prepare: multi::curl, ..MULTI },
        #[cfg(target_os = "linux")]
        Case { who: "raw-events", against: "raw-events", prepare: multi::raw_events, ..MULTI },
        #[cfg(target_os = "linux")]
        Case {
            who: "ffence-events",
            against: "raw-events",
            goals: &[Goal::at_most("raw-events", 1.02)],
            prepare: multi::ffence_events,
            ..MULTI
        },
    ],
    #[cfg(target_os = "linux")]
    &[ASYNC, Case { who: "ffence", prepare: background::ffence, ..ASYNC }],
    &[
        REUSE,
        Case { who: "raw-c-new", prepare: reuse::raw_new, ..REUSE },
        Case { who: "raw-c-pooled", prepare: reuse::raw_pooled, ..REUSE },
        Case { who: "raw-c-fetched", prepare: reuse::raw_fetched, ..REUSE },
        Case { who: "ffence", prepare: reuse::ffence, ..REUSE },
        Case { who: "ffence-pool", prepare: reuse::ffence_pool, ..REUSE },
        Case { who: "ffence-new", prepare: reuse::ffence_new, ..REUSE },
    ],
];

/// All rows, those of one operation and size next to each other.
pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (order, cases) in TABLE.iter().enumerate() {
        let of_case =
            |case: &'static Case| case.sizes.iter().map(move |&bytes| Row { case, bytes });
        rows.extend(cases.iter().flat_map(of_case).map(|row| (order, row)));
    }
    rows.sort_by_key(|(order, row)| (*order, row.bytes));
    rows.into_iter().map(|(_, row)| row).collect()
}

impl Row {
    /// `gcm-seal/64/raw-c`
    pub fn id(&self) -> String {
        format!("{}/{}/{}", self.case.op, self.bytes, self.case.who)
    }

    /// Whether this is what `who` does in the place of `other`.
    pub fn is(&self, who: &str, other: &Row) -> bool {
        self.case.op == other.case.op && self.bytes == other.bytes && self.case.who == who
    }

    /// An eighth of the operations are enough where each is long.
    #[allow(dead_code, reason = "times find their own lengths")]
    pub fn loops(&self) -> u32 {
        if self.bytes < Goal::LARGE { self.case.loops } else { self.case.loops / 8 }
    }

    pub fn prepare(&self) -> Op {
        (self.case.prepare)(self.bytes)
    }
}
