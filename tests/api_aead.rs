//! AEAD: what is sealed can be opened by who has the key and the header, and by nobody else.

use ffence::ErrorKind;
use ffence::crypto::{Aead, Aes256Gcm, Key, Opener, RandomNonce, Sealer};

type Pair = (Sealer<Aes256Gcm>, Opener<Aes256Gcm>);

fn pair() -> Pair {
    let key = Key::<Aes256Gcm>::generate().unwrap();
    (key.sealer(RandomNonce).unwrap(), key.opener().unwrap())
}

fn is_forgery<T: std::fmt::Debug>(outcome: ffence::Result<T>) {
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert!(error.records().is_empty() && error.function().is_none(), "an oracle: {error:?}");
}

#[test]
fn every_length_comes_back() {
    let (mut sealer, mut opener) = pair();
    for len in [0, 1, 15, 16, 17, 63, 64, 65, 4096, 65_535, 65_536, 65_537, 1 << 20] {
        let text: Vec<u8> = (0..=250).cycle().take(len).collect();
        for aad in [&b""[..], b"header", &text[..len.min(1000)]] {
            let sealed = sealer.seal(aad, &text).unwrap();
            assert_eq!(sealed.len(), 12 + len + 16);
            assert_eq!(opener.open(aad, &sealed).unwrap(), text);
        }
    }
}

#[test]
fn a_kept_context_and_a_fresh_one_agree() {
    let key = Key::<Aes256Gcm>::from_bytes(&[9; 32]);
    let mut kept = key.opener().unwrap();
    let mut sealer = key.sealer(RandomNonce).unwrap();
    for len in 0..100 {
        let sealed = sealer.seal(b"a", &vec![7; len]).unwrap();
        let fresh = key.opener().unwrap().open(b"a", &sealed).unwrap();
        assert_eq!(kept.open(b"a", &sealed).unwrap(), fresh);
    }
}

#[test]
fn every_single_altered_byte_is_noticed() {
    let (mut sealer, mut opener) = pair();
    let sealed = sealer.seal(b"header", b"attack at dawn").unwrap();
    for at in 0..sealed.len() {
        let mut altered = sealed.clone();
        altered[at] ^= 1;
        is_forgery(opener.open(b"header", &altered));
    }
    assert_eq!(opener.open(b"header", &sealed).unwrap(), b"attack at dawn", "still works");
}

#[test]
fn every_truncation_and_extension_is_noticed() {
    let (mut sealer, mut opener) = pair();
    let sealed = sealer.seal(b"", b"attack at dawn").unwrap();
    for len in 0..sealed.len() {
        is_forgery(opener.open(b"", &sealed[..len]));
        is_forgery(opener.open(b"", &sealed[sealed.len() - len..]));
    }
    is_forgery(opener.open(b"", &[&sealed[..], &[0]].concat()));
}

#[test]
fn another_header_and_another_key_are_noticed() {
    let (mut sealer, mut opener) = pair();
    let sealed = sealer.seal(b"to Bob", b"hello").unwrap();
    is_forgery(opener.open(b"to Eve", &sealed));
    is_forgery(opener.open(b"", &sealed));
    is_forgery(pair().1.open(b"to Bob", &sealed));
}

#[test]
fn what_is_not_genuine_is_wiped() {
    let (mut sealer, mut opener) = pair();
    let mut text = *b"attack at dawn, and bring the others";
    let mut nonce = [0; 12];
    let mut tag = sealer.seal_in_place(b"", &mut nonce, &mut text).unwrap();
    tag[15] ^= 0x80;
    is_forgery(opener.open_in_place(b"", &nonce, &mut text, &tag));
    assert_eq!(text, [0; 36]);
}

#[test]
fn in_place_and_appended_are_the_same_bytes() {
    let (mut sealer, mut opener) = pair();
    let mut text = *b"the same text";
    let mut nonce = [0; 12];
    let tag = sealer.seal_in_place(b"h", &mut nonce, &mut text).unwrap();
    let joined = [&nonce[..], &text, &tag].concat();
    assert_eq!(opener.open(b"h", &joined).unwrap(), b"the same text");

    let mut out = b"before:".to_vec();
    sealer.seal_to(b"h", b"the same text", &mut out).unwrap();
    let mut back = b"kept:".to_vec();
    opener.open_to(b"h", &out[7..], &mut back).unwrap();
    assert_eq!(back, b"kept:the same text");
    is_forgery(opener.open_to(b"x", &out[7..], &mut back));
    assert_eq!(back, b"kept:the same text", "a failure keeps what was there");
}

#[test]
fn nonces_never_repeat() {
    let (mut sealer, _) = pair();
    let mut seen = std::collections::HashSet::new();
    for _ in 0..10_000 {
        let sealed = sealer.seal(b"", b"").unwrap();
        assert!(seen.insert(sealed[..12].to_vec()));
    }
}

#[test]
fn all_sealers_of_a_key_together_keep_its_limit() {
    let key = Key::<Aes256Gcm>::generate().unwrap();
    let key = key.resume_after(Aes256Gcm::RANDOM_NONCE_MESSAGES - 100);
    let sealed: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut sealer = key.sealer(RandomNonce).unwrap();
                    (0..50).filter(|_| sealer.seal(b"", b"x").is_ok()).count()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(sealed, 100);
    let error = key.sealer(RandomNonce).unwrap().seal(b"", b"x").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
    assert_eq!(key.messages(), Aes256Gcm::RANDOM_NONCE_MESSAGES);
}

#[test]
fn a_key_has_one_length() {
    for len in [0, 16, 24, 31, 33, 64] {
        let error = Key::<Aes256Gcm>::from_slice(&vec![1; len]).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Length);
        assert!(error.to_string().ends_with(&format!("not {len}")), "{error}");
    }
}

#[test]
fn sealers_move_between_threads() {
    let (mut sealer, mut opener) = pair();
    let sealed = std::thread::spawn(move || sealer.seal(b"", b"from afar")).join().unwrap();
    assert_eq!(opener.open(b"", &sealed.unwrap()).unwrap(), b"from afar");
}

#[test]
fn debug_shows_no_secret() {
    let (sealer, opener) = pair();
    assert_eq!(format!("{sealer:?} {opener:?}"), "Sealer<AES-256-GCM> Opener<AES-256-GCM>");
}

/// Test vectors of GCM's authors: opening is the path on which the nonce comes from outside.
#[test]
fn published_vectors_open() {
    // McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 13, 14 and 16.
    let hex = |text: &str| -> Vec<u8> {
        text.as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    };
    let zero = "00".repeat(32);
    let key = "feffe9928665731c6d6a8f9467308308".repeat(2);
    let text = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72\
                1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
    let cipher = "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa\
                  8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662";
    let cases = [
        (&*zero, "00".repeat(12), "", "", "", "530f8afbc74536b9a963b4f1c4cb738b"),
        (
            &*zero,
            "00".repeat(12),
            "",
            "00000000000000000000000000000000",
            "cea7403d4d606b6e074ec5d3baf39d18",
            "d0d1c8a799996bf0265b98b5d48ab919",
        ),
        (
            &*key,
            "cafebabefacedbaddecaf888".to_owned(),
            "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            text,
            cipher,
            "76fc6ece0f4e1768cddf8853bb2d551b",
        ),
    ];
    for (key, nonce, aad, text, cipher, tag) in cases {
        let key = Key::<Aes256Gcm>::from_slice(&hex(key)).unwrap();
        let sealed = [hex(&nonce), hex(cipher), hex(tag)].concat();
        assert_eq!(key.opener().unwrap().open(&hex(aad), &sealed).unwrap(), hex(text));
    }
}
