//! What was sealed opens, and nothing else does: the input chooses an algorithm, a message, and what a
//! hostile carrier does to it.
#![no_main]

use arbitrary::Arbitrary;
use ffence::ErrorKind;
use ffence::crypto::{
    Aes256Ccm, Aes256Gcm, Aes256Ocb, ChaCha20Poly1305, CounterNonce, Key, Nonced,
};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
enum Algorithm {
    Gcm,
    Ccm,
    Ocb,
    ChaCha,
}

#[derive(Arbitrary, Debug)]
enum Change {
    Flip(u16, u8),
    Cut(u16),
    Add(Vec<u8>),
    Header(Vec<u8>),
    Replace(Vec<u8>),
}

#[derive(Arbitrary, Debug)]
struct Input {
    algorithm: Algorithm,
    key: [u8; 32],
    header: Vec<u8>,
    text: Vec<u8>,
    changes: Vec<Change>,
}

fn check<A: Nonced<KeyBytes = [u8; 32], Nonce = [u8; 12]>>(input: &Input) {
    let key = Key::<A>::from_bytes(&input.key);
    let mut sealer = key.sealer(CounterNonce::new(*b"fuzz")).expect("a sealer");
    let sealed = sealer.seal(&input.header, &input.text).expect("it is sealed");
    let mut opener = key.opener().expect("an opener");
    let (mut bytes, mut header) = (sealed.clone(), input.header.clone());
    for change in &input.changes {
        match change {
            Change::Flip(at, bits) if !bytes.is_empty() => {
                let at = usize::from(*at) % bytes.len();
                bytes[at] ^= bits;
            }
            Change::Flip(..) => {}
            Change::Cut(len) => bytes.truncate(usize::from(*len)),
            Change::Add(more) => bytes.extend_from_slice(more),
            Change::Header(other) => header.clone_from(other),
            Change::Replace(other) => bytes.clone_from(other),
        }
    }
    match opener.open(&header, &bytes) {
        Ok(text) => {
            assert!(bytes == sealed && header == input.header, "a forgery was taken");
            assert_eq!(text, input.text);
        }
        Err(error) => {
            assert!(bytes != sealed || header != input.header, "the original was refused: {error}");
            assert_eq!(error.kind(), ErrorKind::Authentication);
        }
    }
    // A refusal leaves the opener as it was.
    assert_eq!(opener.open(&input.header, &sealed).expect("the original"), input.text);
}

fuzz_target!(|input: Input| {
    match input.algorithm {
        Algorithm::Gcm => check::<Aes256Gcm>(&input),
        Algorithm::Ccm => check::<Aes256Ccm>(&input),
        Algorithm::Ocb => check::<Aes256Ocb>(&input),
        Algorithm::ChaCha => check::<ChaCha20Poly1305>(&input),
    }
});
