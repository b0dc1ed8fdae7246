//! The same derivations through ffence, on `EVP_KDF`, and through Go's cgo, on the older functions
//! of the same OpenSSL: the same bytes, and a length that neither derives.
//!
//! `PARITY_SEED` (printed) makes the same requests again.

use std::collections::hash_map::RandomState;
use std::env;
use std::hash::{BuildHasher as _, Hasher as _};
use std::num::NonZeroU32;

use ffence::crypto::Sha256;
use ffence::crypto::kdf::{Iterations, ScryptCost, hkdf, pbkdf2, scrypt};
use ffence::{ErrorKind, Result};
use ffence_hazards::parity::{Hex, Peer, Request};
use ffence_hazards::random::Random;
use ffence_hazards::row::Detector;
use ffence_hazards::run::harness_or_skip;

type Failure = Box<dyn std::error::Error>;

/// The lengths at which something ends in SHA-256, in HMAC or in HKDF.
const EDGES: [usize; 12] = [0, 1, 31, 32, 33, 55, 56, 63, 64, 65, 128, 1000];

/// As many bytes as an edge has, or any number below 1000.
fn any(random: &mut Random) -> Vec<u8> {
    let length = match random.below(2) {
        0 => EDGES[random.below(EDGES.len())],
        _ => random.below(1000),
    };
    random.bytes(length)
}

/// Makes up `cases` requests; what is derived here must be what Go says.
fn compare(
    detector: Detector,
    cases: usize,
    mut make: impl FnMut(&mut Random) -> (Request, Result<Vec<u8>>),
) -> std::result::Result<(), Failure> {
    let Some(harness) = harness_or_skip(detector) else { return Ok(()) };
    let seed = match env::var("PARITY_SEED") {
        Ok(digits) => u64::from_str_radix(&digits, 16)?,
        Err(_) => RandomState::new().build_hasher().finish(),
    };
    println!("{cases} requests under {detector}, PARITY_SEED={seed:016x}");
    let mut random = Random::new(seed);
    let mut peer = Peer::start(harness)?;
    for _ in 0..cases {
        let (request, here) = make(&mut random);
        let reply = peer.ask(&request)?;
        match here {
            Ok(bytes) => assert_eq!(reply.data, Some(Hex(bytes)), "{request:?} {seed:016x}"),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Length, "{error}");
                assert!(reply.error.is_some(), "{request:?} {seed:016x}");
            }
        }
    }
    let ended = peer.finish()?;
    let well = ended.status.is_some_and(|it| it.success()) && ended.stderr.is_empty();
    assert!(well, "Go under {detector}: {}", ended.stderr);
    Ok(())
}

fn request(op: &'static str, key: &[u8], salt: &[u8], length: usize, cost: &[u64]) -> Request {
    let (key, nonce, cost) = (key.into(), salt.into(), cost.to_vec());
    Request { op, key, nonce, length, cost, ..Request::default() }
}

fn filled(length: usize, derive: impl FnOnce(&mut [u8]) -> Result<()>) -> Result<Vec<u8>> {
    let mut out = vec![0; length];
    derive(&mut out).map(|()| out)
}

fn extracting_and_expanding(detector: Detector) -> std::result::Result<(), Failure> {
    compare(detector, 300, |random| {
        let (salt, secret, info) = (any(random), any(random), any(random));
        // Up to the longest output that there is, and beyond.
        let length = match random.below(3) {
            0 => 255 * 32 - 2 + random.below(4),
            _ => any(random).len(),
        };
        let here = filled(length, |out| hkdf::<Sha256>(&salt, &secret, &info, out));
        let request = request("hkdf", &secret, &salt, length, &[]);
        (Request { header: info.into(), ..request }, here)
    })
}

fn hashing_passwords(detector: Detector) -> std::result::Result<(), Failure> {
    compare(detector, 150, |random| {
        let (password, salt, length) = (any(random), any(random), any(random).len());
        let count = 1 + u32::try_from(random.below(50)).unwrap_or_default();
        let iterations = Iterations::legacy(NonZeroU32::MIN.saturating_add(count - 1));
        let here = filled(length, |out| pbkdf2::<Sha256>(&password, &salt, iterations, out));
        (request("pbkdf2", &password, &salt, length, &[count.into()]), here)
    })?;
    compare(detector, 60, |random| {
        let (password, salt, length) = (any(random), any(random), any(random).len());
        let log_n = 1 + u8::try_from(random.below(10)).unwrap_or_default();
        let small = |random: &mut Random| 1 + u32::try_from(random.below(8)).unwrap_or_default();
        let (r, p) = (small(random), small(random));
        let cost = [1 << log_n, r.into(), p.into()];
        let here = ScryptCost::new(log_n, r, p)
            .and_then(|it| filled(length, |out| scrypt(&password, &salt, it, 1 << 26, out)));
        (request("scrypt", &password, &salt, length, &cost), here)
    })
}

/// Each comparison under each detector, as a test of its own.
macro_rules! under {
    ($($detector:ident: $module:ident),*) => {$(
        mod $module {
            use super::{Detector, Failure};

            #[test]
            fn extracting_and_expanding() -> Result<(), Failure> {
                super::extracting_and_expanding(Detector::$detector)
            }

            #[test]
            fn hashing_passwords() -> Result<(), Failure> {
                super::hashing_passwords(Detector::$detector)
            }
        }
    )*};
}

under!(Asan: asan, Cgocheck: cgocheck);
