//! Digests: at once, piece by piece, and from many threads.

use std::io::Write as _;

use ffence::ErrorKind;
use ffence::crypto::legacy::Sha1;
use ffence::crypto::{
    Blake2b512, Blake2s256, Digest, Hash, Hasher, Sha3_224, Sha3_256, Sha3_384, Sha3_512, Sha224,
    Sha256, Sha384, Sha512, Sha512_224, Sha512_256, Shake128, Shake256, Xof,
};

#[test]
fn published_vectors_agree() {
    // FIPS 180-4 examples, and NIST's message of a million `a`.
    let million = vec![b'a'; 1_000_000];
    for (data, digest) in [
        (&b""[..], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        ),
        (&million, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ] {
        assert_eq!(Sha256::digest(data).unwrap().to_string(), digest);
    }
}

#[test]
fn pieces_and_the_whole_agree() {
    let data: Vec<u8> = (0..=252).cycle().take(10_000).collect();
    for piece in [1, 7, 63, 64, 65, 4096] {
        let mut hasher = Hasher::<Sha256>::new().unwrap();
        data.chunks(piece).for_each(|piece| hasher.update(piece).unwrap());
        assert_eq!(hasher.finish().unwrap(), Sha256::digest(&data).unwrap());
    }
}

#[test]
fn a_hasher_is_a_writer_and_starts_anew() {
    let mut hasher = Hasher::<Sha256>::new().unwrap();
    std::io::copy(&mut &b"abc"[..], &mut hasher).unwrap();
    hasher.flush().unwrap();
    assert_eq!(hasher.finish_reset().unwrap(), Sha256::digest(b"abc").unwrap());
    assert_eq!(hasher.finish().unwrap(), Sha256::digest(b"").unwrap());
}

#[test]
fn threads_digest_on_their_own() {
    let expected = Sha256::digest(b"abc").unwrap();
    let threads: Vec<_> = (0..8)
        .map(|_| {
            std::thread::spawn(move || {
                (0..1000).all(|_| Digest::<Sha256>::of(b"abc").unwrap() == expected)
            })
        })
        .collect();
    assert!(threads.into_iter().all(|thread| thread.join().unwrap()));
}

/// The thread's kept context goes while the thread ends; what digests after that still works.
#[test]
fn a_digest_in_a_thread_local_destructor_works() {
    struct AtTheEnd(std::sync::mpsc::Sender<String>);
    impl Drop for AtTheEnd {
        fn drop(&mut self) {
            let digest = Sha256::digest(b"abc").map_or_else(|e| e.to_string(), |d| d.to_string());
            self.0.send(digest).unwrap();
        }
    }
    thread_local!(static END: std::cell::RefCell<Option<AtTheEnd>> = const { std::cell::RefCell::new(None) });
    let (sender, receiver) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        END.with(|end| *end.borrow_mut() = Some(AtTheEnd(sender)));
        Sha256::digest(b"makes the kept context, which goes first").unwrap();
    });
    thread.join().unwrap();
    assert!(receiver.recv().unwrap().starts_with("ba7816bf"));
}

/// The published digests of `abc` and of the two-block message, for every algorithm.
#[test]
fn every_algorithm_gives_its_published_digests() {
    // FIPS 180-4 and 202 examples of NIST; RFC 7693, appendices A and B.
    fn check<H: Hash>(data: &[u8], expected: &str) {
        assert_eq!(Digest::<H>::of(data).unwrap().to_string(), expected, "{}", H::NAME);
        let mut hasher = Hasher::<H>::new().unwrap();
        for byte in data {
            hasher.update(std::slice::from_ref(byte)).unwrap();
        }
        assert_eq!(hasher.finish_reset().unwrap().to_string(), expected, "{}", H::NAME);
        hasher.update(data).unwrap();
        let digest = hasher.finish().unwrap();
        assert_eq!(digest.to_string(), expected, "{}", H::NAME);
        assert_eq!(digest.as_bytes().len(), H::LEN);
    }
    let short = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    let long = b"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn\
                 hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu";
    check::<Sha1>(b"", "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    check::<Sha1>(b"abc", "a9993e364706816aba3e25717850c26c9cd0d89d");
    check::<Sha1>(short, "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
    check::<Sha224>(short, "75388b16512776cc5dba5da1fd890150b0c6455cb4f58b1952522525");
    check::<Sha384>(
        long,
        "09330c33f71147e83d192fc782cd1b4753111b173b3b05d22fa08086e3b0f712\
         fcc7c71a557e2db966c3e9fa91746039",
    );
    check::<Sha512>(
        long,
        "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018\
         501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909",
    );
    check::<Sha512_224>(long, "23fec5bb94d60b23308192640b0c453335d664734fe40e7268674af9");
    check::<Sha512_256>(long, "3928e184fb8690f840da3988121d31be65cb9d3ef83ee6146feac861e19b563a");
    check::<Sha3_224>(b"", "6b4e03423667dbb73b6e15454f0eb1abd4597f9a1b078e3f5b5a6bc7");
    check::<Sha3_256>(b"", "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a");
    check::<Sha3_384>(
        b"",
        "0c63a75b845e4f7d01107d852e4c2485c51a50aaaa94fc61995e71bbee983a2a\
         c3713831264adb47fb6bd1e058d5f004",
    );
    check::<Sha3_512>(
        b"",
        "a69f73cca23a9ac5c8b567dc185a756e97c982164fe25859e0d1dcc1475c80a6\
         15b2123af1f5f94c11e3e9402c3ac558f500199d95b6d3e301758586281dcd26",
    );
    check::<Blake2s256>(b"", "69217a3079908094e11121d042354a7c1f55b6482ca1a51e1b250dfd1ed0eef9");
    check::<Blake2b512>(
        b"",
        "786a02f742015903c6c6fd852552d272912f4740e15847618a86e217f71f5419\
         d25e1031afee585313896444934eb04b903a685b1448b755d56f701afe9be2ce",
    );
}

/// The thread's kept context serves one algorithm after another.
#[test]
fn algorithms_take_turns_in_one_context() {
    for _ in 0..3 {
        assert!(Sha256::digest(b"abc").unwrap().to_string().starts_with("ba7816bf"));
        assert!(Sha3_512::digest(b"abc").unwrap().to_string().starts_with("b751850b"));
        assert!(Blake2b512::digest(b"abc").unwrap().to_string().starts_with("ba80a53f"));
        assert!(Sha1::digest(b"abc").unwrap().to_string().starts_with("a9993e36"));
        assert!(Sha224::digest(b"abc").unwrap().to_string().starts_with("23097d22"));
    }
}

#[test]
fn a_clone_goes_on_by_itself() {
    let mut start = Hasher::<Sha512>::new().unwrap();
    start.update(&[b'a'; 200]).unwrap();
    let mut other = start.try_clone().unwrap();
    start.update(b"b").unwrap();
    other.update(b"c").unwrap();
    let other = std::thread::spawn(move || other.finish().unwrap()).join().unwrap();
    assert_eq!(
        start.finish().unwrap(),
        Sha512::digest(&[&[b'a'; 200][..], b"b"].concat()).unwrap()
    );
    assert_eq!(other, Sha512::digest(&[&[b'a'; 200][..], b"c"].concat()).unwrap());
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

#[test]
fn shake_gives_as_much_as_is_wanted() {
    // FIPS 202 examples of NIST: no data, and 1,600 bits of 0xa3.
    let output = |mut xof: Xof<Shake128>, data: &[u8], len: usize| {
        xof.update(data).unwrap();
        let mut out = vec![0; len];
        xof.finish_into(&mut out).unwrap();
        hex(&out)
    };
    let new = || Xof::<Shake128>::new().unwrap();
    assert_eq!(output(new(), b"", 16), "7f9c2ba4e88f827d616045507605853e");
    assert_eq!(output(new(), &[0xa3; 200], 16), "131ab8d2b594946b9c81333f9bb6e0ce");
    let long = output(new(), b"abc", 1000);
    for len in [0, 1, 15, 16, 17, 167, 168, 169, 500] {
        assert_eq!(output(new(), b"abc", len), long[..2 * len], "{len}");
    }
    let mut start = new();
    start.write_all(b"a").unwrap();
    let other = start.try_clone().unwrap();
    assert_eq!(output(start, b"bc", 1000), long);
    assert_eq!(output(other, b"bc", 1000), long);

    let mut xof = Xof::<Shake256>::new().unwrap();
    xof.update(&[0xa3; 200]).unwrap();
    let mut out = [0; 16];
    xof.finish_into(&mut out).unwrap();
    assert_eq!(hex(&out), "cd8a920ed141aa0407a22d59288652e9");
}

/// In pieces where the library can, and an answer that says so where it cannot.
#[test]
fn shake_is_squeezed_where_the_library_can() {
    let mut xof = Xof::<Shake256>::new().unwrap();
    xof.update(b"abc").unwrap();
    let mut whole = [0; 300];
    xof.try_clone().unwrap().finish_into(&mut whole).unwrap();
    let linked = ffence::capabilities().unwrap().openssl().number();
    let has_it = (linked.major, linked.minor) >= (3, 3);
    match xof.squeeze() {
        Ok(mut squeezer) => {
            assert!(has_it, "{linked:?}");
            let mut pieces = Vec::new();
            for len in [1, 0, 7, 136, 137, 19] {
                let mut piece = vec![0; len];
                std::io::Read::read_exact(&mut squeezer, &mut piece).unwrap();
                pieces.extend(piece);
            }
            assert_eq!(pieces, whole);
            println!("squeezed in pieces");
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            assert!(error.to_string().contains("which OpenSSL has since 3.3"), "{error}");
            assert!(!has_it || cfg!(feature = "vendored"), "{linked:?}: {error}");
            println!("not squeezed: {error}");
        }
    }
}
