//! The same requests through ffence and through Go's cgo, on the same C libraries: the same bytes,
//! and the same class of error.
//!
//! `PROPTEST_CASES` says how many requests each test makes up, `PARITY_SEED` (printed with a
//! failure) makes the same ones again. A failure shrinks to the smallest request that differs.

use std::cell::RefCell;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::{env, io, mem};

use ffence::crypto::{Aes256Gcm, Hasher, Key, RandomNonce, Sha256};
use ffence::http::Client;
use ffence_hazards::child::Ended;
use ffence_hazards::outcome::Outcome;
use ffence_hazards::parity::{Octets, Peer, Reply, Request};
use ffence_hazards::row::Detector;
use ffence_hazards::run::harness_or_skip;
use ffence_hazards::server::{Reply as Response, Server};
use ffence_hazards::session::class;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

type Failure = Box<dyn std::error::Error>;

/// The lengths at which something ends in AES, in SHA-256 or in a buffer.
const EDGES: [usize; 12] = [0, 1, 15, 16, 17, 55, 56, 63, 64, 65_535, 65_536, 65_537];
const NONCE: usize = 12;
const TAG: usize = 16;

/// Bytes that shrink by their length: 64 KiB of proptest's own elements would take minutes to.
#[derive(Clone, Debug)]
struct Bytes {
    length: usize,
    seed: u64,
}

impl Bytes {
    fn any() -> impl Strategy<Value = Self> {
        let lengths = prop_oneof![prop::sample::select(&EDGES[..]), 0_usize..5000];
        (lengths, any::<u64>()).prop_map(|(length, seed)| Self { length, seed })
    }

    /// `SplitMix64`, which makes any seed look random.
    fn make(&self) -> Vec<u8> {
        let mut state = self.seed;
        let words = std::iter::repeat_with(|| {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut mixed = state;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            mixed ^ (mixed >> 31)
        });
        words.flat_map(u64::to_le_bytes).take(self.length).collect()
    }
}

/// What happens to a sealed text on its way.
#[derive(Clone, Debug)]
enum Damage {
    /// A bit of the nonce, the text or the tag.
    Bit(Index, u8),
    /// A byte more in the header.
    Header,
    /// Its end is missing; the nonce is still whole.
    Short(Index),
    /// A byte more at its end.
    Long,
    /// The other side has another key.
    Key,
}

impl Damage {
    fn any() -> impl Strategy<Value = Self> {
        prop_oneof![
            (any::<Index>(), 0_u8..8).prop_map(|(at, bit)| Self::Bit(at, bit)),
            Just(Self::Header),
            any::<Index>().prop_map(Self::Short),
            Just(Self::Long),
            Just(Self::Key),
        ]
    }

    fn apply(&self, message: &mut Message) {
        match self {
            Self::Bit(at, bit) => {
                let at = at.index(message.sealed.len());
                message.sealed[at] ^= 1 << bit;
            }
            Self::Header => message.header.push(0),
            Self::Short(at) => {
                let tail = at.index(message.sealed.len() - NONCE) + 1;
                message.sealed.truncate(message.sealed.len() - tail);
            }
            Self::Long => message.sealed.push(0),
            Self::Key => message.key[0] ^= 1,
        }
    }
}

/// What travels: the key and the header beside it, and nonce, text and tag.
#[derive(Clone)]
struct Message {
    key: [u8; 32],
    header: Vec<u8>,
    sealed: Vec<u8>,
}

impl Message {
    /// Ours: the text, or the class of the error.
    fn open_here(&self) -> Result<Vec<u8>, String> {
        let opened = Key::<Aes256Gcm>::from_bytes(&self.key)
            .opener()
            .and_then(|mut it| it.open(&self.header, &self.sealed));
        opened.map_err(|error| class(error.kind()))
    }

    fn request(&self, op: &'static str, data: &[u8]) -> Request {
        Request {
            op,
            algorithm: "AES-256-GCM",
            length: TAG,
            key: self.key.into(),
            nonce: (&self.sealed[..NONCE]).into(),
            header: (&self.header).into(),
            data: data.into(),
            ..Request::default()
        }
    }

    fn open_there(&self, peer: &mut Peer) -> io::Result<Result<Vec<u8>, String>> {
        peer.ask(&self.request("open", &self.sealed[NONCE..])).map(Reply::outcome)
    }
}

/// Makes up requests until one shows a difference, with Go under `detector`; at the end Go must
/// leave without a report.
fn compare<S: Strategy>(
    detector: Detector,
    strategy: S,
    test: impl Fn(&mut Peer, S::Value) -> Result<(), TestCaseError>,
) -> Result<(), Failure> {
    let Some(harness) = harness_or_skip(detector) else { return Ok(()) };
    let seed = match env::var("PARITY_SEED") {
        Ok(digits) => u64::from_str_radix(&digits, 16)?,
        Err(_) => RandomState::new().build_hasher().finish(),
    };
    let bytes: Vec<u8> = [seed, 1, 2, 3].into_iter().flat_map(u64::to_le_bytes).collect();
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let config = Config { failure_persistence: None, ..Config::default() };
    let cases = config.cases;
    let mut runner = TestRunner::new_with_rng(config, random);

    let peer = RefCell::new(Peer::start(harness)?);
    let done = runner.run(&strategy, |value| {
        let mut peer = peer.borrow_mut();
        let Err(difference) = test(&mut peer, value) else { return Ok(()) };
        // Another Go for the smaller requests that are tried now: this one may be gone.
        let went = mem::replace(&mut *peer, Peer::start(harness)?).finish()?;
        Err(if left_well(&went) {
            difference
        } else {
            TestCaseError::fail(format!("{difference}\nGo: {}", Outcome::of(&went)))
        })
    });
    println!("{cases} requests under {detector}, PARITY_SEED={seed:016x}");
    if let Err(error) = done {
        panic!("{error}\nPARITY_SEED={seed:016x} makes the same requests");
    }

    let ended = peer.into_inner().finish()?;
    assert!(left_well(&ended), "Go under {detector}: {}\n{}", Outcome::of(&ended), ended.stderr);
    Ok(())
}

/// Nothing was reported, neither on the way nor at the exit, where leaks are looked for.
fn left_well(ended: &Ended) -> bool {
    ended.status.is_some_and(|it| it.success()) && ended.stderr.is_empty()
}

fn sealing(detector: Detector) -> Result<(), Failure> {
    let strategy = (any::<u64>(), Bytes::any(), Bytes::any(), Damage::any());
    compare(detector, strategy, |peer, (seed, header, text, damage)| {
        let (header, text) = (header.make(), text.make());
        let mut key = [0; 32];
        key.copy_from_slice(&Bytes { length: 32, seed }.make());
        let ours = Key::<Aes256Gcm>::from_bytes(&key)
            .sealer(RandomNonce)
            .and_then(|mut it| it.seal(&header, &text))?;
        prop_assert_eq!(ours.len(), NONCE + text.len() + TAG);
        let mut message = Message { key, header, sealed: ours };

        // Under our nonce, Go seals to the same bytes.
        let theirs = peer.ask(&message.request("seal", &text))?.outcome();
        prop_assert_eq!(theirs.as_deref(), Ok(&message.sealed[NONCE..]));
        // Each opens what the other sealed: it is the same text.
        let (here, there) = (message.open_here(), message.open_there(peer)?);
        prop_assert_eq!(here.as_deref(), Ok(&text[..]));
        prop_assert_eq!(there.as_deref(), Ok(&text[..]));

        damage.apply(&mut message);
        let here = message.open_here();
        prop_assert_eq!(here.clone(), Err("authentication".to_owned()));
        prop_assert_eq!(here, message.open_there(peer)?);
        Ok(())
    })
}

fn key_lengths(detector: Detector) -> Result<(), Failure> {
    compare(detector, (0_usize..80, any::<u64>()), |peer, (length, seed)| {
        let key = Bytes { length, seed }.make();
        let here = Key::<Aes256Gcm>::from_slice(&key).map(drop).map_err(|it| class(it.kind()));
        let request = Request {
            op: "seal",
            algorithm: "AES-256-GCM",
            length: TAG,
            key: key.into(),
            nonce: [0; NONCE].into(),
            ..Request::default()
        };
        let there = peer.ask(&request)?.outcome().map(drop);
        prop_assert_eq!(here, there);
        Ok(())
    })
}

fn digesting(detector: Detector) -> Result<(), Failure> {
    compare(detector, (Bytes::any(), any::<Index>()), |peer, (data, cut)| {
        let data = data.make();
        let request = Request {
            op: "digest",
            algorithm: "SHA2-256",
            data: (&data).into(),
            ..Request::default()
        };
        let theirs = peer.ask(&request)?.outcome();

        let whole = Sha256::digest(&data)?;
        prop_assert_eq!(theirs.as_deref(), Ok(whole.as_bytes()));

        let (head, tail) = data.split_at(cut.index(data.len() + 1));
        let mut hasher = Hasher::<Sha256>::new()?;
        hasher.update(head).and_then(|()| hasher.update(tail))?;
        prop_assert_eq!(hasher.finish()?, whole);
        Ok(())
    })
}

/// What a GET came to, and libcurl's code where it failed: both sides have the same libcurl.
type Fetched = Result<(u16, Vec<u8>), (String, i64)>;

fn fetch_here(client: &Client, url: &str) -> Fetched {
    match client.get(url).send() {
        Ok(response) => Ok((response.status().as_u16(), response.into_body())),
        Err(error) => Err((class(error.kind()), error.code().unwrap_or_default())),
    }
}

fn fetch_there(peer: &mut Peer, url: &str) -> io::Result<Fetched> {
    let reply = peer.ask(&Request { op: "get", url: url.to_owned(), ..Request::default() })?;
    Ok(match (reply.status, reply.data, reply.error) {
        (Some(status), Some(Octets(body)), None) => Ok((status, body)),
        (_, _, Some(it)) => Err((it.class, it.code.try_into().unwrap_or(i64::MAX))),
        _ => Err(("neither a response nor an error".to_owned(), 0)),
    })
}

fn fetching(detector: Detector) -> Result<(), Failure> {
    let server = Server::start()?;
    let client = Client::new()?;
    let statuses = prop::sample::select(&[200_u16, 201, 404, 500][..]);
    let missing = prop_oneof![4 => Just(0_usize), 1 => 1_usize..100];
    compare(detector, (statuses, Bytes::any(), missing), |peer, (status, body, missing)| {
        let body = body.make();
        let url = server.put("/", Response { status, body: body.clone(), missing });
        let here = fetch_here(&client, &url);
        let there = fetch_there(peer, &url)?;
        prop_assert_eq!(&here, &there);
        match here {
            Ok(response) => prop_assert_eq!((response, missing), ((status, body), 0)),
            Err((class, _)) => prop_assert!(class == "truncated" && missing > 0),
        }
        Ok(())
    })
}

/// Requests that come to nothing do so in the same way.
fn fetching_in_vain(detector: Detector) -> Result<(), Failure> {
    let Some(harness) = harness_or_skip(detector) else { return Ok(()) };
    let server = Server::start()?;
    let plain = server.put("/", Response { status: 200, body: Vec::new(), missing: 0 });
    let as_tls = plain.replace("http://", "https://");
    let client = Client::new()?;
    let mut peer = Peer::start(harness)?;
    let cases = [
        ("http://127.0.0.1:1/", "connect"),
        ("http://nobody.invalid/", "resolve"),
        (as_tls.as_str(), "tls"),
        ("http://127.0.0.1:99999/", "url"),
        ("http://", "url"),
        ("file:///dev/null", "url"),
        ("http://127.0.0.1/\0/", "url"),
    ];
    for (url, expected) in cases {
        let here = fetch_here(&client, url).map_err(|(class, _)| class);
        assert_eq!(here, Err(expected.to_owned()), "here: {url}");
        let there = fetch_there(&mut peer, url)?.map_err(|(class, _)| class);
        assert_eq!(there, Err(expected.to_owned()), "there: {url}");
    }
    assert!(left_well(&peer.finish()?));
    Ok(())
}

/// What is no request gets a reply too, and the next request is answered as if nothing had been.
fn nonsense(detector: Detector) -> Result<(), Failure> {
    let Some(harness) = harness_or_skip(detector) else { return Ok(()) };
    let mut peer = Peer::start(harness)?;
    let lines: [&[u8]; 8] = [
        b"{",
        b"null",
        b"[1]",
        b"\xff\0",
        br#"{"op":"unseal"}"#,
        br#"{"op":"seal","key":"zz"}"#,
        br#"{"op":"seal","key":"AAAA","colour":"green"}"#,
        br#"{"op":"get","url":1}"#,
    ];
    for line in lines {
        let reply = peer.ask_line(line)?.outcome();
        assert_eq!(reply, Err("request".to_owned()), "{}", line.escape_ascii());
    }
    let request =
        Request { op: "digest", algorithm: "SHA2-256", data: b"abc".into(), ..Request::default() };
    let reply = peer.ask(&request)?.outcome();
    assert_eq!(reply.as_deref(), Ok(Sha256::digest(b"abc")?.as_bytes()));
    assert!(left_well(&peer.finish()?));
    Ok(())
}

/// Each comparison under each detector, as a test of its own.
macro_rules! under {
    ($($detector:ident: $module:ident),*) => {$(
        mod $module {
            use super::{Detector, Failure};

            #[test]
            fn sealing() -> Result<(), Failure> {
                super::sealing(Detector::$detector)
            }

            #[test]
            fn key_lengths() -> Result<(), Failure> {
                super::key_lengths(Detector::$detector)
            }

            #[test]
            fn digesting() -> Result<(), Failure> {
                super::digesting(Detector::$detector)
            }

            #[test]
            fn fetching() -> Result<(), Failure> {
                super::fetching(Detector::$detector)
            }

            #[test]
            fn fetching_in_vain() -> Result<(), Failure> {
                super::fetching_in_vain(Detector::$detector)
            }

            #[test]
            fn nonsense() -> Result<(), Failure> {
                super::nonsense(Detector::$detector)
            }
        }
    )*};
}

under!(Asan: asan, Cgocheck: cgocheck);
