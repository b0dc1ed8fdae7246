//! What is measured: one table, read by both benchmarks.
//!
//! To add a row: write a function that prepares the operation (everything that is paid once) and
//! returns it, and name it here. Whatever a row does, it checks its result, so that no failure is
//! measured as a fast success.

pub mod digest;
pub mod get;
pub mod multi;
pub mod seal;
pub mod server;

/// The functions that openssl-sys lacks, from the one place where the crate declares them.
#[allow(dead_code, unused_imports, non_camel_case_types, clippy::pedantic)]
mod lacking {
    include!("../../src/ffi/openssl_bindings.rs");
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
pub struct Case {
    pub op: &'static str,
    pub sizes: &'static [usize],
    pub who: &'static str,
    /// Who does the same work with nothing in between; the ratio is taken to that row.
    pub against: &'static str,
    /// The highest ratio of instructions that we accept of ourselves.
    #[allow(dead_code, reason = "times have no goal")]
    pub goal: Option<f64>,
    /// Two loop lengths: the difference is what operations cost, without start-up and exit.
    #[allow(dead_code, reason = "times find their own lengths")]
    pub loops: (u32, u32),
    pub prepare: fn(usize) -> Op,
}

/// One contender, one operation, one size.
#[derive(Clone, Copy)]
pub struct Row {
    pub case: &'static Case,
    pub bytes: usize,
}

const SEAL: Case = Case {
    op: "seal",
    sizes: &[64, 1024, 16 * 1024],
    who: "raw-c",
    against: "raw-c",
    goal: None,
    loops: (100, 1100),
    prepare: seal::raw,
};

const SHA256: Case =
    Case { op: "sha256", sizes: &[64, 16 * 1024], prepare: digest::sha256_raw, ..SEAL };

const HMAC: Case = Case { op: "hmac", sizes: &[64, 16 * 1024], prepare: digest::hmac_raw, ..SEAL };

const GET: Case = Case {
    op: "get",
    sizes: &[1024],
    who: "raw-libcurl",
    against: "raw-libcurl",
    goal: None,
    loops: (20, 220),
    prepare: get::raw,
};

const DOWNLOAD: Case = Case { op: "download", sizes: &[32 * 1024 * 1024], loops: (2, 6), ..GET };

/// One operation is a response on every handle; the number of handles stands in for the bytes.
const MULTI: Case = Case {
    op: "multi",
    sizes: &[64, 512],
    who: "raw-poll",
    against: "raw-poll",
    goal: None,
    loops: (2, 6),
    prepare: multi::raw_poll,
};

/// The table.
///
/// | who | what it does |
/// |---|---|
/// | `raw-c` | the best sequence of C calls, into the caller's buffer |
/// | `raw-c-in-place` | the same, over the text |
/// | `ffence` | `Sealer::seal` (a new `Vec` each time); `Client::get` on one client |
/// | `ffence-append` | `Sealer::seal_to` a buffer that is kept |
/// | `ffence-in-place` | `Sealer::seal_in_place` |
/// | `openssl-common` | what most programs do with the openssl crate: `symm::encrypt_aead` |
/// | `openssl-best` | the best that it offers: a kept `CipherCtx`, given only a new nonce |
/// | `raw-c-ahead` | as `raw-c`, but 32 nonces are drawn at once |
/// | `sha256`, `hmac` | `raw-c`: a fetched algorithm and a kept context; `ffence`: `Sha256::digest`, `Hmac::sign`; `openssl-best`: a kept `Hasher`, a `Signer` for a kept key; `openssl-common`: `hash::hash`, a key and a `Signer` each time |
/// | `raw-libcurl` | one easy handle kept with all its options, only performed |
/// | `ffence-easy` | one `curl::Easy`, kept likewise; `-256k` with a `BufferSize` of 256 KiB |
/// | `curl` | the curl crate, one `Easy2` kept likewise |
/// | `multi` | `raw-poll`: `curl_multi_poll`; `raw-events`: `curl_multi_socket_action` and epoll; ours likewise; `curl`: its `Multi` |
pub const CASES: &[Case] = &[
    SEAL,
    Case { who: "ffence", goal: Some(1.03), prepare: seal::ffence, ..SEAL },
    Case { who: "ffence-append", goal: Some(1.03), prepare: seal::ffence_append, ..SEAL },
    Case { who: "raw-c-ahead", prepare: seal::raw_ahead, ..SEAL },
    Case { who: "openssl-best", prepare: seal::openssl_best, ..SEAL },
    Case { who: "openssl-common", prepare: seal::openssl_common, ..SEAL },
    Case { who: "raw-c-in-place", against: "raw-c-in-place", prepare: seal::raw_in_place, ..SEAL },
    Case {
        who: "ffence-in-place",
        against: "raw-c-in-place",
        goal: Some(1.03),
        prepare: seal::ffence_in_place,
        ..SEAL
    },
    SHA256,
    Case { who: "ffence", goal: Some(1.02), prepare: digest::sha256_ffence, ..SHA256 },
    Case { who: "openssl-best", prepare: digest::sha256_openssl_best, ..SHA256 },
    Case { who: "openssl-common", prepare: digest::sha256_openssl_common, ..SHA256 },
    HMAC,
    Case { who: "ffence", goal: Some(1.02), prepare: digest::hmac_ffence, ..HMAC },
    Case { who: "openssl-best", prepare: digest::hmac_openssl_best, ..HMAC },
    Case { who: "openssl-common", prepare: digest::hmac_openssl_common, ..HMAC },
    GET,
    Case { who: "ffence", goal: Some(1.15), prepare: get::ffence, ..GET },
    Case { who: "ffence-easy", goal: Some(1.02), prepare: get::easy, ..GET },
    Case { who: "curl", prepare: get::curl, ..GET },
    DOWNLOAD,
    Case { who: "ffence-easy", goal: Some(1.02), prepare: get::easy, ..DOWNLOAD },
    Case { who: "ffence-easy-256k", goal: Some(1.02), prepare: get::easy_buffered, ..DOWNLOAD },
    Case { who: "curl", prepare: get::curl, ..DOWNLOAD },
    MULTI,
    Case { who: "ffence-poll", goal: Some(1.02), prepare: multi::ffence_poll, ..MULTI },
    Case { who: "curl", prepare: multi::curl, ..MULTI },
    #[cfg(target_os = "linux")]
    Case { who: "raw-events", against: "raw-events", prepare: multi::raw_events, ..MULTI },
    #[cfg(target_os = "linux")]
    Case {
        who: "ffence-events",
        against: "raw-events",
        goal: Some(1.02),
        prepare: multi::ffence_events,
        ..MULTI
    },
];

/// All rows, those of one operation and size next to each other.
pub fn rows() -> Vec<Row> {
    let mut rows: Vec<_> = CASES
        .iter()
        .flat_map(|case| case.sizes.iter().map(move |&bytes| Row { case, bytes }))
        .collect();
    let order = |op| CASES.iter().position(|case| case.op == op);
    rows.sort_by_key(|row| (order(row.case.op), row.bytes));
    rows
}

impl Row {
    /// `seal/64/raw-c`
    pub fn id(&self) -> String {
        format!("{}/{}/{}", self.case.op, self.bytes, self.case.who)
    }

    /// Whether `other` is the row that this one is compared with.
    pub fn is_against(&self, other: &Row) -> bool {
        self.case.op == other.case.op
            && self.bytes == other.bytes
            && self.case.against == other.case.who
    }

    pub fn prepare(&self) -> Op {
        (self.case.prepare)(self.bytes)
    }
}
