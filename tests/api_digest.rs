//! Digests: at once, piece by piece, and from many threads.

use std::io::Write as _;

use ffence::crypto::{Digest, Hasher, Sha256};

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
