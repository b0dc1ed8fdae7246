//! The same derivations through ffence, on `EVP_KDF`, and through Go's cgo, where there are such on
//! the older functions of the same OpenSSL; HKDF and PBKDF2 by Go's own packages as well: the same
//! bytes, and the same lengths that neither derives.

use std::num::NonZeroU32;

use ffence::crypto::kdf::{
    Argon2Cost, FixedInput, Iterations, Prk, ScryptCost, argon2id, hkdf, kbkdf_cmac,
    kbkdf_feedback_cmac, kbkdf_feedback_hmac, kbkdf_hmac, pbkdf2, scrypt, single_step,
    single_step_hmac, single_step_kmac128, single_step_kmac256, x963,
};
use ffence::crypto::legacy::Sha1;
use ffence::crypto::{
    Blake2b512, Blake2s256, Hash, Sha3_224, Sha3_256, Sha3_384, Sha3_512, Sha224, Sha256, Sha384,
    Sha512, Sha512_224, Sha512_256,
};
use ffence::{ErrorKind, Result};
use ffence_hazards::parity::{Parameter, Request};

use super::Test;
use super::session::{Failure, MOST, Session};

pub const TESTS: &[Test] = &[
    ("kdf::extracting_and_expanding", extracting_and_expanding),
    ("kdf::hashing_passwords", hashing_passwords),
    ("kdf::from_keys", from_keys),
    ("kdf::in_one_step", in_one_step),
    ("kdf::the_longest", the_longest),
];

/// Any bytes; long ones are seldom.
fn any(session: &mut Session) -> Vec<u8> {
    let length = session.length();
    session.random.bytes(length)
}

/// A few bytes.
fn few(session: &mut Session) -> Vec<u8> {
    let length = session.random.below(200);
    session.random.bytes(length)
}

fn request(op: &'static str, key: &[u8], salt: &[u8], length: usize, cost: &[u64]) -> Request {
    let (key, nonce, cost) = (key.into(), salt.into(), cost.to_vec());
    Request { op, key, nonce, length, cost, ..Request::default() }
}

/// A request for an `EVP_KDF`.
fn kdf(algorithm: &'static str, length: usize, parameters: Vec<Parameter>) -> Request {
    Request { op: "kdf", algorithm, length, parameters, ..Request::default() }
}

/// `count` lengths below `end`.
fn below(session: &mut Session, end: usize, count: usize) -> Vec<usize> {
    (0..count).map(|_| session.random.below(end)).collect()
}

fn filled(length: usize, derive: impl FnOnce(&mut [u8]) -> Result<()>) -> Result<Vec<u8>> {
    let mut out = vec![0; length];
    derive(&mut out).map(|()| out)
}

/// Calls `$test::<H>(session, name, own)` for each digest, `own` where Go's oldest has it too.
macro_rules! each_digest {
    ($session:ident, $test:ident) => {
        $test::<Sha1>($session, "SHA1", true)?;
        $test::<Sha224>($session, "SHA2-224", true)?;
        $test::<Sha256>($session, "SHA2-256", true)?;
        $test::<Sha384>($session, "SHA2-384", true)?;
        $test::<Sha512>($session, "SHA2-512", true)?;
        $test::<Sha512_224>($session, "SHA2-512/224", true)?;
        $test::<Sha512_256>($session, "SHA2-512/256", true)?;
        $test::<Sha3_224>($session, "SHA3-224", true)?;
        $test::<Sha3_256>($session, "SHA3-256", true)?;
        $test::<Sha3_384>($session, "SHA3-384", true)?;
        $test::<Sha3_512>($session, "SHA3-512", true)?;
        $test::<Blake2s256>($session, "BLAKE2S-256", false)?;
        $test::<Blake2b512>($session, "BLAKE2B-512", false)?;
    };
}

type Outcome = std::result::Result<(), Failure>;

fn hkdf_of<H: Hash>(session: &mut Session, name: &'static str, own: bool) -> Outcome {
    // Up to the longest output that there is, and beyond.
    let mut lengths = below(session, 3 * H::LEN, 10);
    lengths.extend((0..4).map(|more| 255 * H::LEN - 1 + more));
    session.each(&format!("HKDF {name}"), lengths, |session, length| {
        // OpenSSL's own limit of info is 1 KiB on some versions.
        let (salt, secret, info) = (any(session), any(session), few(session));
        let here = filled(length, |out| hkdf::<H>(&salt, &secret, &info, out));
        let request = request("hkdf", &secret, &salt, length, &[]);
        let request = Request { header: (&info).into(), algorithm: name, ..request };
        if length <= 255 * H::LEN {
            session.demand(&request, &here)?;
        } else {
            // OpenSSL finds it too late for a class of its own.
            session.demand_refusal(&request, &here)?;
        }
        if own {
            session.demand_own("go-hkdf", &request, &here, false)?;
        }
        Ok(())
    })
}

fn pbkdf2_of<H: Hash>(session: &mut Session, name: &'static str, own: bool) -> Outcome {
    let lengths = [0].into_iter().chain(below(session, 4 * H::LEN, 7));
    session.each(&format!("PBKDF2 {name}"), lengths, |session, length| {
        let (password, salt) = (any(session), any(session));
        let count = 1 + u32::try_from(session.random.below(30))?;
        let iterations = Iterations::legacy(NonZeroU32::MIN.saturating_add(count - 1));
        let here = filled(length, |out| pbkdf2::<H>(&password, &salt, iterations, out));
        let request = request("pbkdf2", &password, &salt, length, &[count.into()]);
        let request = Request { algorithm: name, ..request };
        session.demand(&request, &here)?;
        if own {
            session.demand_own("go-pbkdf2", &request, &here, false)?;
        }
        Ok(())
    })
}

fn label_of<H: Hash>(session: &mut Session, name: &'static str, _: bool) -> Outcome {
    let lengths = [0].into_iter().chain(below(session, 3 * H::LEN, 8));
    session.each(&format!("label {name}"), lengths, |session, length| {
        let secret = session.random.bytes(H::LEN);
        let label = 1 + session.random.below(249);
        let label = session.random.bytes(label);
        let context = session.random.below(256);
        let context = session.random.bytes(context);
        let prk = Prk::<H>::from_slice(&secret)?;
        let here = filled(length, |out| prk.expand_label(&label, &context, out));
        // OpenSSL's own, and the struct of RFC 8446 through HKDF.
        let struct_of = |label: &[u8], context: &[u8]| -> std::result::Result<_, Failure> {
            let label = [b"tls13 ", label].concat();
            let (label_length, context_length) =
                (u8::try_from(label.len())?, u8::try_from(context.len())?);
            let length = u16::try_from(length)?.to_be_bytes();
            Ok([&length[..], &[label_length], &label, &[context_length], context].concat())
        };
        let expand = vec![
            Parameter::text("mode", "EXPAND_ONLY"),
            Parameter::text("digest", name),
            Parameter::octets("key", &secret),
            Parameter::octets("info", struct_of(&label, &context)?),
        ];
        session.demand(&kdf("HKDF", length, expand), &here)?;
        // TLS13-KDF knows the two digests of TLS 1.3 alone.
        if ["SHA2-256", "SHA2-384"].contains(&name) {
            let own = vec![
                Parameter::text("mode", "EXPAND_ONLY"),
                Parameter::text("digest", name),
                Parameter::octets("key", &secret),
                Parameter::octets("prefix", b"tls13 "),
                Parameter::octets("label", &label),
                Parameter::octets("data", &context),
            ];
            session.demand(&kdf("TLS13-KDF", length, own), &here)?;
        }
        Ok(())
    })
}

fn one_step_of<H: Hash>(session: &mut Session, name: &'static str, _: bool) -> Outcome {
    let lengths = [0, 70_000].into_iter().chain(below(session, 4 * H::LEN, 6));
    session.each(&format!("single step {name}"), lengths, |session, length| {
        let (mut secret, mut info, salt) = (any(session), any(session), few(session));
        if length > 4 * H::LEN {
            // Each digest of the output is one of all of them.
            (secret, info) = (few(session), few(session));
        }
        let digest = || Parameter::text("digest", name);
        let inputs = || [Parameter::octets("key", &secret), Parameter::octets("info", &info)];
        let here = filled(length, |out| single_step::<H>(&secret, &info, out));
        let asked: Vec<_> = inputs().into_iter().chain([digest()]).collect();
        session.demand(&kdf("SSKDF", length, asked.clone()), &here)?;
        let here = filled(length, |out| x963::<H>(&secret, &info, out));
        session.demand(&kdf("X963KDF", length, asked.clone()), &here)?;

        let here = filled(length, |out| single_step_hmac::<H>(&secret, &salt, &info, out));
        let mut with_mac = asked;
        with_mac.extend([Parameter::text("mac", "HMAC"), Parameter::octets("salt", &salt)]);
        session.demand(&kdf("SSKDF", length, with_mac), &here)
    })
}

fn kbkdf_of<H: Hash>(session: &mut Session, name: &'static str, _: bool) -> Outcome {
    let lengths = [0, 70_000].into_iter().chain(below(session, 5 * H::LEN, 6));
    session.each(&format!("KBKDF {name}"), lengths, |session, length| {
        let (label, context) = (few(session), few(session));
        let key = 1 + session.random.below(150);
        let key = session.random.bytes(key);
        let iv = session.random.below(2) * H::LEN;
        let iv = session.random.bytes(iv);
        let labelled = session.random.below(2) == 1;
        let (input, label) = if labelled {
            (FixedInput::Labelled { label: &label, context: &context }, &label[..])
        } else {
            (FixedInput::Raw(&context), &b""[..])
        };
        let parameters = |mode, seed: &[u8]| {
            vec![
                Parameter::text("mode", mode),
                Parameter::text("mac", "HMAC"),
                Parameter::text("digest", name),
                Parameter::octets("key", &key),
                Parameter::octets("salt", label),
                Parameter::octets("info", &context),
                Parameter::octets("seed", seed),
                Parameter::number("use-l", labelled.into()),
                Parameter::number("use-separator", labelled.into()),
            ]
        };
        let here = filled(length, |out| kbkdf_hmac::<H>(&key, input, out));
        session.demand(&kdf("KBKDF", length, parameters("counter", b"")), &here)?;
        let here = filled(length, |out| kbkdf_feedback_hmac::<H>(&key, &iv, input, out));
        session.demand(&kdf("KBKDF", length, parameters("feedback", &iv)), &here)
    })
}

fn kbkdf_over_cmac(session: &mut Session) -> Outcome {
    for (key_length, cipher) in [(16, "AES-128-CBC"), (24, "AES-192-CBC"), (32, "AES-256-CBC")] {
        let lengths = below(session, 100, 12);
        session.each(&format!("KBKDF {cipher}"), lengths, |session, length| {
            let (key, fixed) = (session.random.bytes(key_length), few(session));
            let iv = session.random.below(2) * 16;
            let iv = session.random.bytes(iv);
            let parameters = |mode, seed: &[u8]| {
                vec![
                    Parameter::text("mode", mode),
                    Parameter::text("mac", "CMAC"),
                    Parameter::text("cipher", cipher),
                    Parameter::octets("key", &key),
                    Parameter::octets("info", &fixed),
                    Parameter::octets("seed", seed),
                    Parameter::number("use-l", 0),
                    Parameter::number("use-separator", 0),
                ]
            };
            let input = FixedInput::Raw(&fixed);
            let here = filled(length, |out| kbkdf_cmac(&key, input, out));
            session.demand(&kdf("KBKDF", length, parameters("counter", b"")), &here)?;
            let here = filled(length, |out| kbkdf_feedback_cmac(&key, &iv, input, out));
            session.demand(&kdf("KBKDF", length, parameters("feedback", &iv)), &here)
        })?;
    }
    Ok(())
}

fn one_step_over_kmac(session: &mut Session) -> Outcome {
    let lengths = [70_000].into_iter().chain(below(session, 500, 23).into_iter().map(|it| 4 + it));
    session.each("single step KMAC", lengths, |session, length| {
        if length < 4 {
            return Ok(()); // tried when it shrinks
        }
        let (secret, info) = (any(session), any(session));
        let salt = 4 + session.random.below(509);
        let salt = match session.random.below(3) {
            0 => Vec::new(),
            _ => session.random.bytes(salt),
        };
        let asked = |mac| {
            vec![
                Parameter::text("mac", mac),
                Parameter::octets("key", &secret),
                Parameter::octets("salt", &salt),
                Parameter::octets("info", &info),
            ]
        };
        let here = filled(length, |out| single_step_kmac128(&secret, &salt, &info, out));
        session.demand(&kdf("SSKDF", length, asked("KMAC128")), &here)?;
        let here = filled(length, |out| single_step_kmac256(&secret, &salt, &info, out));
        session.demand(&kdf("SSKDF", length, asked("KMAC256")), &here)
    })
}

fn extracting_and_expanding(session: &mut Session) -> Outcome {
    each_digest!(session, hkdf_of);
    each_digest!(session, label_of);
    Ok(())
}

fn hashing_passwords(session: &mut Session) -> Outcome {
    each_digest!(session, pbkdf2_of);
    let lengths = [0].into_iter().chain(below(session, 300, 40));
    session.each("scrypt", lengths, |session, length| {
        let (password, salt) = (any(session), any(session));
        let log_n = 1 + u8::try_from(session.random.below(10))?;
        let small = |session: &mut Session| u32::try_from(1 + session.random.below(8));
        let (r, p) = (small(session)?, small(session)?);
        let cost = [1 << log_n, r.into(), p.into()];
        let here = ScryptCost::new(log_n, r, p)
            .and_then(|it| filled(length, |out| scrypt(&password, &salt, it, 1 << 26, out)));
        // N must be below 2^(16 r): what is refused here is refused there, for whatever reason.
        let asked = request("scrypt", &password, &salt, length, &cost);
        match &here {
            Err(_) if length > 0 => session.demand_refusal(&asked, &here),
            _ => session.demand(&asked, &here),
        }
    })?;
    let lengths = [0].into_iter().chain(below(session, 200, 6));
    session.each("Argon2id", lengths, |session, length| {
        let (password, salt) = (few(session), session.random.bytes(16));
        let lanes = 1 + u32::try_from(session.random.below(3))?;
        let (memory, passes) =
            (8 * lanes + u32::try_from(session.random.below(64))?, 1 + lanes % 2);
        let asked = vec![
            Parameter::octets("pass", &password),
            Parameter::octets("salt", &salt),
            Parameter::number("iter", passes.into()),
            Parameter::number("memcost", memory.into()),
            Parameter::number("lanes", lanes.into()),
        ];
        let asked = kdf("ARGON2ID", length, asked);
        let cost = Argon2Cost::new(memory, passes, lanes)?;
        let here = filled(length, |out| argon2id(&password, &salt, cost, out));
        match &here {
            Err(error) if error.kind() == ErrorKind::Unsupported => session.absent(&asked),
            Err(_) => session.demand_refusal(&asked, &here)?,
            Ok(_) => session.demand(&asked, &here)?,
        }
        Ok(())
    })
}

fn from_keys(session: &mut Session) -> Outcome {
    each_digest!(session, kbkdf_of);
    kbkdf_over_cmac(session)
}

fn in_one_step(session: &mut Session) -> Outcome {
    each_digest!(session, one_step_of);
    one_step_over_kmac(session)
}

/// Secrets, salts and outputs of 1 MiB.
fn the_longest(session: &mut Session) -> Outcome {
    let (secret, short) = (session.random.bytes(MOST), session.random.bytes(20));
    let here = filled(64, |out| hkdf::<Sha256>(&secret, &secret, &short, out));
    let asked = request("hkdf", &secret, &secret, 64, &[]);
    let asked = Request { header: (&short).into(), algorithm: "SHA2-256", ..asked };
    session.demand(&asked, &here)?;
    session.demand_own("go-hkdf", &asked, &here, false)?;

    let once = Iterations::legacy(NonZeroU32::MIN);
    for (password, salt, length) in
        [(&secret, &short, 64), (&short, &secret, 64), (&short, &short, MOST)]
    {
        let here = filled(length, |out| pbkdf2::<Sha512>(password, salt, once, out));
        let asked = request("pbkdf2", password, salt, length, &[1]);
        let asked = Request { algorithm: "SHA2-512", ..asked };
        session.demand(&asked, &here)?;
        session.demand_own("go-pbkdf2", &asked, &here, false)?;
        let cost = ScryptCost::new(2, 1, 1)?;
        let here = filled(length, |out| scrypt(password, salt, cost, 1 << 26, out));
        session.demand(&request("scrypt", password, salt, length, &[4, 1, 1]), &here)?;
    }
    for (secret, info, length) in
        [(&secret, &short, 64), (&short, &secret, 64), (&short, &short, MOST)]
    {
        let asked = vec![
            Parameter::octets("key", secret),
            Parameter::octets("info", info),
            Parameter::text("digest", "SHA2-256"),
        ];
        let here = filled(length, |out| single_step::<Sha256>(secret, info, out));
        session.demand(&kdf("SSKDF", length, asked.clone()), &here)?;
        let here = filled(length, |out| x963::<Sha256>(secret, info, out));
        session.demand(&kdf("X963KDF", length, asked), &here)?;
    }
    Ok(())
}
