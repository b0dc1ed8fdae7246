//! A sealed stream in the hands of a hostile carrier, read in pieces of any size: what comes out is
//! the start of what went in, and the end is reached only by the original.
#![no_main]

use std::io::{Read as _, Write as _};

use arbitrary::Arbitrary;
use ffence::crypto::{Aes128Gcm, StreamKey};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
enum Change {
    Flip(u32, u8),
    Cut(u32),
    Add(Vec<u8>),
    /// Moves a piece to the end.
    Move(u32, u16),
    Replace(Vec<u8>),
}

#[derive(Arbitrary, Debug)]
struct Input {
    key: [u8; 16],
    context: Vec<u8>,
    start: Vec<u8>,
    /// So many more bytes, to cross the limits of chunks of 16 KiB.
    more: u16,
    changes: Vec<Change>,
    pieces: Vec<u16>,
}

fuzz_target!(|input: Input| {
    let mut text = input.start.clone();
    text.resize(text.len() + usize::from(input.more), 7);
    let key = StreamKey::<Aes128Gcm>::from_bytes(&input.key);
    let mut writer = key.seal(&input.context, Vec::new()).expect("a writer");
    writer.write_all(&text).expect("it is sealed");
    let sealed = writer.finish().expect("it is closed");
    let mut bytes = sealed.clone();
    for change in input.changes {
        match change {
            Change::Flip(at, bits) if !bytes.is_empty() => {
                let at = at as usize % bytes.len();
                bytes[at] ^= bits;
            }
            Change::Flip(..) => {}
            Change::Cut(len) => bytes.truncate(len as usize),
            Change::Add(more) => bytes.extend(more),
            Change::Move(at, len) if !bytes.is_empty() => {
                let at = at as usize % bytes.len();
                let end = (at + usize::from(len)).min(bytes.len());
                let piece: Vec<u8> = bytes.drain(at..end).collect();
                bytes.extend(piece);
            }
            Change::Move(..) => {}
            Change::Replace(other) => bytes = other,
        }
    }
    let mut reader = key.open(&input.context, &bytes[..]);
    let mut out = Vec::new();
    let mut pieces = input.pieces.iter().copied().chain(std::iter::repeat(4096));
    let ended = loop {
        let mut piece = vec![0; usize::from(pieces.next().unwrap_or(1)).max(1)];
        match reader.read(&mut piece) {
            Ok(0) => break true,
            Ok(len) => out.extend_from_slice(&piece[..len]),
            Err(_) => break false,
        }
    };
    assert!(text.starts_with(&out), "unverified bytes came out");
    assert_eq!(ended, bytes == sealed, "the end of {} bytes", bytes.len());
    assert_eq!(reader.is_complete(), ended);
    assert!(!ended || out == text);
});
