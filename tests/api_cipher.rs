//! Ciphers that do not authenticate: the vectors of the standards, pieces of any size, and what is
//! refused.

use ffence::ErrorKind;
use ffence::crypto::unauthenticated::{
    Aes128Cbc, Aes128Ctr, Aes128Kw, Aes128Xts, Aes192Cbc, Aes192Ctr, Aes192Kw, Aes192Kwp,
    Aes256Cbc, Aes256Ctr, Aes256Kw, Aes256Kwp, Aes256Xts, CbcMode, Cipher, CtrMode, Key, Padding,
    WrapMode, XtsMode,
};

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn key<C: Cipher>(text: &str) -> Key<C> {
    Key::from_slice(&hex(text)).unwrap()
}

/// The text of SP 800-38A, appendix F.
const NIST: &str = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51\
                    30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";
const KEY_128: &str = "2b7e151628aed2a6abf7158809cf4f3c";
const KEY_192: &str = "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b";
const KEY_256: &str = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4";

/// SP 800-38A, F.5.
#[test]
fn counter_mode_does_what_nist_says() {
    fn check<C: CtrMode>(given: &str, expected: &str) {
        let iv = hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff").try_into().unwrap();
        let key = key::<C>(given);
        let mut kept = key.keystream(&iv).unwrap();
        for piece in [1, 3, 15, 16, 17, 64] {
            let mut text = hex(NIST);
            for piece in text.chunks_mut(piece) {
                kept.apply(piece).unwrap();
            }
            assert_eq!(text, hex(expected), "{} in pieces of {piece}", C::NAME);
            key.keystream(&iv).unwrap().apply(&mut text).unwrap();
            assert_eq!(text, hex(NIST));
            kept.restart(&iv).unwrap();
        }
    }
    check::<Aes128Ctr>(
        KEY_128,
        "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff\
         5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee",
    );
    check::<Aes192Ctr>(
        KEY_192,
        "1abc932417521ca24f2b0459fe7e6e0b090339ec0aa6faefd5ccc2c6f4ce8e94\
         1e36b26bd1ebc670d1bd1d665620abf74f78a7f6d29809585a97daec58c6b050",
    );
    check::<Aes256Ctr>(
        KEY_256,
        "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5\
         2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6",
    );
}

fn encrypted<C: CbcMode>(key: &Key<C>, padding: Padding, text: &[u8], piece: usize) -> Vec<u8> {
    let mut out = b"before".to_vec();
    let mut encryptor = key.cbc_encryptor(&[9; 16], padding).unwrap();
    for piece in text.chunks(piece) {
        encryptor.update(piece, &mut out).unwrap();
    }
    encryptor.finish(&mut out).unwrap();
    assert_eq!(&out[..6], b"before");
    out.split_off(6)
}

fn decrypted<C: CbcMode>(
    key: &Key<C>,
    padding: Padding,
    text: &[u8],
    piece: usize,
) -> ffence::Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut decryptor = key.cbc_decryptor(&[9; 16], padding)?;
    for piece in text.chunks(piece) {
        decryptor.update(piece, &mut out)?;
    }
    decryptor.finish(&mut out)?;
    Ok(out)
}

/// SP 800-38A, F.2.
#[test]
fn chained_blocks_are_what_nist_says() {
    fn check<C: CbcMode>(given: &str, expected: &str) {
        let iv = hex("000102030405060708090a0b0c0d0e0f").try_into().unwrap();
        let key = key::<C>(given);
        let mut out = Vec::new();
        let mut encryptor = key.cbc_encryptor(&iv, Padding::None).unwrap();
        encryptor.update(&hex(NIST), &mut out).unwrap();
        encryptor.finish(&mut out).unwrap();
        assert_eq!(out, hex(expected), "{}", C::NAME);
    }
    check::<Aes128Cbc>(
        KEY_128,
        "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2\
         73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7",
    );
    check::<Aes192Cbc>(
        KEY_192,
        "4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a\
         571b242012fb7ae07fa9baac3df102e008b0e27988598881d920a9e64f5615cd",
    );
    check::<Aes256Cbc>(
        KEY_256,
        "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d\
         39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b",
    );
}

#[test]
fn every_length_and_every_piece_comes_back() {
    let key = Key::<Aes256Cbc>::generate().unwrap();
    for len in (0..=50).chain([4095, 4096, 4097]) {
        let text: Vec<u8> = (0..=250).cycle().take(len).collect();
        let whole = encrypted(&key, Padding::Pkcs7, &text, usize::MAX);
        assert_eq!(whole.len(), (len / 16 + 1) * 16);
        for piece in [1, 7, 16, 33, 4096] {
            assert_eq!(encrypted(&key, Padding::Pkcs7, &text, piece), whole);
            assert_eq!(decrypted(&key, Padding::Pkcs7, &whole, piece).unwrap(), text);
        }
        if len % 16 == 0 {
            let bare = encrypted(&key, Padding::None, &text, 5);
            assert_eq!(bare[..], whole[..len], "padding adds a block and changes none");
            assert_eq!(decrypted(&key, Padding::None, &bare, 5).unwrap(), text);
        }
    }
}

#[test]
fn texts_of_the_wrong_form_are_errors() {
    let key = Key::<Aes128Cbc>::generate().unwrap();
    let mut out = Vec::new();
    let mut encryptor = key.cbc_encryptor(&[0; 16], Padding::None).unwrap();
    encryptor.update(b"17 bytes, one odd", &mut out).unwrap();
    assert_eq!(encryptor.finish(&mut out).unwrap_err().kind(), ErrorKind::Length);

    for len in [0, 1, 15, 17, 31] {
        let error = decrypted(&key, Padding::Pkcs7, &vec![7; len], 16).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed);
        if len > 0 {
            let error = decrypted(&key, Padding::None, &vec![7; len], 16).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Malformed);
        }
    }
    // A last block that is no padding, and then the same decryptor on a good text.
    let bad = encrypted(&key, Padding::None, &[0; 32], 32);
    let good = encrypted(&key, Padding::Pkcs7, b"good", 32);
    let mut decryptor = key.cbc_decryptor(&[9; 16], Padding::Pkcs7).unwrap();
    let mut text = Vec::new();
    decryptor.update(&bad, &mut text).unwrap();
    let error = decryptor.finish_and_restart(&mut text, &[9; 16]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
    text.clear();
    decryptor.update(&good, &mut text).unwrap();
    decryptor.finish(&mut text).unwrap();
    assert_eq!(text, b"good");
}

/// IEEE 1619, annex B: vectors 2, 4 and 15 (a sector that is no multiple of a block), and 10.
#[test]
fn sectors_are_what_ieee_says() {
    fn check<C: XtsMode>(given: &str, tweak: u128, text: &[u8], expected: &str) {
        let key = key::<C>(given);
        let mut sector = text.to_vec();
        let tweak = tweak.to_le_bytes();
        let (mut encryptor, mut decryptor) =
            (key.sector_encryptor().unwrap(), key.sector_decryptor().unwrap());
        for _ in 0..3 {
            encryptor.encrypt(&tweak, &mut sector).unwrap();
            let expected = hex(expected);
            assert_eq!(sector[..expected.len()], expected, "{}", C::NAME);
            decryptor.decrypt(&tweak, &mut sector).unwrap();
            assert_eq!(sector, text);
        }
    }
    let counted: Vec<u8> = (0..=255).cycle().take(512).collect();
    check::<Aes128Xts>(
        "1111111111111111111111111111111122222222222222222222222222222222",
        0x33_3333_3333,
        &[0x44; 32],
        "c454185e6a16936e39334038acef838bfb186fff7480adc4289382ecd6d394f0",
    );
    check::<Aes128Xts>(
        "2718281828459045235360287471352631415926535897932384626433832795",
        0,
        &counted,
        "27a7479befa1d476489f308cd4cfa6e2a96e4bbe3208ff25287dd3819616e89c",
    );
    check::<Aes128Xts>(
        "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0bfbebdbcbbbab9b8b7b6b5b4b3b2b1b0",
        0x12_3456_789a,
        &counted[..17],
        "6c1625db4671522d3d7599601de7ca09ed",
    );
    check::<Aes256Xts>(
        "2718281828459045235360287471352662497757247093699959574966967627\
         3141592653589793238462643383279502884197169399375105820974944592",
        0xff,
        &counted,
        "1c3b3a102f770386e4836c99e370cf9bea00803f5e482357a4ae12d414a3e63b",
    );
}

#[test]
fn sectors_and_their_keys_have_limits() {
    let error = Key::<Aes128Xts>::from_bytes(&[7; 32]).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Parameter);
    let error = Key::<Aes256Xts>::from_slice(&[7; 64]).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Parameter);
    let error = Key::<Aes256Xts>::from_slice(&[7; 32]).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Length);

    let key = Key::<Aes256Xts>::generate().unwrap();
    let (mut encryptor, mut decryptor) =
        (key.sector_encryptor().unwrap(), key.sector_decryptor().unwrap());
    for len in [0, 1, 15, (1 << 24) + 1] {
        let mut sector = vec![1; len];
        let error = encryptor.encrypt(&[0; 16], &mut sector).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Length);
        let error = decryptor.decrypt(&[0; 16], &mut sector).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Length);
        assert_eq!(sector, vec![1; len], "untouched");
    }
    for len in [16, 17, 31, 32, 4096, 1 << 24] {
        let mut sector = vec![1; len];
        encryptor.encrypt(&[5; 16], &mut sector).unwrap();
        assert_ne!(sector, vec![1; len]);
        decryptor.decrypt(&[5; 16], &mut sector).unwrap();
        assert_eq!(sector, vec![1; len], "refusals left both usable");
    }
}

/// RFC 3394, section 4, and RFC 5649, section 6.
#[test]
fn wrapped_keys_are_what_the_rfcs_say() {
    fn check<C: WrapMode>(given: &str, text: &str, expected: &str) {
        let key = key::<C>(given);
        let (mut wrapper, mut unwrapper) = (key.wrapper().unwrap(), key.unwrapper().unwrap());
        for _ in 0..3 {
            assert_eq!(wrapper.wrap(&hex(text)).unwrap(), hex(expected), "{}", C::NAME);
            assert_eq!(unwrapper.unwrap(&hex(expected)).unwrap().as_bytes().unwrap(), hex(text));
        }
    }
    let kek = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    let data = "00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f";
    check::<Aes128Kw>(&kek[..32], &data[..32], "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5");
    check::<Aes192Kw>(
        &kek[..48],
        &data[..48],
        "031d33264e15d33268f24ec260743edce1c6c7ddee725a936ba814915c6762d2",
    );
    check::<Aes256Kw>(
        kek,
        data,
        "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21",
    );
    let kek = "5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8";
    check::<Aes192Kwp>(
        kek,
        "c37b7e6492584340bed12207808941155068f738",
        "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a",
    );
    check::<Aes192Kwp>(kek, "466f7250617369", "afbeb0f07dfbf5419200f2ccb50bb24f");
}

#[test]
fn altered_keys_do_not_unwrap_and_wrong_lengths_do_not_wrap() {
    let key = Key::<Aes256Kw>::generate().unwrap();
    let padded = Key::<Aes256Kwp>::generate().unwrap();
    let (mut wrapper, mut unwrapper) = (key.wrapper().unwrap(), key.unwrapper().unwrap());
    for len in [0, 1, 8, 15, 17, 23] {
        assert_eq!(wrapper.wrap(&vec![1; len]).unwrap_err().kind(), ErrorKind::Length);
    }
    assert_eq!(padded.wrapper().unwrap().wrap(b"").unwrap_err().kind(), ErrorKind::Length);
    for len in 1..=40 {
        let text = vec![7; len];
        let wrapped = padded.wrapper().unwrap().wrap(&text).unwrap();
        assert_eq!(wrapped.len(), 8 + len.div_ceil(8) * 8);
        assert_eq!(padded.unwrapper().unwrap().unwrap(&wrapped).unwrap().as_bytes().unwrap(), text);
    }
    let wrapped = wrapper.wrap(&[7; 32]).unwrap();
    for at in 0..wrapped.len() {
        let mut altered = wrapped.clone();
        altered[at] ^= 1;
        let error = unwrapper.unwrap(&altered).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Authentication);
        assert!(error.records().is_empty() && error.function().is_none(), "an oracle: {error:?}");
        assert_eq!(
            unwrapper.unwrap(&wrapped[..at]).err().unwrap().kind(),
            ErrorKind::Authentication
        );
    }
    assert_eq!(unwrapper.unwrap(&wrapped).unwrap().as_bytes().unwrap(), [7; 32], "still works");
}

#[test]
fn keys_have_one_length_and_what_they_make_moves() {
    for len in [0, 15, 17, 24, 32] {
        let error = Key::<Aes128Ctr>::from_slice(&vec![1; len]).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Length);
        assert!(error.to_string().ends_with(&format!("not {len}")), "{error}");
    }
    let key = Key::<Aes128Ctr>::generate().unwrap();
    let mut stream = key.keystream(&[0; 16]).unwrap();
    assert_eq!(format!("{stream:?}"), "Keystream<AES-128-CTR>");
    std::thread::spawn(move || stream.apply(&mut [0; 100])).join().unwrap().unwrap();
}
