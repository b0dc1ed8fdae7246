//! The same digests and HMACs through ffence, in kept contexts, and through Go's cgo, by OpenSSL's
//! functions that do all in one call: the same bytes, for 0 bytes to 1 MiB.
//!
//! `PARITY_SEED` (printed) makes the same requests again.

use std::collections::hash_map::RandomState;
use std::env;
use std::hash::{BuildHasher as _, Hasher as _};

use ffence::crypto::legacy::Sha1;
use ffence::crypto::{
    Blake2b512, Blake2s256, Digest, Hash, Hasher, Hmac, Sha3_224, Sha3_256, Sha3_384, Sha3_512,
    Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256,
};
use ffence_hazards::parity::{Hex, Peer, Request};
use ffence_hazards::random::Random;
use ffence_hazards::row::Detector;
use ffence_hazards::run::harness_or_skip;

type Failure = Box<dyn std::error::Error>;

/// The lengths at which something ends in a block of a digest, and the longest.
const EDGES: [usize; 16] =
    [0, 1, 55, 56, 63, 64, 65, 71, 72, 103, 104, 127, 128, 135, 136, 1 << 20];

/// An edge, a short text or a long one.
fn any_length(random: &mut Random) -> usize {
    match random.below(8) {
        0 | 1 => EDGES[random.below(EDGES.len())],
        2..=6 => random.below(1000),
        _ => random.below((1 << 20) + 1),
    }
}

/// What Go says of one request.
fn there(peer: &mut Peer, request: &Request) -> Result<Vec<u8>, Failure> {
    let reply = peer.ask(request)?;
    match (reply.data, reply.error) {
        (Some(Hex(data)), None) => Ok(data),
        (_, Some(error)) => Err(format!("Go: {error:?}").into()),
        (None, None) => Err("Go: neither data nor an error".into()),
    }
}

/// One digest and one HMAC by `H`, whole and in two pieces.
fn compare<H: Hash>(name: &str, peer: &mut Peer, random: &mut Random) -> Result<(), Failure> {
    let length = any_length(random);
    let data = random.bytes(length);
    let cut = random.below(data.len() + 1);
    let (head, tail) = data.split_at(cut);
    let mut request =
        Request { op: "digest", header: name.into(), data: (&data).into(), ..Request::default() };
    let theirs = there(peer, &request)?;
    assert_eq!(Digest::<H>::of(&data)?.as_bytes(), theirs, "{name} of {} bytes", data.len());
    let mut hasher = Hasher::<H>::new()?;
    hasher.update(head)?;
    let mut other = hasher.try_clone()?;
    hasher.update(tail)?;
    other.update(tail)?;
    assert_eq!(hasher.finish()?.as_bytes(), theirs, "{name}, cut at {}", head.len());
    assert_eq!(other.finish()?.as_bytes(), theirs, "{name}, cloned at {}", head.len());

    let key_length = random.below(300);
    let key = if random.below(8) == 0 { Vec::new() } else { random.bytes(key_length) };
    request.op = "hmac";
    request.key = (&key).into();
    let theirs = there(peer, &request)?;
    let mut hmac = Hmac::<H>::new(&key)?;
    for round in 0..2 {
        let ours = hmac.sign(&data)?;
        assert_eq!(ours.as_bytes(), theirs, "{name}, key of {}, round {round}", key.len());
    }
    let mut message = hmac.begin()?;
    message.update(head)?;
    message.update(tail)?;
    message.verify(&theirs)?;
    Ok(())
}

fn everything(detector: Detector) -> Result<(), Failure> {
    let Some(harness) = harness_or_skip(detector) else { return Ok(()) };
    let seed = match env::var("PARITY_SEED") {
        Ok(digits) => u64::from_str_radix(&digits, 16)?,
        Err(_) => RandomState::new().build_hasher().finish(),
    };
    println!("PARITY_SEED={seed:016x}");
    let random = &mut Random::new(seed);
    let mut running = Peer::start(harness)?;
    let peer = &mut running;
    let rounds = 12;
    for _ in 0..rounds {
        compare::<Sha1>("SHA1", peer, random)?;
        compare::<Sha224>("SHA2-224", peer, random)?;
        compare::<Sha256>("SHA2-256", peer, random)?;
        compare::<Sha384>("SHA2-384", peer, random)?;
        compare::<Sha512>("SHA2-512", peer, random)?;
        compare::<Sha512_224>("SHA2-512/224", peer, random)?;
        compare::<Sha512_256>("SHA2-512/256", peer, random)?;
        compare::<Sha3_224>("SHA3-224", peer, random)?;
        compare::<Sha3_256>("SHA3-256", peer, random)?;
        compare::<Sha3_384>("SHA3-384", peer, random)?;
        compare::<Sha3_512>("SHA3-512", peer, random)?;
        compare::<Blake2s256>("BLAKE2S-256", peer, random)?;
        compare::<Blake2b512>("BLAKE2B-512", peer, random)?;
    }
    println!("{} digests and as many HMACs under {detector}", 13 * rounds);

    // A digest that is not there is an error on the other side too, and the peer goes on.
    let request = Request { op: "hmac", header: b"NO-SUCH-DIGEST".into(), ..Request::default() };
    assert_eq!(peer.ask(&request)?.error.map(|it| it.class), Some("openssl".to_owned()));
    compare::<Sha256>("SHA2-256", peer, random)?;

    // A detector reports at the exit as well.
    let ended = running.finish()?;
    assert!(ended.status.is_some_and(|it| it.success()), "{}", ended.stderr);
    assert!(ended.stderr.is_empty(), "{}", ended.stderr);
    Ok(())
}

#[test]
fn asan() -> Result<(), Failure> {
    everything(Detector::Asan)
}

#[test]
fn cgocheck() -> Result<(), Failure> {
    everything(Detector::Cgocheck)
}
