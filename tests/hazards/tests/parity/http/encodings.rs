//! Bodies that come compressed, and are not always whole.

use ffence_hazards::call::Call;
use miniz_oxide::deflate::{compress_to_vec, compress_to_vec_zlib};
use proptest::prelude::*;
use proptest::sample::Index;
use serde::{Deserialize, Serialize};

use super::super::session::{Failure, Session};
use super::server::{Answer, Watched};
use super::{Bytes, Others, compare, count};

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Case {
    /// What the client takes.
    wanted: usize,
    /// What the body is in, inside first.
    coats: Vec<usize>,
    body: Bytes,
    /// Text, which gets smaller, or bytes, which do not.
    is_text: bool,
    damage: Option<(usize, u8)>,
}

/// What a client may ask for: `gzip` alone is what Go's net/http asks for by itself.
const WANTED: [&str; 5] = ["gzip", "", "deflate, gzip", "identity", "gzip, br, zstd"];

type Coat = (&'static str, fn(&[u8]) -> Vec<u8>);

const COATS: [Coat; 5] =
    [("gzip", gzip), ("deflate", zlib), ("br", brotli), ("zstd", zstd), ("no-such-coding", plain)];

pub fn compression(session: &mut Session) -> Result<(), Failure> {
    let server = Watched::plain();
    let damage = prop::option::weighted(0.3, (any::<Index>(), 0_u8..9));
    let cases = (
        0..WANTED.len(),
        prop_oneof![6 => prop::collection::vec(0..COATS.len(), 0..2), 1 => prop::collection::vec(0..3_usize, 2)],
        Bytes::any(),
        any::<bool>(),
        damage,
    )
        .prop_map(|(wanted, coats, body, is_text, damage)| Case {
            wanted,
            coats,
            body,
            is_text,
            damage: damage.map(|(at, bit)| (at.index(1 << 20), bit)),
        });
    session.generated("compression", 2 * count(), &cases, |session, case| {
        let mut body = if case.is_text {
            "All work and no play. ".bytes().cycle().take(case.body.length).collect()
        } else {
            case.body.make()
        };
        for coat in &case.coats {
            body = COATS[*coat].1(&body);
        }
        let own = case.wanted == 0 && matches!(case.coats[..], [] | [0]) && case.damage.is_none();
        if let (Some((at, bit)), false) = (case.damage, body.is_empty()) {
            let at = at % body.len();
            // A bit of it is another, or its end is missing.
            if bit < 8 { body[at] ^= 1 << bit } else { body.truncate(at) }
        }
        let names: Vec<_> = case.coats.iter().map(|it| COATS[*it].0).collect();
        let coded = (!names.is_empty()).then(|| ("content-encoding".to_owned(), names.join(", ")));
        let answer = Answer { headers: coded.into_iter().collect(), body, ..Answer::default() };
        server.answer([("/coded".to_owned(), answer)]);
        let call = Call { encoding: Some(WANTED[case.wanted]), ..server.call("GET", "/coded") };
        compare(session, &server, &[call], Others { own, client: false })
    })
}

fn plain(body: &[u8]) -> Vec<u8> {
    body.to_vec()
}

/// RFC 1950, which is what HTTP calls deflate.
fn zlib(body: &[u8]) -> Vec<u8> {
    compress_to_vec_zlib(body, 6)
}

/// RFC 1952: no name, no time.
fn gzip(body: &[u8]) -> Vec<u8> {
    let checksum = body.iter().fold(!0_u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| sum >> 1 ^ (0xEDB8_8320 * (sum & 1)))
    });
    let mut coded = vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255];
    coded.extend(compress_to_vec(body, 6));
    coded.extend((!checksum).to_le_bytes());
    coded.extend(u32::try_from(body.len()).unwrap_or_default().to_le_bytes());
    coded
}

/// RFC 7932, section 9.2: meta-blocks of at most 64 KiB that are not compressed.
fn brotli(body: &[u8]) -> Vec<u8> {
    // A window of 16 bits is the bit 0.
    let mut bits = Bits::default();
    bits.push(0, 1);
    for piece in body.chunks(1 << 16) {
        bits.push(0, 1); // not the last
        bits.push(0, 2); // four nibbles of length
        bits.push(u32::try_from(piece.len() - 1).unwrap_or_default(), 16);
        bits.push(1, 1); // not compressed
        bits.align();
        bits.bytes.extend_from_slice(piece);
    }
    bits.push(3, 2); // the last, and empty
    bits.align();
    bits.bytes
}

/// Bits, the lowest first.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    left: u32,
    count: u32,
}

impl Bits {
    fn push(&mut self, value: u32, count: u32) {
        self.left |= value << self.count;
        self.count += count;
        while self.count >= 8 {
            self.bytes.push(self.left.to_le_bytes()[0]);
            self.left >>= 8;
            self.count -= 8;
        }
    }

    fn align(&mut self) {
        if self.count > 0 {
            self.push(0, 8 - self.count);
        }
    }
}

/// RFC 8878, section 3.1.1: one frame of raw blocks, with its size and without a checksum.
fn zstd(body: &[u8]) -> Vec<u8> {
    let mut coded = vec![0x28, 0xB5, 0x2F, 0xFD, 0b1010_0000];
    coded.extend(u32::try_from(body.len()).unwrap_or_default().to_le_bytes());
    let blocks: Vec<&[u8]> =
        if body.is_empty() { vec![body] } else { body.chunks(1 << 16).collect() };
    for (at, block) in blocks.iter().enumerate() {
        let is_last = u32::from(at + 1 == blocks.len());
        let head = is_last | u32::try_from(block.len()).unwrap_or_default() << 3;
        coded.extend_from_slice(&head.to_le_bytes()[..3]);
        coded.extend_from_slice(block);
    }
    coded
}
