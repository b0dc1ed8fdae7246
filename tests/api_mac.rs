//! MACs: published vectors, verification, reuse, pieces, threads.

use std::io::Write as _;

use ffence::ErrorKind;
use ffence::crypto::legacy::Sha1;
use ffence::crypto::{
    Aes128, Aes192, Aes256, Blake2b512, Blake2s256, Cmac, Gmac, GmacNonce, Hash, Hmac, Kmac128,
    Kmac256, OneTimeKey, Poly1305, Sha3_224, Sha3_256, Sha3_384, Sha3_512, Sha224, Sha256, Sha384,
    Sha512, Sha512_224, Sha512_256, SipHash64, SipHash128,
};

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn array<const N: usize>(text: &str) -> [u8; N] {
    unhex(text).try_into().unwrap()
}

fn refused<T>(result: ffence::Result<T>) {
    assert_eq!(result.err().map(|error| error.kind()), Some(ErrorKind::Authentication));
}

/// RFC 4231, sections 4.2 to 4.8 (4.6, whose tag is truncated, is shown by its start).
#[test]
fn hmac_gives_the_tags_of_rfc_4231() {
    fn check<H: Hash>(tags: [&str; 7]) {
        let long = [0xaa; 131];
        let counting: Vec<u8> = (1..=25).collect();
        let cases: [(&[u8], &[u8]); 7] = [
            (&[0x0b; 20], b"Hi There"),
            (b"Jefe", b"what do ya want for nothing?"),
            (&[0xaa; 20], &[0xdd; 50]),
            (&counting, &[0xcd; 50]),
            (&[0x0c; 20], b"Test With Truncation"),
            (&long, b"Test Using Larger Than Block-Size Key - Hash Key First"),
            (
                &long,
                b"This is a test using a larger than block-size key and a larger than block-size \
                  data. The key needs to be hashed before being used by the HMAC algorithm.",
            ),
        ];
        for ((key, message), expected) in cases.into_iter().zip(tags) {
            let tag = Hmac::<H>::new(key).unwrap().sign(message).unwrap();
            assert!(tag.to_string().starts_with(expected), "{} {tag}", H::NAME);
            assert_eq!(tag.as_bytes().len(), H::LEN);
        }
    }
    check::<Sha224>([
        "896fb1128abbdf196832107cd49df33f47b4b1169912ba4f53684b22",
        "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44",
        "7fb3cb3588c6c1f6ffa9694d7d6ad2649365b0c1f65d69d1ec8333ea",
        "6c11506874013cac6a2abc1bb382627cec6a90d86efc012de7afec5a",
        "0e2aea68a90c8d37c988bcdb9fca6fa8",
        "95e9a0db962095adaebe9b2d6f0dbce2d499f112f2d2b7273fa6870e",
        "3a854166ac5d9f023f54d517d0b39dbd946770db9c2b95c9f6f565d1",
    ]);
    check::<Sha256>([
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
        "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
        "a3b6167473100ee06e0c796c2955552b",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    ]);
    check::<Sha512>([
        "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde\
         daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554\
         9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
        "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39\
         bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb",
        "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3db\
         a91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd",
        "415fad6271580a531d4179bc891d87a6",
        "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352\
         6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598",
        "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944\
         b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58",
    ]);
}

/// What every MAC must keep, whatever it is made of.
macro_rules! keeps_its_promises {
    ($make:expr) => {{
        let mut mac = $make;
        let data: Vec<u8> = (0..=250).cycle().take(1000).collect();
        let expected = $make.sign(&data).unwrap();
        let empty = $make.sign(b"").unwrap();
        assert_ne!(expected, empty);
        for _ in 0..3 {
            assert_eq!(mac.sign(&data).unwrap(), expected, "used again");
            assert_eq!(mac.sign(b"").unwrap(), empty, "used again");
        }
        for piece in [1, 7, 64, 999] {
            let mut message = mac.begin().unwrap();
            data.chunks(piece).for_each(|piece| message.write_all(piece).unwrap());
            message.flush().unwrap();
            assert_eq!(message.finish().unwrap(), expected);
        }
        mac.begin().unwrap().update(b"left alone").unwrap();
        mac.verify(&data, expected).unwrap();
        mac.verify(&data, expected.as_bytes()).unwrap();

        let bytes = expected.as_bytes();
        for at in 0..bytes.len() {
            let mut altered = bytes.to_vec();
            altered[at] ^= 0x80;
            refused(mac.verify(&data, &altered));
        }
        for len in 0..bytes.len() {
            refused(mac.verify(&data, &bytes[..len]));
        }
        refused(mac.verify(&data, [bytes, &[0]].concat()));
        refused(mac.verify(&data[1..], expected));
        let mut message = mac.begin().unwrap();
        message.update(&data).unwrap();
        refused(message.verify(empty));
        mac.verify(&data, expected).unwrap();

        let elsewhere = std::thread::spawn(move || mac.sign(&data).unwrap()).join().unwrap();
        assert_eq!(elsewhere, expected);
    }};
}

#[test]
fn hmac_keeps_its_promises() {
    fn check<H: Hash>() {
        keeps_its_promises!(Hmac::<H>::new(b"a key").unwrap());
        keeps_its_promises!(Hmac::<H>::new(b"").unwrap());
        keeps_its_promises!(Hmac::<H>::new(&[3; 1000]).unwrap());
    }
    check::<Sha1>();
    check::<Sha224>();
    check::<Sha256>();
    check::<Sha384>();
    check::<Sha512>();
    check::<Sha512_224>();
    check::<Sha512_256>();
    check::<Sha3_224>();
    check::<Sha3_256>();
    check::<Sha3_384>();
    check::<Sha3_512>();
    check::<Blake2s256>();
    check::<Blake2b512>();
}

#[test]
fn the_others_keep_their_promises() {
    keeps_its_promises!(Cmac::<Aes128>::new(&[1; 16]).unwrap());
    keeps_its_promises!(Cmac::<Aes192>::new(&[1; 24]).unwrap());
    keeps_its_promises!(Cmac::<Aes256>::new(&[1; 32]).unwrap());
    keeps_its_promises!(<Kmac128>::new(&[1; 16], b"").unwrap());
    keeps_its_promises!(<Kmac256>::new(&[1; 512], &[2; 512]).unwrap());
    keeps_its_promises!(SipHash64::new(&[1; 16]).unwrap());
    keeps_its_promises!(SipHash128::new(&[1; 16]).unwrap());
}

/// No key is a key: the published tag, first and after another message.
#[test]
fn an_empty_key_is_a_key() {
    let mut hmac = Hmac::<Sha256>::new(b"").unwrap();
    for _ in 0..2 {
        let tag = hmac.sign(b"").unwrap();
        assert_eq!(
            tag.to_string(),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"
        );
    }
}

/// RFC 4493, section 4, and SP 800-38B, appendix D.
#[test]
fn cmac_gives_its_published_tags() {
    let message = unhex(
        "6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51
         30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710",
    );
    let mut aes128 = Cmac::<Aes128>::new(&array("2b7e151628aed2a6abf7158809cf4f3c")).unwrap();
    let key = array("8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b");
    let mut aes192 = Cmac::<Aes192>::new(&key).unwrap();
    let key = array("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
    let mut aes256 = Cmac::<Aes256>::new(&key).unwrap();
    let cases = [
        (0, "bb1d6929e95937287fa37d129b756746", "d17ddf46adaacde531cac483de7a9367"),
        (16, "070a16b46b4d4144f79bdd9dd04a287c", "9e99a7bf31e710900662f65e617c5184"),
        (40, "dfa66747de9ae63030ca32611497c827", "8a1de5be2eb31aad089a82e6ee908b0e"),
        (64, "51f0bebf7e3b9d92fc49741779363cfe", "a1d5df0eed790f794d77589659f39a11"),
    ];
    for (len, tag128, tag192) in cases {
        assert_eq!(aes128.sign(&message[..len]).unwrap().to_string(), tag128);
        assert_eq!(aes192.sign(&message[..len]).unwrap().to_string(), tag192);
    }
    let tag = aes256.sign(&message).unwrap();
    assert_eq!(tag.to_string(), "e1992190549f6ed5696a2c056c315410");
    assert_eq!(aes256.sign(b"").unwrap().to_string(), "028962f61b7bf89efc6b551f4667d983");
}

/// NIST's samples for SP 800-185, 1 to 6.
#[test]
fn kmac_gives_its_published_tags() {
    let key: Vec<u8> = (0x40..=0x5f).collect();
    let (short, long): (Vec<u8>, Vec<u8>) = ((0..4).collect(), (0..200).collect());
    let custom = b"My Tagged Application";
    for (message, custom, expected) in [
        (&short, &b""[..], "e5780b0d3ea6f7d3a429c5706aa43a00fadbd7d49628839e3187243f456ee14e"),
        (&short, custom, "3b1fba963cd8b0b59e8c1a6d71888b7143651af8ba0a7070c0979e2811324aa5"),
        (&long, custom, "1f5b4e6cca02209e0dcb5ca635b89a15e271ecc760071dfd805faa38f9729230"),
    ] {
        let tag = <Kmac128>::new(&key, custom).unwrap().sign(message).unwrap();
        assert_eq!(tag.to_string(), expected);
    }
    for (message, custom, expected) in [
        (
            &short,
            &custom[..],
            "20c570c31346f703c9ac36c61c03cb64c3970d0cfc787e9b79599d273a68d2f7\
             f69d4cc3de9d104a351689f27cf6f5951f0103f33f4f24871024d9c27773a8dd",
        ),
        (
            &long,
            b"",
            "75358cf39e41494e949707927cee0af20a3ff553904c86b08f21cc414bcfd691\
             589d27cf5e15369cbbff8b9a4c2eb17800855d0235ff635da82533ec6b759b69",
        ),
        (
            &long,
            custom,
            "b58618f71f92e1d56c1b8c55ddd7cd188b97b4ca4d99831eb2699a837da2e4d9\
             70fbacfde50033aea585f1a2708510c32d07880801bd182898fe476876fc8965",
        ),
    ] {
        let tag = <Kmac256>::new(&key, custom).unwrap().sign(message).unwrap();
        assert_eq!(tag.to_string(), expected);
    }
}

#[test]
fn kmac_takes_the_lengths_that_it_names() {
    let kind = |result: ffence::Result<()>| result.err().map(|error| error.kind());
    for len in [0, 3, 513] {
        let made = <Kmac128>::new(&vec![1; len], b"").map(drop);
        assert_eq!(kind(made), Some(ErrorKind::Length), "a key of {len}");
    }
    let made = <Kmac256>::new(&[1; 32], &[0; 513]).map(drop);
    assert_eq!(kind(made), Some(ErrorKind::Length));
    assert_eq!(kind(Kmac128::<3>::new(&[1; 32], b"").map(drop)), Some(ErrorKind::Length));
    assert_eq!(kind(Kmac128::<0>::new(&[1; 32], b"").map(drop)), Some(ErrorKind::Length));
    keeps_its_promises!(Kmac128::<4>::new(&[1; 4], b"").unwrap());
    // A shorter tag is another tag, not the start of a longer one.
    let long = Kmac128::<32>::new(&[1; 4], b"").unwrap().sign(b"x").unwrap();
    let short = Kmac128::<16>::new(&[1; 4], b"").unwrap().sign(b"x").unwrap();
    assert_ne!(long.as_bytes()[..16], *short.as_bytes());
}

/// The vectors of the `SipHash` paper and of its reference code: key 00..0f, messages 00.. .
#[test]
fn siphash_gives_its_published_tags() {
    let key = array("000102030405060708090a0b0c0d0e0f");
    let message: Vec<u8> = (0..15).collect();
    let tag = SipHash64::new(&key).unwrap().sign(&message).unwrap();
    assert_eq!(tag.into_bytes(), 0xa129_ca61_49be_45e5_u64.to_le_bytes());
    let tag = SipHash64::new(&key).unwrap().sign(b"").unwrap();
    assert_eq!(tag.to_string(), "310e0edd47db6f72");
    let tag = SipHash128::new(&key).unwrap().sign(b"").unwrap();
    assert_eq!(tag.to_string(), "a3817f04ba25a8e66df67214c7550293");
}

/// RFC 8439, section 2.5.2, and appendix A.3, cases 1, 2 and 7.
#[test]
fn poly1305_gives_its_published_tags() {
    let made = |key: &str| Poly1305::new(OneTimeKey::from_bytes(&array(key))).unwrap();
    let key = "85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b";
    let text = b"Cryptographic Forum Research Group";
    let tag = made(key).sign(text).unwrap();
    assert_eq!(tag.to_string(), "a8061dc1305136c6c22b8baf0c0127a9");
    made(key).verify(text, tag).unwrap();
    refused(made(key).verify(&text[1..], tag));
    refused(made(key).verify(text, &tag.as_bytes()[..15]));
    let mut pieces = made(key);
    text.chunks(5).for_each(|piece| pieces.update(piece).unwrap());
    assert_eq!(pieces.finish().unwrap(), tag);

    let zero = "00".repeat(32);
    assert_eq!(made(&zero).sign(&[0; 64]).unwrap().to_string(), "00".repeat(16));
    let case7 = unhex(
        &["ff".repeat(16), "f0".to_owned() + &"ff".repeat(15), "11".to_owned() + &"00".repeat(15)]
            .concat(),
    );
    let key = "01".to_owned() + &"00".repeat(31);
    let tag = made(&key).sign(&case7).unwrap();
    assert_eq!(tag.to_string(), "05".to_owned() + &"00".repeat(15));
}

/// Test case 1 of GCM's authors has no text, so its tag is a GMAC; Wycheproof has the others.
#[test]
fn gmac_gives_its_published_tag_and_checks_it() {
    let nonce = [0; 12];
    let mut gmac = Gmac::<Aes128>::new(&[0; 16]).unwrap();
    for _ in 0..2 {
        let tag = gmac.sign(GmacNonce::from_bytes(nonce), b"").unwrap();
        assert_eq!(tag.to_string(), "58e2fccefa7e3061367f1d57a4e7455a");
    }
    let tag = gmac.sign(GmacNonce::from_bytes([1; 12]), b"header").unwrap();
    gmac.verify(&[1; 12], b"header", tag).unwrap();
    refused(gmac.verify(&[2; 12], b"header", tag));
    refused(gmac.verify(&[1; 12], b"headeR", tag));
    refused(gmac.verify(&[1; 12], b"header", &tag.as_bytes()[..12]));
    refused(Gmac::<Aes128>::new(&[1; 16]).unwrap().verify(&[1; 12], b"header", tag));
    gmac.verify(&[1; 12], b"header", tag).unwrap();
}

#[test]
fn debug_shows_no_secret() {
    let hmac = Hmac::<Sha256>::new(b"key").unwrap();
    let cmac = Cmac::<Aes192>::new(&[1; 24]).unwrap();
    let gmac = Gmac::<Aes256>::new(&[1; 32]).unwrap();
    let kmac = Kmac128::<16>::new(&[1; 32], b"").unwrap();
    assert_eq!(
        format!("{hmac:?} {cmac:?} {gmac:?} {kmac:?}"),
        "Hmac<SHA-256> Cmac<AES-192> Gmac<AES-256> Kmac128<16>"
    );
}
