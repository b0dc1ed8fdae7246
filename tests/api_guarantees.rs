//! What this crate refuses where wrappers of OpenSSL have been caught: one test for each weakness.
//!
//! What does not even compile is a `compile_fail` example beside its method, which `make test` runs:
//!
//! | weakness | does not compile | is an error, or harmless |
//! |---|---|---|
//! | a provider is used after its library was freed | `crypto::Library`: no provider can be held, and no name of one outlives it | `nothing_of_a_library_outlives_it` |
//! | a text is decrypted without its tag | `crypto::Opener::open_in_place`: the tag is an argument | `without_a_tag_nothing_is_opened` |
//! | a tag of one byte is taken for genuine | `crypto::Opener::open_in_place`: the tag's length is its type | `a_tag_is_whole_or_refused` |
//! | a nonce is used twice in silence | `crypto::hazmat::Nonce`: it is moved, and has no copies | `no_nonce_is_used_twice` |
//! | a key that is too long is taken by its first bytes | `crypto::Key::from_bytes`: its length is its type | `a_key_has_its_length_or_is_refused` |

use std::collections::HashSet;

use ffence::crypto::unauthenticated::{self, Aes256Ctr};
use ffence::crypto::{
    Aead, Aes128Ccm, Aes128Siv, Aes256Gcm, Aes256Ocb, ChaCha20Poly1305, CounterNonce, Hasher, Hmac,
    Key, Library, Nonced, Octets as _, Provided, RandomNonce, Sha256, StreamKey, hazmat, kdf,
};
use ffence::{ErrorKind, Result};

const TEXT: &[u8] = b"a text of more than two blocks of the cipher";

fn kind<T>(outcome: Result<T>) -> Option<ErrorKind> {
    outcome.err().map(|error| error.kind())
}

/// Everything that a library has made, dropped in every order: under AddressSanitizer this test fails
/// where an object is freed after what it stands on.
#[test]
fn nothing_of_a_library_outlives_it() {
    type Part = Box<dyn std::any::Any>;
    let make = || -> Result<Vec<Part>> {
        let library = Library::builder().provider("default").provider("base").build()?;
        let key = Key::<ChaCha20Poly1305>::generate_in(&library)?;
        let origin = Sha256::origin_in(&library)?; // owns the provider's name
        Ok(vec![
            Box::new(key.sealer(RandomNonce)?),
            Box::new(key),
            Box::new(Hasher::<Sha256>::new_in(&library)?),
            Box::new(Hmac::<Sha256>::new_in(&library, b"key")?),
            Box::new(library),
            Box::new(origin),
        ])
    };
    let parts = make().unwrap().len();
    for first in 0..parts {
        for second in 0..parts - 1 {
            let mut made = make().unwrap();
            drop(made.remove(first));
            drop(made.remove(second));
            made.into_iter().rev().for_each(drop);
        }
    }
    let mut made = make().unwrap();
    made.truncate(3);
    let mut hasher = made.pop().unwrap().downcast::<Hasher<Sha256>>().unwrap();
    hasher.update(b"abc").unwrap();
    assert_eq!(hasher.finish().unwrap(), Sha256::digest(b"abc").unwrap());
}

/// The tag is no option of the opener: a text that is shorter than one is no text.
fn truncated<A: Nonced>() -> Result<()> {
    let key = Key::<A>::generate()?;
    let sealed = key.sealer(RandomNonce)?.seal(b"to", TEXT)?;
    let mut opener = key.opener()?;
    for len in 0..sealed.len() {
        let mut out = b"kept".to_vec();
        let outcome = opener.open_to(b"to", &sealed[..len], &mut out);
        // OpenSSL 3.0 opens no empty text in SIV, whatever its tag.
        let empty = len == A::NONCE_LEN + A::TAG_LEN;
        match kind(outcome) {
            Some(ErrorKind::Authentication) => {}
            Some(ErrorKind::Unsupported) if empty => {}
            other => panic!("{} of {len} bytes: {other:?}", A::NAME),
        }
        assert_eq!(out, b"kept", "nothing was released");
    }
    // Nor is anything released where the caller gives the room, and a tag that nobody made.
    let mut nonce = A::Nonce::ZERO;
    nonce.as_mut().copy_from_slice(&sealed[..A::NONCE_LEN]);
    let mut text = sealed[A::NONCE_LEN..A::NONCE_LEN + TEXT.len()].to_vec();
    let outcome = opener.open_in_place(b"to", &nonce, &mut text, &A::Tag::ZERO);
    assert_eq!(kind(outcome), Some(ErrorKind::Authentication));
    assert_eq!(text, vec![0; TEXT.len()], "the place is wiped");
    assert_eq!(opener.open(b"to", &sealed)?, TEXT, "and the opener goes on");
    Ok(())
}

#[test]
fn without_a_tag_nothing_is_opened() {
    truncated::<ChaCha20Poly1305>().unwrap();
    truncated::<Aes256Gcm>().unwrap();
    truncated::<Aes256Ocb>().unwrap();
    truncated::<Aes128Ccm>().unwrap();
    truncated::<Aes128Siv>().unwrap();
}

#[test]
fn a_tag_is_whole_or_refused() {
    fn tags<A: Nonced>() -> Result<()> {
        let key = Key::<A>::generate()?;
        let sealed = key.sealer(RandomNonce)?.seal(b"", TEXT)?;
        let mut opener = key.opener()?;
        let tag = sealed.len() - A::TAG_LEN;
        // Every byte of it counts.
        for at in tag..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert_eq!(kind(opener.open(b"", &altered)), Some(ErrorKind::Authentication));
        }
        // Its first bytes alone are none, wherever the text is thought to end.
        for len in 1..A::TAG_LEN {
            let short = &sealed[..tag + len];
            assert_eq!(kind(opener.open(b"", short)), Some(ErrorKind::Authentication));
        }
        Ok(())
    }
    tags::<Aes256Gcm>().unwrap();
    tags::<ChaCha20Poly1305>().unwrap();
    tags::<Aes128Ccm>().unwrap();

    // A MAC's tag likewise.
    let mut hmac = Hmac::<Sha256>::new(b"key").unwrap();
    let tag = hmac.sign(TEXT).unwrap();
    for len in 0..tag.as_bytes().len() {
        let outcome = hmac.verify(TEXT, &tag.as_bytes()[..len]);
        assert_eq!(kind(outcome), Some(ErrorKind::Authentication), "{len} bytes");
    }
    hmac.verify(TEXT, tag).unwrap();
}

/// Sealers of one key, clones and threads included, never come to the same nonce; and a key that has
/// no more says so for ever.
#[test]
fn no_nonce_is_used_twice() {
    const EACH: usize = 1500; // more than a counter takes at once
    fn nonces(mut seal: impl FnMut() -> Result<Vec<u8>>) -> Vec<[u8; 12]> {
        (0..EACH).map(|_| *seal().unwrap().first_chunk().unwrap()).collect()
    }
    let key = Key::<Aes256Gcm>::generate().unwrap();
    let counter = CounterNonce::new(*b"site");
    let mut counted = key.sealer(counter).unwrap();
    let mut cloned = counted.try_clone().unwrap();
    let mut second = key.sealer(counter).unwrap();
    let drawn = std::thread::scope(|scope| {
        let threads = [
            scope.spawn(|| nonces(|| counted.seal(b"", b""))),
            scope.spawn(|| nonces(|| cloned.seal(b"", b""))),
            scope.spawn(|| nonces(|| second.seal(b"", b""))),
            scope.spawn(|| {
                let mut random = key.sealer(RandomNonce).unwrap();
                nonces(|| random.seal(b"", b""))
            }),
        ];
        threads.map(|thread| thread.join().unwrap()).concat()
    });
    assert_eq!(drawn.iter().collect::<HashSet<_>>().len(), 4 * EACH);

    let key = key.resume_after(Aes256Gcm::MESSAGES);
    for _ in 0..3 {
        assert_eq!(kind(key.sealer(RandomNonce).unwrap().seal(b"", b"")), Some(ErrorKind::Limit));
        assert_eq!(kind(key.sealer(counter).unwrap().seal(b"", b"")), Some(ErrorKind::Limit));
        let chosen = hazmat::Nonce::from_bytes([9; 12]);
        let outcome = hazmat::Sealer::new(&key).unwrap().seal(chosen, b"", b"");
        assert_eq!(kind(outcome), Some(ErrorKind::Limit));
    }
}

#[test]
fn a_key_has_its_length_or_is_refused() {
    let (bytes, library) = ([7; 99], Library::new().unwrap());
    for len in 0..=bytes.len() {
        let key = &bytes[..len];
        let expected = |right: usize| (len != right).then_some(ErrorKind::Length);
        assert_eq!(kind(Key::<Aes256Gcm>::from_slice(key)), expected(32), "{len}");
        assert_eq!(kind(Key::<Aes256Gcm>::from_slice_in(&library, key)), expected(32), "{len}");
        assert_eq!(kind(Key::<Aes128Siv>::from_slice(key)), expected(32), "{len}");
        assert_eq!(kind(Key::<Aes128Ccm>::from_slice(key)), expected(16), "{len}");
        assert_eq!(kind(StreamKey::<Aes256Gcm>::from_slice(key)), expected(32), "{len}");
        let outcome = unauthenticated::Key::<Aes256Ctr>::from_slice(key);
        assert_eq!(kind(outcome), expected(32), "{len}");
        assert_eq!(kind(kdf::Prk::<Sha256>::from_slice(key)), expected(32), "{len}");
    }
    // Where any length is a key, all of it counts.
    let tag = |key: &[u8]| Hmac::<Sha256>::new(key)?.sign(TEXT);
    let tags: HashSet<_> =
        (1..=bytes.len()).map(|len| tag(&bytes[..len]).unwrap().into_bytes()).collect();
    assert_eq!(tags.len(), bytes.len());
}
