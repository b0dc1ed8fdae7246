//! KBKDF and the single-step KDF in their other forms: NIST's vectors, and the standards' formulas
//! written down with this crate's own MACs.

use ffence::ErrorKind;
use ffence::crypto::kdf::{
    FixedInput, kbkdf_cmac, kbkdf_feedback_cmac, kbkdf_feedback_hmac, kbkdf_hmac, single_step_hmac,
    single_step_kmac128, single_step_kmac256,
};
use ffence::crypto::legacy::Sha1;
use ffence::crypto::{Aes128, Cmac, Hash, Hmac, Kmac128, Kmac256, Sha3_256, Sha256, Sha512};

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

/// What `derive` fills a slice of `len` bytes with.
fn filled(len: usize, derive: impl FnOnce(&mut [u8]) -> ffence::Result<()>) -> Vec<u8> {
    let mut out = vec![0xAA; len];
    derive(&mut out).unwrap();
    out
}

/// `derive` refuses a slice of `len` bytes and leaves zeroes in it.
fn is_length(len: usize, derive: impl FnOnce(&mut [u8]) -> ffence::Result<()>) {
    let mut out = vec![0xAA; len];
    assert_eq!(derive(&mut out).unwrap_err().kind(), ErrorKind::Length);
    assert!(out.iter().all(|&byte| byte == 0), "left in the output: {out:?}");
}

/// CAVS 14.4, KDF in counter mode, `PRF=HMAC_SHA256`, `CTRLOCATION=BEFORE_FIXED`, `RLEN=32_BITS`.
#[test]
fn counter_mode_with_hmac_derives_what_nist_says() {
    let key = hex("dd1d91b7d90b2bd3138533ce92b272fbf8a369316aefe242e659cc0ae238afe0");
    let fixed = hex("01322b96b30acd197979444e468e1c5c6859bf1b1cf951b7e725303e237e46b8\
         64a145fab25e517b08f8683d0315bb2911d80a0e8aba17f3b413faac");
    let derived = filled(16, |out| kbkdf_hmac::<Sha256>(&key, FixedInput::Raw(&fixed), out));
    assert_eq!(derived, hex("10621342bfb0fd40046c0e29f2cfdbf0"));
}

/// CAVS 12.0, KDF in feedback mode, `PRF=CMAC_AES128`, `CTRLOCATION=AFTER_ITER`, `RLEN=32_BITS`:
/// counts 20 and 25.
#[test]
fn feedback_mode_with_cmac_derives_what_nist_says() {
    let cases = [
        (
            "debc673e525ef2027f3e9fc69ad707a3",
            "e0f022a66d29cdbc5a6419047139871f",
            "68ffa0bdbde152afab7fce07a6f85b64eb5032ba3615b77ef89062b242c05abf\
             028b04d2e927a625cff3b9daa6321b0c2af608",
            "7f73799bd37254f0c7339f47d1f688d88b237fba08205bd7a8011b8d9dc23f1d\
             89c67bf94add6993b284b25743dd4690ec05e300ffc89ea0f1e78a29f602a7e3\
             0e0882eeddc5",
        ),
        (
            "52e5245c5d9a33fc50dc7a41724f2900",
            "",
            "ff51c9c291b34a4d41f91151a9ef898c660414f7ca027475db68dc07044413cd\
             3ada105d8466047f407828017b802971acc351",
            "f70d4f3f0cee21f83679d4a526598d33138b342dc485547ad443a1085a78d231\
             883aa2ef4d32c7196c42bf599efe3e1c71a1151697260b16d7b042ab3b5ce706\
             a04a33db3097",
        ),
    ];
    for (key, iv, fixed, expected) in cases {
        let (key, iv, fixed) = (hex(key), hex(iv), hex(fixed));
        let input = FixedInput::Raw(&fixed);
        assert_eq!(filled(70, |out| kbkdf_feedback_cmac(&key, &iv, input, out)), hex(expected));
    }
}

/// The same with `PRF=HMAC_SHA256`.
#[test]
fn feedback_mode_with_hmac_derives_what_nist_says() {
    let cases = [
        (
            "8be09e2afc2ed94094fb81c33388efd2fe033c91c1f10422273fbe86276efdcb",
            "95417f80a30a245c7ef4aa3ce34f4c3282fc4d3f2ab83a78a8aff81f4746f8f9",
            "e3ecbf3aee81f028458940ab09c17e3ad6e08f4e8ba98b546dbc7bbd48bd41b3\
             a022e1ddf0ed0493f7ccf5f6a7397685c06e93",
            "51e833ce160ff68c89f3acff8c9b1cfca58fb53608b0eda4389139ec30595499\
             bdf6b7d783a16504c8b27e89eff34e966a9857f22e94f4bd6a787409fed9bfd6\
             4f742b6c1a6d",
        ),
        (
            "e3dd9ec3bc30026325040b4d6a820234319bbacf204c9b3c95aef17216513395",
            "",
            "06b76346a153c26e1c493ef94d72095cfa23e08042407368d72ae760f2f1f212\
             5121f0b3ec105fe75818e247da135e42305dfb",
            "dafc087eea03a7865ad67cf9c441125c55de25d818de44279a49e77b370179c1\
             e0a56bf8e905dfc3bb6f8d187106e1a793e77d198d041f4ce6a5072b8610b2c9\
             b5bdf0c0ca07",
        ),
    ];
    for (key, iv, fixed, expected) in cases {
        let (key, iv, fixed) = (hex(key), hex(iv), hex(fixed));
        let input = FixedInput::Raw(&fixed);
        let derived = filled(70, |out| kbkdf_feedback_hmac::<Sha256>(&key, &iv, input, out));
        assert_eq!(derived, hex(expected));
    }
}

/// SP 800-108, section 4.2: K(i) = PRF(K, K(i-1) || i || label || 0 || context || bits).
fn feedback(iv: &[u8], fixed: &[u8], len: usize, mut prf: impl FnMut(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let (mut last, mut all) = (iv.to_vec(), Vec::new());
    for counter in 1_u32.. {
        last = prf(&[&last, &counter.to_be_bytes()[..], fixed].concat());
        all.extend_from_slice(&last);
        if all.len() >= len {
            break;
        }
    }
    all.truncate(len);
    all
}

#[test]
fn feedback_mode_does_what_its_standard_says() {
    fn hmac<H: Hash>() {
        let key = [7; 29];
        for (len, iv) in [(1, 0), (H::LEN - 1, H::LEN), (H::LEN, 0), (3 * H::LEN + 5, H::LEN)] {
            let iv = vec![3; iv];
            let bits = u32::try_from(8 * len).unwrap().to_be_bytes();
            let fixed = [&b"label"[..], &[0], b"context", &bits].concat();
            let mut mac = Hmac::<H>::new(&key).unwrap();
            let sign = |data: &[u8]| mac.sign(data).unwrap().as_bytes().to_vec();
            let expected = feedback(&iv, &fixed, len, sign);
            let input = FixedInput::Labelled { label: b"label", context: b"context" };
            let derive = |out: &mut [u8]| kbkdf_feedback_hmac::<H>(&key, &iv, input, out);
            assert_eq!(filled(len, derive), expected, "{} {len}", H::NAME);
        }
    }
    hmac::<Sha1>();
    hmac::<Sha256>();
    hmac::<Sha512>();
    hmac::<Sha3_256>();
    let mut mac = Cmac::<Aes128>::new(&[7; 16]).unwrap();
    let sign = |data: &[u8]| mac.sign(data).unwrap().as_bytes().to_vec();
    let expected = feedback(&[9; 16], b"fixed", 50, sign);
    let input = FixedInput::Raw(b"fixed");
    let derive = |out: &mut [u8]| kbkdf_feedback_cmac(&[7; 16], &[9; 16], input, out);
    assert_eq!(filled(50, derive), expected);
}

#[test]
fn key_based_derivation_has_limits() {
    let input = FixedInput::Raw(b"x");
    for iv in [1, 15, 17, 31, 33] {
        let iv = vec![1; iv];
        is_length(8, |out| kbkdf_feedback_hmac::<Sha256>(b"key", &iv, input, out));
        is_length(8, |out| kbkdf_feedback_cmac(&[1; 16], &iv, input, out));
    }
    is_length(8, |out| kbkdf_feedback_hmac::<Sha256>(b"", b"", input, out));
    is_length(0, |out| kbkdf_feedback_hmac::<Sha256>(b"key", b"", input, out));
    is_length(8, |out| kbkdf_feedback_cmac(&[1; 15], b"", input, out));
    is_length(8, |out| kbkdf_cmac(&[1; 15], input, out));
}

/// The unofficial vectors that OpenSSL tests itself with; NIST publishes none for this function.
#[test]
fn the_single_step_with_hmac_derives_what_others_do() {
    let derive = |secret: &str, salt: &str, info: &str, len| {
        let (secret, salt, info) = (hex(secret), hex(salt), hex(info));
        filled(len, |out| single_step_hmac::<Sha256>(&secret, &salt, &info, out))
    };
    assert_eq!(
        derive(
            "6ee6c00d70a6cd14bd5a4e8fcfec8386",
            "532f5131e0a2fecc722f87e5aa2062cb",
            "861aa2886798231259bd0314",
            16
        ),
        hex("13479e9a91dd20fdd757d68ffe8869fb")
    );
    assert_eq!(
        derive("2c2438b6321fed7a9eac200b91b3ac30", "6199187690823def2037e0632577c6b1", "", 56),
        hex("b402fda16e1c2719263be82158972c9080a7bafcbe0a3a6ede3504a3d5c8c0c0\
             e00fe7e5f6bb3afdfa4d661b8fbe4bd7b950cfe0b2443bbd")
    );
    // No salt.
    assert_eq!(
        derive("e60d902e63b1a2bf5dab733cadb47b10", "", "03697296e42a6fdbdb24b3ec", 32),
        hex("3fde6c078dd6dc65aacf62beafa39398d2b3d7cfb4b0ee4807bfc98a15330eef")
    );
    let (secret, info) = (hex("abb7d7554c0de41cada5826a1f79d76f"), hex("a80b9061879365b1669c87a8"));
    assert_eq!(
        filled(64, |out| single_step_hmac::<Sha512>(&secret, b"", &info, out)),
        hex("71e29fff69198eca92f5180bcb281fbdaf409ec7c99ca704b1f56e782d3c4db1\
             0cb4158e6634d793a46c13bffb6bdb71a01101936ea9b20f7dbe302558b1356c")
    );
}

/// SP 800-56C, section 4.1: H(counter || Z || info), H being a MAC under the salt.
#[test]
fn the_single_step_with_a_mac_does_what_its_standard_says() {
    fn hmac<H: Hash>() {
        for len in [1, H::LEN, H::LEN + 1, 4 * H::LEN - 1] {
            let mut mac = Hmac::<H>::new(b"salt").unwrap();
            let blocks = (1_u32..).take(len.div_ceil(H::LEN)).flat_map(|counter| {
                let data = [&counter.to_be_bytes()[..], b"secret", b"info"].concat();
                mac.sign(&data).unwrap().as_bytes().to_vec()
            });
            let expected: Vec<u8> = blocks.take(len).collect();
            let derive = |out: &mut [u8]| single_step_hmac::<H>(b"secret", b"salt", b"info", out);
            assert_eq!(filled(len, derive), expected, "{} {len}", H::NAME);
        }
    }
    fn kmac<const N: usize>() {
        let data = [&1_u32.to_be_bytes()[..], b"secret", b"info"].concat();
        for salt in [&b""[..], b"salt", &[5; 512]] {
            // Section 4.1, option 3: the default is as long as the rate less 4.
            let key = |zeroes| if salt.is_empty() { vec![0; zeroes] } else { salt.to_vec() };
            let tag = Kmac128::<N>::new(&key(164), b"KDF").unwrap().sign(&data).unwrap();
            let derive = |out: &mut [u8]| single_step_kmac128(b"secret", salt, b"info", out);
            assert_eq!(filled(N, derive), tag.as_bytes());
            let tag = Kmac256::<N>::new(&key(132), b"KDF").unwrap().sign(&data).unwrap();
            let derive = |out: &mut [u8]| single_step_kmac256(b"secret", salt, b"info", out);
            assert_eq!(filled(N, derive), tag.as_bytes());
        }
    }
    hmac::<Sha1>();
    hmac::<Sha256>();
    hmac::<Sha512>();
    hmac::<Sha3_256>();
    kmac::<4>();
    kmac::<32>();
    kmac::<64>();
    kmac::<1000>();
}

#[test]
fn the_single_step_with_a_mac_has_limits() {
    is_length(0, |out| single_step_hmac::<Sha256>(b"secret", b"salt", b"info", out));
    is_length(3, |out| single_step_kmac128(b"secret", b"salt", b"info", out));
    is_length(1 << 21, |out| single_step_kmac256(b"secret", b"salt", b"info", out));
    is_length(32, |out| single_step_kmac128(b"secret", b"sal", b"info", out));
    is_length(32, |out| single_step_kmac256(b"secret", &[1; 513], b"info", out));
}
