//! Key derivation: the vectors of the standards, and the limits that are found before C is called.

use std::num::NonZeroU32;

use ffence::ErrorKind;
use ffence::crypto::Sha256;
use ffence::crypto::kdf::{
    Argon2Cost, FixedInput, Iterations, KeyMaterial, Prk, ScryptCost, argon2id, hkdf, kbkdf_cmac,
    kbkdf_hmac, pbkdf2, scrypt, single_step, x963,
};

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
fn refused(len: usize, derive: impl FnOnce(&mut [u8]) -> ffence::Result<()>) -> ErrorKind {
    let mut out = vec![0xAA; len];
    let error = derive(&mut out).unwrap_err();
    assert!(out.iter().all(|&byte| byte == 0), "left in the output: {out:?}");
    error.kind()
}

/// RFC 5869, appendix A, the cases with SHA-256.
#[test]
fn hkdf_derives_what_rfc_5869_says() {
    let counted = |from: u8, to: u8| (from..=to).collect::<Vec<u8>>();
    let cases = [
        (
            vec![0x0b; 22],
            counted(0x00, 0x0c),
            counted(0xf0, 0xf9),
            "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
        ),
        (
            counted(0x00, 0x4f),
            counted(0x60, 0xaf),
            counted(0xb0, 0xff),
            "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c\
             59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71\
             cc30c58179ec3e87c14c01d5c1f3434f1d87",
        ),
        (
            vec![0x0b; 22],
            vec![],
            vec![],
            "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
        ),
    ];
    for (secret, salt, info, prk, okm) in cases {
        let okm = hex(okm);
        let at_once = filled(okm.len(), |out| hkdf::<Sha256>(&salt, &secret, &info, out));
        assert_eq!(at_once, okm);
        let extracted = Prk::<Sha256>::extract(&salt, &secret).unwrap();
        assert_eq!(extracted.as_bytes().unwrap(), hex(prk));
        let given = Prk::<Sha256>::from_slice(&hex(prk)).unwrap();
        for prk in [&extracted, &given, &given] {
            assert_eq!(filled(okm.len(), |out| prk.expand(&info, out)), okm);
            let array: KeyMaterial<42> = prk.expand_array(&info).unwrap();
            assert_eq!(array.as_bytes().unwrap()[..], okm[..42]);
        }
    }
}

#[test]
fn hkdf_derives_1_to_255_digests() {
    let prk = Prk::<Sha256>::extract(b"salt", b"secret").unwrap();
    let most = filled(255 * 32, |out| prk.expand(b"info", out));
    for len in [1, 31, 32, 33, 1000] {
        assert_eq!(filled(len, |out| prk.expand(b"info", out)), most[..len]);
    }
    for len in [0, 255 * 32 + 1] {
        assert_eq!(refused(len, |out| prk.expand(b"info", out)), ErrorKind::Length);
        assert_eq!(refused(len, |out| hkdf::<Sha256>(b"", b"", b"", out)), ErrorKind::Length);
    }
    // What the manual promises; for more, a version has room or says that it has none.
    assert_ne!(filled(32, |out| prk.expand(&[7; 1024], out)), [0; 32]);
    let mut out = [0; 32];
    match prk.expand(&vec![7; 1 << 20], &mut out) {
        Ok(()) => assert_ne!(out, [0; 32]),
        Err(error) => assert_eq!((error.kind(), out), (ErrorKind::OpenSsl, [0; 32])),
    }
    for len in [0, 31, 33, 64] {
        let error = Prk::<Sha256>::from_slice(&vec![1; len]).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Length);
    }
}

/// RFC 8448, section 3: the key schedule of a TLS 1.3 connection with SHA-256.
#[test]
fn tls_13_labels_derive_what_rfc_8448_says() {
    let empty = Sha256::digest(b"").unwrap();
    let early = Prk::<Sha256>::extract(&[0; 32], &[0; 32]).unwrap();
    assert_eq!(
        early.as_bytes().unwrap(),
        hex("33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a")
    );
    let derived = filled(32, |out| early.expand_label(b"derived", empty.as_bytes(), out));
    assert_eq!(derived, hex("6f2615a108c702c5678f54fc9dbab69716c076189c48250cebeac3576c3611ba"));
    let shared = hex("8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d");
    let handshake = Prk::<Sha256>::extract(&derived, &shared).unwrap();
    assert_eq!(
        handshake.as_bytes().unwrap(),
        hex("1dc826e93606aa6fdc0aadc12f741b01046aa6b99f691ed221a9f0ca043fbeac")
    );
    let transcript = hex("860c06edc07858ee8e78f0e7428c58edd6b43f2ca3e6e95f02ed063cf0e1cad8");
    let secret = filled(32, |out| handshake.expand_label(b"s hs traffic", &transcript, out));
    assert_eq!(secret, hex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38"));
    let secret = Prk::<Sha256>::from_slice(&secret).unwrap();
    let key = filled(16, |out| secret.expand_label(b"key", b"", out));
    assert_eq!(key, hex("3fce516009c21727d0f2e4e86ee403bc"));
    let iv = filled(12, |out| secret.expand_label(b"iv", b"", out));
    assert_eq!(iv, hex("5d313eb2671276ee13000b30"));
}

#[test]
fn tls_13_labels_have_limits() {
    let prk = Prk::<Sha256>::extract(b"", b"secret").unwrap();
    let longest = filled(8, |out| prk.expand_label(&[b'l'; 249], &[7; 255], out));
    let info = [&[0, 8, 255][..], b"tls13 ", &[b'l'; 249], &[255], &[7; 255]].concat();
    assert_eq!(longest, filled(8, |out| prk.expand(&info, out)));
    let label =
        |label: &[u8], context: &[u8]| refused(8, |out| prk.expand_label(label, context, out));
    assert_eq!(label(b"", b""), ErrorKind::Parameter);
    assert_eq!(label(&[b'l'; 250], b""), ErrorKind::Parameter);
    assert_eq!(label(b"key", &[7; 256]), ErrorKind::Parameter);
}

/// RFC 7914, section 11, and RFC 6070's cases computed with SHA-256.
#[test]
fn pbkdf2_derives_what_the_rfcs_say() {
    let few = |count| Iterations::legacy(NonZeroU32::new(count).unwrap());
    let cases = [
        (
            &b"passwd"[..],
            &b"salt"[..],
            few(1),
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc\
             49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783",
        ),
        (
            b"Password",
            b"NaCl",
            Iterations::new(80_000).unwrap(),
            "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56\
             a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d",
        ),
        (
            b"password",
            b"salt",
            few(2),
            "ae4d0c95af6b46d32d0adff928f06dd02a303f8ef3c251dfd6e2d85a95474c43",
        ),
        (
            b"password",
            b"salt",
            Iterations::new(4096).unwrap(),
            "c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a",
        ),
        (
            b"pass\0word",
            b"sa\0lt",
            Iterations::new(4096).unwrap(),
            "89b69d0516f829893c696226650a8687",
        ),
    ];
    for (password, salt, iterations, expected) in cases {
        let expected = hex(expected);
        let derived =
            filled(expected.len(), |out| pbkdf2::<Sha256>(password, salt, iterations, out));
        assert_eq!(derived, expected);
    }
}

#[test]
fn pbkdf2_refuses_what_protects_nothing() {
    for count in [0, 1, 999] {
        assert_eq!(Iterations::new(count).unwrap_err().kind(), ErrorKind::Parameter);
    }
    assert_eq!(Iterations::new(1000).unwrap().get(), Iterations::LEAST);
    assert_eq!(Iterations::SHA_256.get(), 600_000);
    let least = Iterations::new(1000).unwrap();
    assert_eq!(refused(0, |out| pbkdf2::<Sha256>(b"p", b"s", least, out)), ErrorKind::Length);
    let empty = filled(32, |out| pbkdf2::<Sha256>(b"", b"", least, out));
    assert_ne!(empty, [0; 32]);
}

/// RFC 7914, section 12. The case that takes 1 GiB is left out: it takes longer than all the rest.
#[test]
fn scrypt_derives_what_rfc_7914_says() {
    let cases = [
        (
            &b""[..],
            &b""[..],
            (4, 1, 1),
            "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442\
             fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906",
        ),
        (
            b"password",
            b"NaCl",
            (10, 8, 16),
            "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162\
             2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640",
        ),
        (
            b"pleaseletmein",
            b"SodiumChloride",
            (14, 8, 1),
            "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2\
             d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887",
        ),
    ];
    for (password, salt, (log_n, r, p), expected) in cases {
        let cost = ScryptCost::new(log_n, r, p).unwrap();
        let derived = filled(64, |out| scrypt(password, salt, cost, cost.memory(), out));
        assert_eq!(derived, hex(expected), "within exactly the memory that it says it takes");
        let tight = refused(64, |out| scrypt(password, salt, cost, cost.memory() - 1, out));
        assert_eq!(tight, ErrorKind::Parameter);
    }
}

#[test]
fn scrypt_refuses_absurd_costs() {
    for (log_n, r, p) in [
        (0, 8, 1),
        (64, 8, 1),
        (255, 8, 1),
        (16, 1, 1),
        (14, 0, 1),
        (14, 8, 0),
        (14, 1 << 15, 1 << 15),
        (14, u32::MAX, u32::MAX),
    ] {
        let error = ScryptCost::new(log_n, r, p).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Parameter, "{log_n} {r} {p}");
    }
    let vast = ScryptCost::new(63, 1 << 29, 1).unwrap();
    assert_eq!(vast.memory(), u64::MAX);
    let refusal = refused(32, |out| scrypt(b"p", b"s", vast, 1 << 40, out));
    assert_eq!(refusal, ErrorKind::Parameter);
}

/// RFC 9106, section 5.3, has a secret and associated data, which a password hash does not; these
/// are of the reference implementation's test suite (argon2id, version 0x13).
#[test]
fn argon2id_derives_or_names_the_version_that_it_needs() {
    let cost = Argon2Cost::new(256, 2, 1).unwrap();
    let mut out = [0xAA; 32];
    match argon2id(b"password", b"somesalt", cost, &mut out) {
        Ok(()) => assert_eq!(
            out[..],
            hex("9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe")
        ),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            let text = error.to_string();
            assert!(text.contains("ARGON2ID, which OpenSSL has since 3.2"), "{text}");
            assert_eq!(out, [0; 32]);
            let version = ffence::capabilities().unwrap().openssl().version().to_string();
            assert!(version.contains("3.0") || version.contains("3.1"), "{version} has Argon2id");
        }
    }
}

#[test]
fn argon2id_refuses_absurd_costs() {
    for (memory, passes, lanes) in
        [(7, 1, 1), (64, 0, 1), (64, 1, 0), (64, 1, 9), (u32::MAX, 1, 1 << 24)]
    {
        let error = Argon2Cost::new(memory, passes, lanes).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Parameter);
    }
    let cost = Argon2Cost::RECOMMENDED;
    assert_eq!(refused(32, |out| argon2id(b"p", b"1234567", cost, out)), ErrorKind::Length);
    assert_eq!(refused(3, |out| argon2id(b"p", b"12345678", cost, out)), ErrorKind::Length);
}

/// The definitions, written down: a digest over the counter, the secret and the info.
#[test]
fn one_step_functions_do_what_their_standards_say() {
    for len in [1_usize, 16, 32, 33, 200] {
        let blocks = (1_u32..).map(u32::to_be_bytes).take(len.div_ceil(32));
        let (mut ss, mut x9) = (Vec::new(), Vec::new());
        for counter in blocks {
            let ss_input = [&counter[..], b"secret", b"info"].concat();
            ss.extend(Sha256::digest(&ss_input).unwrap().into_bytes());
            let x9_input = [b"secret", &counter[..], b"info"].concat();
            x9.extend(Sha256::digest(&x9_input).unwrap().into_bytes());
        }
        assert_eq!(filled(len, |out| single_step::<Sha256>(b"secret", b"info", out)), ss[..len]);
        assert_eq!(filled(len, |out| x963::<Sha256>(b"secret", b"info", out)), x9[..len]);
    }
    assert_eq!(refused(0, |out| single_step::<Sha256>(b"secret", b"", out)), ErrorKind::Length);
    assert_eq!(refused(0, |out| x963::<Sha256>(b"secret", b"", out)), ErrorKind::Length);

    // NIST CAVP, component test vectors for ANSI X9.63 with SHA-256.
    let secret = hex("22518b10e70f2a3f243810ae3254139efbee04aa57c7af7d");
    let info = hex("75eef81aa3041e33b80971203d2c0c52");
    assert_eq!(
        filled(32, |out| x963::<Sha256>(&secret, &info, out)),
        hex("c498af77161cc59f2962b9a713e2b215152d139766ce34a776df11866a69bf2e")
    );
}

/// SP 800-108, section 4.1, written down over HMAC (FIPS 198-1), itself written down over SHA-256.
fn counter_mode(key: &[u8], fixed: &[u8], len: usize) -> Vec<u8> {
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key);
    let hmac = |data: &[u8]| {
        let inner = [&block.map(|byte| byte ^ 0x36)[..], data].concat();
        let inner = Sha256::digest(&inner).unwrap();
        let outer = [&block.map(|byte| byte ^ 0x5c)[..], inner.as_bytes()].concat();
        Sha256::digest(&outer).unwrap().into_bytes()
    };
    let counters = (1_u32..).take(len.div_ceil(32));
    let blocks = counters.flat_map(|counter| hmac(&[&counter.to_be_bytes()[..], fixed].concat()));
    blocks.take(len).collect()
}

#[test]
fn kbkdf_with_hmac_does_what_its_standard_says() {
    let key = [7; 32];
    for len in [1_usize, 16, 32, 33, 200] {
        let bits = u32::try_from(8 * len).unwrap().to_be_bytes();
        for (label, context) in [(&b"label"[..], &b"context"[..]), (b"", b"context"), (b"l", b"")] {
            let fixed = [label, &[0], context, &bits].concat();
            let expected = counter_mode(&key, &fixed, len);
            let labelled = FixedInput::Labelled { label, context };
            assert_eq!(filled(len, |out| kbkdf_hmac::<Sha256>(&key, labelled, out)), expected);
            let raw = FixedInput::Raw(&fixed);
            assert_eq!(filled(len, |out| kbkdf_hmac::<Sha256>(&key, raw, out)), expected);
        }
    }
    let input = FixedInput::Raw(b"x");
    assert_eq!(refused(0, |out| kbkdf_hmac::<Sha256>(&key, input, out)), ErrorKind::Length);
    assert_eq!(refused(8, |out| kbkdf_hmac::<Sha256>(b"", input, out)), ErrorKind::Length);
}

/// NIST CAVP, SP 800-108 in counter mode, the counter of 32 bits before the fixed input.
#[test]
fn kbkdf_with_cmac_derives_what_nist_says() {
    let cases = [
        (
            "c10b152e8c97b77e18704e0f0bd38305",
            "98cd4cbbbebe15d17dc86e6dbad800a2dcbd64f7c7ad0e78e9cf94ffdba89d03\
             e97eadf6c4f7b806caf52aa38f09d0eb71d71f497bcc6906b48d36c4",
            "26faf61908ad9ee881b8305c221db53f",
        ),
        (
            "b2fcf854b1029888aeb0274ca09bb21a",
            "a6b84baae7a6ceb1d63ed704757500c510c0a8bdc22d2f42af09f79c815f37f3\
             3b67dad0b30f428fc1e2d355f7f91f65acbedd2fdd5b8c38dd890407",
            "fe4c2c0242c5a295c008aeb87ae0815171de6173773292347f4f5ec07185c3f8\
             60b5667c199aad55",
        ),
        (
            "f4267280cb8667c2cf82bb37f389da6391f58cc74deba0cc",
            "34abbc9f7b12622309a827de5abfdd51fb5bb824838fcde88ca7bc5f3953abdc\
             b445147f13e809e294f75e6d4e3f13b66e47f2dfc881ed392e3a1bf6",
            "2d1b4b5694b6741b2ed9c02c05474225",
        ),
    ];
    for (key, fixed, expected) in cases {
        let (key, fixed, expected) = (hex(key), hex(fixed), hex(expected));
        let input = FixedInput::Raw(&fixed);
        assert_eq!(filled(expected.len(), |out| kbkdf_cmac(&key, input, out)), expected);
    }
    for len in [0, 15, 17, 33] {
        let key = vec![1; len];
        let input = FixedInput::Raw(b"x");
        assert_eq!(refused(8, |out| kbkdf_cmac(&key, input, out)), ErrorKind::Length);
    }
}

#[test]
fn what_is_kept_may_be_shared() {
    fn shared<T: Send + Sync>() {}
    shared::<Prk<Sha256>>();
    shared::<KeyMaterial<32>>();
    shared::<ffence::crypto::PasswordHash>();
    shared::<ffence::crypto::unauthenticated::Key<ffence::crypto::unauthenticated::Aes128Ctr>>();
}

#[test]
fn derivation_works_on_many_threads_at_once() {
    let prk = Prk::<Sha256>::extract(b"salt", b"secret").unwrap();
    let expected = filled(100, |out| prk.expand(b"info", out));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    assert_eq!(filled(100, |out| prk.expand(b"info", out)), expected);
                }
            });
        }
    });
}
