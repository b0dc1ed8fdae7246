//! Nonces: no two messages of a key have the same one, whoever seals, and the limits hold.

use std::collections::HashSet;

use ffence::ErrorKind;
use ffence::crypto::{
    Aead, Aes128, Aes128Ccm, Aes128Ccm8, Aes128Gcm, Aes128Ocb, Aes192Ocb, Aes256, Aes256Gcm,
    Aes256Ocb, Aes256Siv, Ccm, ChaCha20Poly1305, CounterNonce, Deterministic, Key, NoNonce, Nonced,
    Octets, RandomNonce, hazmat,
};

fn hex(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

fn is_limit<T: std::fmt::Debug>(outcome: ffence::Result<T>) {
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Limit);
}

#[test]
fn a_counter_counts_from_0_behind_its_prefix() {
    fn check<A: Nonced>() {
        let key = Key::<A>::generate().unwrap();
        let mut sealer = key.sealer(CounterNonce::new([1, 2, 3, 4])).unwrap();
        let mut opener = key.opener().unwrap();
        for number in 0..3000_u64 {
            let sealed = sealer.seal(b"h", b"text").unwrap();
            let (nonce, _) = sealed.split_at(A::NONCE_LEN);
            assert_eq!(nonce[..4], [1, 2, 3, 4]);
            let room = 8.min(A::NONCE_LEN - 4);
            assert_eq!(nonce[A::NONCE_LEN - room..], number.to_be_bytes()[8 - room..]);
            assert_eq!(opener.open(b"h", &sealed).unwrap(), b"text");
        }
    }
    check::<Aes256Gcm>();
    check::<ChaCha20Poly1305>();
    check::<Aes128Ccm>();
    check::<Ccm<Aes256, 7, 4>>();
    check::<Ccm<Aes256, 11, 16>>();
    check::<Ccm<Aes128, 13, 8>>();
    check::<Aes128Ocb>();
    check::<Aes256Siv>();
}

/// What a short nonce leaves of the number is counted, and not a message more is sealed.
#[test]
fn a_counter_in_a_short_nonce_ends_before_it_repeats() {
    type Short = Ccm<Aes128, 7, 16>;
    assert_eq!(Short::MESSAGES, 1 << 24);
    let key = Key::<Short>::generate().unwrap().resume_after(Short::MESSAGES - 1);
    let mut sealer = key.sealer(CounterNonce::new(*b"site")).unwrap();
    assert!(sealer.seal(b"", b"last").unwrap().starts_with(b"site\xff\xff\xff"));
    is_limit(sealer.seal(b"", b"one too many"));
    is_limit(sealer.seal(b"", b"one too many"));
}

/// The numbers that the documentation of CCM states.
#[test]
fn the_lengths_of_ccm_limit_its_texts_and_messages() {
    fn limits<A: Aead>() -> (u64, u64, u64) {
        (A::MAX_LEN, A::RANDOM_NONCE_MESSAGES, A::MESSAGES)
    }
    let int = (1 << 31) - 1;
    assert_eq!(limits::<Ccm<Aes128, 7, 16>>(), (int, 1 << 12, 1 << 24));
    assert_eq!(limits::<Ccm<Aes128, 8, 16>>(), (int, 1 << 16, 1 << 32));
    assert_eq!(limits::<Ccm<Aes128, 9, 16>>(), (int, 1 << 20, 1 << 33));
    assert_eq!(limits::<Ccm<Aes128, 10, 16>>(), (int, 1 << 24, 1 << 33));
    assert_eq!(limits::<Ccm<Aes128, 11, 16>>(), (int, 1 << 28, 1 << 33));
    assert_eq!(limits::<Aes128Ccm8>(), ((1 << 24) - 1, 1 << 32, 1 << 40));
    assert_eq!(limits::<Ccm<Aes128, 13, 16>>(), ((1 << 16) - 1, 1 << 36, 1 << 48));
}

#[test]
fn sealers_and_their_clones_never_meet() {
    let key = Key::<ChaCha20Poly1305>::generate().unwrap();
    let first = key.sealer(CounterNonce::new(*b"same")).unwrap();
    let sealers =
        [first.try_clone().unwrap(), first, key.sealer(CounterNonce::new(*b"same")).unwrap()];
    let threads = sealers.map(|mut sealer| {
        std::thread::spawn(move || -> Vec<Vec<u8>> {
            (0..5000).map(|_| sealer.seal(b"", b"").unwrap()[..12].to_vec()).collect()
        })
    });
    let mut seen = HashSet::new();
    for thread in threads {
        for nonce in thread.join().unwrap() {
            assert!(seen.insert(nonce));
        }
    }
    assert_eq!(seen.len(), 15_000);
    assert!(key.messages() >= 15_000);
}

#[test]
fn a_counter_goes_on_where_an_earlier_process_stopped() {
    let key = Key::<Aes128Gcm>::from_bytes(&[1; 16]);
    key.sealer(CounterNonce::new([0; 4])).unwrap().seal(b"", b"").unwrap();
    let (next, counted) = (Key::<Aes128Gcm>::from_bytes(&[1; 16]), key.messages());
    let next = next.resume_after(counted);
    let sealed = next.sealer(CounterNonce::new([0; 4])).unwrap().seal(b"", b"").unwrap();
    assert_eq!(sealed[4..12], counted.to_be_bytes());
}

#[test]
fn an_exhausted_counter_fails_for_ever() {
    let key = Key::<Aes128Gcm>::generate().unwrap().resume_after(Aes128Gcm::MESSAGES - 3);
    let mut sealer = key.sealer(CounterNonce::new([0; 4])).unwrap();
    for _ in 0..3 {
        sealer.seal(b"", b"").unwrap();
    }
    for _ in 0..5000 {
        is_limit(sealer.seal(b"", b""));
    }
    is_limit(key.sealer(CounterNonce::new([9; 4])).unwrap().seal(b"", b""));
    is_limit(key.sealer(RandomNonce).unwrap().seal(b"", b""));
    let nonce = hazmat::Nonce::from_bytes([0; 12]);
    is_limit(hazmat::Sealer::new(&key).unwrap().seal(nonce, b"", b""));

    let key = Key::<Aes128Gcm>::generate().unwrap().resume_after(u64::MAX);
    is_limit(key.sealer(CounterNonce::new([0; 4])).unwrap().seal(b"", b""));
}

#[test]
fn random_nonces_bring_their_limit_to_all_sealers() {
    let key = Key::<Aes128Gcm>::generate().unwrap();
    let key = key.resume_after(Aes128Gcm::RANDOM_NONCE_MESSAGES - 1);
    let mut counter = key.sealer(CounterNonce::new([0; 4])).unwrap();
    let _random = key.sealer(RandomNonce).unwrap();
    counter.seal(b"", b"").unwrap();
    is_limit(counter.seal(b"", b""));

    let key = Key::<Aes128Gcm>::generate().unwrap();
    let key = key.resume_after(Aes128Gcm::RANDOM_NONCE_MESSAGES);
    key.sealer(CounterNonce::new([0; 4])).unwrap().seal(b"", b"").unwrap();
    is_limit(key.sealer(RandomNonce).unwrap().seal(b"", b""));
}

#[test]
fn without_a_nonce_the_same_is_sealed_to_the_same() {
    // RFC 5297, appendix A.1.
    type Wrap = Deterministic<ffence::crypto::Aes128Siv>;
    let key = hex("fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
    let key = Key::<Wrap>::from_slice(&key).unwrap();
    let header = hex("101112131415161718191a1b1c1d1e1f2021222324252627");
    let text = hex("112233445566778899aabbccddee");
    let mut sealer = key.sealer(NoNonce).unwrap();
    for _ in 0..3 {
        let sealed = sealer.seal(&header, &text).unwrap();
        assert_eq!(sealed, hex("40c02b9690c4dc04daef7f6afe5c85632d07c6e8f37f950acd320a2ecc93"));
        assert_eq!(key.opener().unwrap().open(&header, &sealed).unwrap(), text);
    }
    let mut sealed = sealer.seal(&header, &text).unwrap();
    sealed[0] ^= 1;
    let error = key.opener().unwrap().open(&header, &sealed).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
}

/// RFC 7253, appendix A: all lengths from 0 to 127, with and without header and text.
#[test]
fn ocb_is_that_of_its_rfc() {
    fn check<A: Nonced<Nonce = [u8; 12]>>(expected: &str) {
        let mut key = vec![0; A::KEY_LEN];
        key[A::KEY_LEN - 1] = 128;
        let key = Key::<A>::from_slice(&key).unwrap();
        let (mut sealer, mut opener) = (hazmat::Sealer::new(&key).unwrap(), key.opener().unwrap());
        let mut all = Vec::new();
        let mut number = 0_u32;
        let mut seal = |header: &[u8], text: &[u8]| {
            number += 1;
            let mut bytes = [0; 12];
            bytes[8..].copy_from_slice(&number.to_be_bytes());
            let nonce = hazmat::Nonce::from_bytes(bytes);
            let sealed = sealer.seal(nonce, header, text).unwrap();
            assert_eq!(opener.open_with(header, &bytes, &sealed).unwrap(), text);
            let (text_in_place, tag) = sealed.split_at(text.len());
            let mut text_in_place = text_in_place.to_vec();
            let mut own = <A::Tag as Octets>::ZERO;
            own.as_mut().copy_from_slice(tag);
            opener.open_in_place(header, &bytes, &mut text_in_place, &own).unwrap();
            assert_eq!(text_in_place, text);
            own.as_mut()[15] ^= 1;
            let forged = opener.open_in_place(header, &bytes, &mut text_in_place, &own);
            assert_eq!(forged.unwrap_err().kind(), ErrorKind::Authentication);
            sealed
        };
        for len in 0..128 {
            let zeroes = vec![0; len];
            for (header, text) in [(&zeroes[..], &zeroes[..]), (&[], &zeroes), (&zeroes, &[])] {
                all.extend(seal(header, text));
            }
        }
        assert_eq!(seal(&all, b""), hex(expected));
    }
    check::<Aes128Ocb>("67e944d23256c5e0b6c61fa22fdf1ea2");
    check::<Aes192Ocb>("f673f2c3e7174aae7bae986ca9f29e17");
    check::<Aes256Ocb>("d90eb8e9c977c88b79dd793d7ffa161c");
}

#[test]
fn a_text_that_is_too_long_is_refused_before_c_sees_it() {
    fn check<A: Nonced>() {
        let key = Key::<A>::generate().unwrap();
        let mut text = vec![0; usize::try_from(A::MAX_LEN + 1).unwrap()];
        let mut nonce = <A::Nonce as Octets>::ZERO;
        let mut sealer = key.sealer(RandomNonce).unwrap();
        let error = sealer.seal_in_place(b"", &mut nonce, &mut text).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Length, "{error}");
        text.pop();
        let tag = sealer.seal_in_place(b"", &mut nonce, &mut text).unwrap();
        key.opener().unwrap().open_in_place(b"", &nonce, &mut text, &tag).unwrap();
        assert!(text.iter().all(|byte| *byte == 0));
    }
    check::<Aes128Ccm>();
    check::<Ccm<Aes256, 13, 4>>();
}

/// RFC 7253 limits the blocks of a key, not those of a message.
#[test]
fn a_long_message_under_ocb_counts_as_several() {
    const MIB: usize = 1 << 20;

    let left =
        |messages: u64| Key::<Aes256Ocb>::generate().unwrap().resume_after((1 << 32) - messages);
    let nonce = |number| hazmat::Nonce::from_bytes([number; 12]);
    let mut text = vec![7; 2 * MIB];

    // Two MiB less four blocks are two messages, and two MiB are three.
    let key = left(2);
    let mut sealer = hazmat::Sealer::new(&key).unwrap();
    let error = sealer.seal(nonce(1), b"", &text).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);

    let key = left(2);
    let mut sealer = hazmat::Sealer::new(&key).unwrap();
    text.truncate(2 * (MIB - 32));
    let sealed = sealer.seal(nonce(1), b"", &text).unwrap();
    assert_eq!(key.opener().unwrap().open_with(b"", &[1; 12], &sealed).unwrap(), text);
    let error = sealer.seal(nonce(2), b"", b"").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);

    // A header weighs as much as a text.
    let key = left(2);
    let mut sealer = key.sealer(RandomNonce).unwrap();
    let header = vec![7; 2 * MIB];
    let error = sealer.seal(&header, b"").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
    assert!(left(1 << 20).sealer(RandomNonce).unwrap().seal(&header, b"").is_ok());
}

#[test]
fn detached_room_must_be_as_long_as_the_text() {
    let key = Key::<Aes256Gcm>::generate().unwrap();
    let (mut nonce, mut out) = ([0; 12], [0; 5]);
    let mut sealer = key.sealer(RandomNonce).unwrap();
    let tag = sealer.seal_detached(b"h", b"hello", &mut nonce, &mut out).unwrap();
    let mut back = [0; 5];
    let mut opener = key.opener().unwrap();
    opener.open_detached(b"h", &nonce, &out, &tag, &mut back).unwrap();
    assert_eq!(&back, b"hello");
    let error = sealer.seal_detached(b"h", b"hell", &mut nonce, &mut out).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Length);
    let error = opener.open_detached(b"h", &nonce, &out, &tag, &mut back[..4]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Length);
}

#[test]
fn a_chosen_nonce_is_shown_but_not_copied() {
    let nonce = hazmat::Nonce::<Aes256Gcm>::from_bytes([0xab; 12]);
    assert_eq!(format!("{nonce:?}"), "Nonce<AES-256-GCM>(abababababababababababab)");
    let key = Key::<Aes256Gcm>::generate().unwrap();
    let sealer = hazmat::Sealer::new(&key).unwrap();
    assert_eq!(format!("{sealer:?}"), "hazmat::Sealer<AES-256-GCM>");
}
