//! Every algorithm of `ffence::crypto` is compared: what the module exports is either in this list,
//! with Go's name of the operation and OpenSSL's of the algorithm, or is said to be none.

use std::collections::BTreeSet;
use std::fs;

use ffence_hazards::go;

use super::session::Failure;
use super::tally::Tally;

/// What is compared, in bytes and in refusals.
const REFUSES: bool = true;

/// What takes any key and any text: there is nothing to refuse.
const TAKES_ALL: bool = false;

/// `(name, operation, algorithm, whether something is refused)`.
const COMPARED: &[(&str, &str, &str, bool)] = &[
    ("Aes128Ccm", "seal", "AES-128-CCM", REFUSES),
    ("Aes128Ccm8", "seal", "AES-128-CCM", REFUSES),
    ("Aes128Gcm", "seal", "AES-128-GCM", REFUSES),
    ("Aes128Gcm", "open", "AES-128-GCM", REFUSES),
    ("Aes128GcmSiv", "seal", "AES-128-GCM-SIV", REFUSES),
    ("Aes128Ocb", "open", "AES-128-OCB", REFUSES),
    ("Aes128Siv", "open", "AES-128-SIV", REFUSES),
    ("Aes192Ccm", "open", "AES-192-CCM", REFUSES),
    ("Aes192Gcm", "open", "AES-192-GCM", REFUSES),
    ("Aes192Ocb", "open", "AES-192-OCB", REFUSES),
    ("Aes192Siv", "open", "AES-192-SIV", REFUSES),
    ("Aes256Ccm", "open", "AES-256-CCM", REFUSES),
    ("Aes256Ccm8", "seal", "AES-256-CCM", REFUSES),
    ("Aes256Gcm", "open", "AES-256-GCM", REFUSES),
    ("Aes256Gcm", "go-open", "AES-256-GCM", REFUSES),
    ("Aes256GcmSiv", "seal", "AES-256-GCM-SIV", REFUSES),
    ("Aes256Ocb", "open", "AES-256-OCB", REFUSES),
    ("Aes256Siv", "open", "AES-256-SIV", REFUSES),
    ("Ccm", "open", "AES-128-CCM", REFUSES),
    ("ChaCha20Poly1305", "open", "ChaCha20-Poly1305", REFUSES),
    ("Deterministic", "seal", "AES-256-SIV", REFUSES),
    ("RandomNonce", "seal", "ChaCha20-Poly1305", REFUSES),
    ("Blake2b512", "digest", "BLAKE2B-512", TAKES_ALL),
    ("Blake2s256", "digest", "BLAKE2S-256", TAKES_ALL),
    ("Sha224", "digest", "SHA2-224", TAKES_ALL),
    ("Sha256", "digest", "SHA2-256", TAKES_ALL),
    ("Sha384", "digest", "SHA2-384", TAKES_ALL),
    ("Sha512", "digest", "SHA2-512", TAKES_ALL),
    ("Sha512_224", "digest", "SHA2-512/224", TAKES_ALL),
    ("Sha512_256", "digest", "SHA2-512/256", TAKES_ALL),
    ("Sha3_224", "digest", "SHA3-224", TAKES_ALL),
    ("Sha3_256", "digest", "SHA3-256", TAKES_ALL),
    ("Sha3_384", "digest", "SHA3-384", TAKES_ALL),
    ("Sha3_512", "digest", "SHA3-512", TAKES_ALL),
    ("Shake128", "xof", "SHAKE-128", TAKES_ALL),
    ("Shake256", "xof", "SHAKE-256", TAKES_ALL),
    ("legacy::Sha1", "digest", "SHA1", TAKES_ALL),
    ("legacy::Md4", "digest-legacy", "MD4", TAKES_ALL),
    ("Aes128", "mac", "CMAC", TAKES_ALL),
    ("Aes192", "mac", "CMAC", TAKES_ALL),
    ("Aes256", "mac", "CMAC", TAKES_ALL),
    ("Cmac", "mac", "CMAC", TAKES_ALL),
    ("Gmac", "mac", "GMAC", TAKES_ALL),
    ("Hmac", "mac", "HMAC", TAKES_ALL),
    ("Kmac128", "mac", "KMAC-128", REFUSES),
    ("Kmac256", "mac", "KMAC-256", REFUSES),
    ("Poly1305", "mac", "POLY1305", TAKES_ALL),
    ("SipHash64", "mac", "SIPHASH", TAKES_ALL),
    ("SipHash128", "mac", "SIPHASH", TAKES_ALL),
    ("kdf::argon2id", "kdf", "ARGON2ID", REFUSES),
    ("kdf::hkdf", "hkdf", "SHA2-256", REFUSES),
    ("kdf::Prk", "kdf", "HKDF", REFUSES),
    ("kdf::kbkdf_cmac", "kdf", "KBKDF", REFUSES),
    ("kdf::kbkdf_feedback_cmac", "kdf", "KBKDF", REFUSES),
    ("kdf::kbkdf_feedback_hmac", "kdf", "KBKDF", REFUSES),
    ("kdf::kbkdf_hmac", "kdf", "KBKDF", REFUSES),
    ("kdf::pbkdf2", "pbkdf2", "SHA2-256", REFUSES),
    ("kdf::scrypt", "scrypt", "", REFUSES),
    ("kdf::single_step", "kdf", "SSKDF", REFUSES),
    ("kdf::single_step_hmac", "kdf", "SSKDF", REFUSES),
    ("kdf::single_step_kmac128", "kdf", "SSKDF", REFUSES),
    ("kdf::single_step_kmac256", "kdf", "SSKDF", REFUSES),
    ("kdf::x963", "kdf", "X963KDF", REFUSES),
    ("unauthenticated::Aes128Cbc", "decrypt", "AES-128-CBC", REFUSES),
    ("unauthenticated::Aes192Cbc", "decrypt", "AES-192-CBC", REFUSES),
    ("unauthenticated::Aes256Cbc", "decrypt", "AES-256-CBC", REFUSES),
    ("unauthenticated::Aes128Ctr", "encrypt", "AES-128-CTR", REFUSES),
    ("unauthenticated::Aes192Ctr", "encrypt", "AES-192-CTR", REFUSES),
    ("unauthenticated::Aes256Ctr", "encrypt", "AES-256-CTR", REFUSES),
    ("unauthenticated::Aes128Xts", "decrypt", "AES-128-XTS", REFUSES),
    ("unauthenticated::Aes256Xts", "decrypt", "AES-256-XTS", REFUSES),
    ("unauthenticated::Aes128Kw", "decrypt", "AES-128-WRAP", REFUSES),
    ("unauthenticated::Aes192Kw", "decrypt", "AES-192-WRAP", REFUSES),
    ("unauthenticated::Aes256Kw", "decrypt", "AES-256-WRAP", REFUSES),
    ("unauthenticated::Aes128Kwp", "decrypt", "AES-128-WRAP-PAD", REFUSES),
    ("unauthenticated::Aes192Kwp", "decrypt", "AES-192-WRAP-PAD", REFUSES),
    ("unauthenticated::Aes256Kwp", "decrypt", "AES-256-WRAP-PAD", REFUSES),
];

/// What is no algorithm of its own.
const NONE: &[(&str, &[&str])] = &[
    ("traits", &["Aead", "BlockCipher", "Extendable", "Hash", "Mac", "NoncePolicy", "Nonced"]),
    (
        "owners, keys and results, which every comparison goes through",
        &[
            "CcmNonce",
            "CcmTag",
            "CounterNonce",
            "Digest",
            "GmacNonce",
            "Hasher",
            "Key",
            "Message",
            "NoNonce",
            "Octets",
            "OneTimeKey",
            "Opener",
            "Sealer",
            "Squeezer",
            "Tag",
            "Xof",
            "hazmat",
            "kdf::Argon2Cost",
            "kdf::FixedInput",
            "kdf::Iterations",
            "kdf::ScryptCost",
            "kdf::KeyMaterial",
        ],
    ),
    (
        "the same in a library of one's own, and its names",
        &[
            "Library",
            "Provided",
            "kdf::Argon2id",
            "kdf::Hkdf",
            "kdf::KbkdfCmac",
            "kdf::KbkdfHmac",
            "kdf::Pbkdf2",
            "kdf::Scrypt",
            "kdf::SingleStep",
            "kdf::SingleStepKmac128",
            "kdf::SingleStepKmac256",
            "kdf::X963",
        ],
    ),
    (
        "ffence's own formats, of algorithms that are compared",
        &["OpenReader", "PasswordHash", "SealWriter", "StreamAead", "StreamKey"],
    ),
];

/// The modules whose names are looked at above, and those that have no algorithm.
const MODULES: [&str; 6] = ["kdf", "legacy", "library", "password", "random", "unauthenticated"];

/// What the module exports is in one of the lists, and nothing else is.
///
/// # Errors
/// What is not.
pub fn lists() -> Result<(), String> {
    let exported = exported().map_err(|error| error.to_string())?;
    // Each derivation has a form that works in a library.
    let is_form = |name: &str| {
        name.starts_with("kdf::")
            && name.strip_suffix("_in").is_some_and(|it| exported.contains(it))
    };
    let compared = COMPARED.iter().map(|(name, ..)| *name);
    let none = NONE.iter().flat_map(|(_, names)| names.iter().copied());
    let listed: BTreeSet<&str> = compared.chain(none).collect();
    let exported: BTreeSet<&str> = exported.iter().map(String::as_str).collect();
    let new: Vec<_> = exported.difference(&listed).filter(|name| !is_form(name)).collect();
    let gone: Vec<_> = listed.difference(&exported).collect();
    if new.is_empty() && gone.is_empty() {
        return Ok(());
    }
    Err(format!(
        "ffence::crypto exports what has no comparison: {new:?}; lists what is not there: {gone:?}"
    ))
}

/// Whether all that is listed was compared; how many algorithms that are.
///
/// # Errors
/// What was not.
pub fn compared(tally: &Tally) -> Result<usize, Failure> {
    let mut wrong = Vec::new();
    for (name, op, algorithm, refuses) in COMPARED {
        match tally.operations.get(&(*op, *algorithm)) {
            Some(it) if it.results == 0 && it.absent > 0 => {}
            Some(it) if it.results > 0 && (it.refusals > 0 || !refuses) => {}
            other => wrong.push(format!("{name} ({op} of {algorithm}): {other:?}")),
        }
    }
    if wrong.is_empty() { Ok(COMPARED.len()) } else { Err(wrong.join("\n").into()) }
}

/// The names that `ffence::crypto` and its modules export, as their sources have them.
fn exported() -> Result<BTreeSet<String>, Failure> {
    let read = |file: &str| fs::read_to_string(go::root().join("src/crypto").join(file));
    let root = read("mod.rs")?;
    let mut all: BTreeSet<String> = reexported(&root).map(str::to_owned).collect();
    let modules: Vec<_> =
        root.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    if modules != MODULES {
        return Err(format!("ffence::crypto has the modules {modules:?}").into());
    }
    let kdf = read("kdf.rs")?;
    let own = kdf.lines().filter_map(|line| {
        let rest = ["pub struct ", "pub fn "].iter().find_map(|it| line.strip_prefix(it))?;
        rest.split(|it: char| !it.is_alphanumeric() && it != '_').next()
    });
    all.extend(reexported(&kdf).chain(own).map(|name| format!("kdf::{name}")));
    // What a macro makes: `hashes! { … Sha1 in "…": …`, `cipher!(Aes128Ctr, …`.
    let legacy = read("legacy.rs")?;
    let hashes = legacy.lines().filter(|line| line.contains(": \"") && line.contains(", c\""));
    let hashes = hashes.filter_map(|line| line.trim().split([' ', ':']).next());
    all.extend(hashes.map(|name| format!("legacy::{name}")));
    let ciphers = read("unauthenticated.rs")?;
    let ciphers = ciphers.split("\ncipher!(").skip(1).filter_map(|it| it.trim().split(',').next());
    all.extend(ciphers.map(|name| format!("unauthenticated::{name}")));
    Ok(all)
}

/// The names of `pub use x::{A, B};` and `pub use x::A;`.
fn reexported(text: &str) -> impl Iterator<Item = &str> {
    text.split("\npub use ").skip(1).flat_map(|it| {
        let list = it.split(';').next().unwrap_or_default();
        let names = match list.split_once('{') {
            Some((_, names)) => names.trim_end_matches('}'),
            None => list.rsplit("::").next().unwrap_or_default(),
        };
        names.split(',').map(str::trim).filter(|it| !it.is_empty())
    })
}
