//! An executable of its own: OpenSSL's secure heap is switched on before anything else in a process,
//! once.

#[cfg(unix)]
#[path = "common/cases.rs"]
mod cases;

#[cfg(unix)]
fn main() {
    // LeakSanitizer does not look into the heap, where OpenSSL's generators are, and takes what only
    // they point to for lost.
    cases::main_with(unix::CASES, ":detect_leaks=0");
}

#[cfg(not(unix))]
fn main() {
    println!(
        "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out (no Unix)"
    );
}

#[cfg(unix)]
mod unix {
    use ffence::capabilities::SecureHeap;
    use ffence::crypto::kdf::Prk;
    use ffence::crypto::unauthenticated::{self, Aes256Kw};
    use ffence::crypto::{Aes256Gcm, Key, RandomNonce, Sha256, StreamKey, random};
    use ffence::{ErrorKind, Init, OpenSslConfig};

    #[cfg(target_os = "linux")]
    use super::cases::mapping;
    use super::cases::{Case, End, REACHED, in_child, lock_no_more, peek};

    #[rustfmt::skip]
    pub(super) const CASES: &[Case] = &[
        ("keys_lie_in_the_heap_and_leave_it", keys, End::Well),
        ("openssls_own_secrets_lie_there", openssls_own, End::Well),
        ("the_kernel_knows_the_heap_as_what_it_is", known_to_the_kernel, End::Well),
        ("a_read_beyond_the_heap_faults", overrun, End::Fault),
        ("a_full_heap_leaves_room_to_openssl_and_keys_lie_elsewhere", full, End::Well),
        ("a_heap_that_cannot_be_locked_says_so", unlocked, End::Well),
        ("a_child_is_refused_what_it_inherits_and_has_pages_of_its_own", forked, End::Well),
        ("threads_share_the_heap", threads, End::Well),
        ("sizes_that_openssl_dies_of_are_errors_and_final_for_nothing", sizes, End::Well),
        ("too_late_is_an_error_and_changes_nothing", too_late, End::Well),
        ("a_heap_is_asked_for_once", once, End::Well),
        ("behind_another_user_of_libcrypto_it_is_refused_for_ever", second_user, End::Well),
        ("without_asking_there_is_none", none, End::Well),
    ];

    const SIZE: usize = 1 << 16;

    fn switched_on(size: usize) -> SecureHeap {
        Init::new().secure_heap(size, 32).run().expect("switched on");
        heap().expect("it is on")
    }

    fn heap() -> Option<SecureHeap> {
        ffence::capabilities().expect("answers").openssl().secure_heap()
    }

    fn works(key: &Key<Aes256Gcm>) -> bool {
        let sealed = key.sealer(RandomNonce).and_then(|mut it| it.seal(b"", b"hello"));
        let opened = sealed.and_then(|sealed| key.opener()?.open(b"", &sealed));
        opened.is_ok_and(|text| text == b"hello")
    }

    fn in_heap(key: &Key<Aes256Gcm>) -> bool {
        key.protection().in_openssl_heap
    }

    fn keys() {
        let heap = switched_on(SIZE);
        assert!(heap.size() == SIZE && heap.is_locked());
        let before = heap.used();
        let key = Key::<Aes256Gcm>::generate().expect("a key");
        // A power of 2 that is not less than the least block.
        assert_eq!(heap.used(), before + 32);
        let protection = key.protection();
        assert!(protection.in_openssl_heap && protection.locked);
        assert_eq!(protection.excluded_from_dumps, cfg!(target_os = "linux"));
        assert!(!protection.wiped_on_fork, "OpenSSL goes on with its own in a child");
        assert!(works(&key));

        let given = Key::<Aes256Gcm>::from_bytes(&[7; 32]);
        let stream = StreamKey::<Aes256Gcm>::generate().expect("a key");
        let prk = Prk::<Sha256>::extract(b"", b"secret").expect("extracted");
        let material = prk.expand_array::<33>(b"").expect("expanded");
        let cipher = unauthenticated::Key::<Aes256Kw>::generate().expect("a key");
        let all = [given.protection(), stream.protection(), prk.protection()];
        assert!(all.iter().all(|it| it.in_openssl_heap));
        assert!(material.protection().in_openssl_heap && cipher.protection().in_openssl_heap);
        assert_eq!(heap.used(), before + 5 * 32 + 64);

        drop((key, given, stream, prk, material, cipher));
        assert_eq!(heap.used(), before);
    }

    fn openssls_own() {
        let heap = switched_on(SIZE);
        // The generators that the set-up used.
        let generators = heap.used();
        assert!(generators > 0);
        let another = std::thread::spawn(move || {
            let before = heap.used();
            drop((
                random::bytes::<1>().expect("drawn"),
                random::private_bytes::<1>().expect("drawn"),
            ));
            heap.used() - before
        });
        // What Init::secure_heap says of their size.
        let thread = another.join().expect("no panic");
        assert!((256..2048).contains(&thread), "{thread} bytes for a thread's two generators");

        let before = heap.used();
        let group = openssl::ec::EcGroup::from_curve_name(openssl::nid::Nid::X9_62_PRIME256V1);
        let private = openssl::ec::EcKey::generate(&group.expect("a group")).expect("a key");
        assert!(heap.used() > before, "the private number of a key that OpenSSL made");
        drop(private);
    }

    #[cfg(target_os = "linux")]
    fn known_to_the_kernel() {
        switched_on(SIZE);
        let prk = Prk::<Sha256>::extract(b"", b"secret").expect("extracted");
        let (_, flags) = mapping(prk.as_bytes().expect("made here").as_ptr() as usize);
        // OpenSSL locks by a system call that a sanitizer does not replace.
        for (flag, expected) in [("dd", true), ("lo", true), ("wf", false)] {
            assert_eq!(flags.iter().any(|it| it == flag), expected, "{flag}: {flags:?}");
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn known_to_the_kernel() {}

    fn overrun() {
        switched_on(SIZE);
        let prk = Prk::<Sha256>::extract(b"", b"secret").expect("extracted");
        let at = prk.as_bytes().expect("made here").as_ptr();
        println!("{REACHED}");
        for behind in 0..SIZE {
            peek(at.wrapping_add(behind));
        }
        println!("survived");
    }

    fn full() {
        let heap = switched_on(SIZE);
        let before = heap.used();
        let keys: Vec<_> = (0..3000)
            .map(|_| Key::<Aes256Gcm>::generate().expect("a key, wherever it lies"))
            .collect();
        let there = keys.iter().filter(|key| in_heap(key)).count();
        assert_eq!(there, SIZE / 2 / 32, "half of the heap");
        assert_eq!(heap.used(), before + SIZE / 2);
        assert!(keys.iter().all(|key| key.protection().locked));
        assert!(keys.iter().step_by(100).all(works));
        // OpenSSL still finds room, for the generators of another thread.
        let drawn = std::thread::spawn(random::private_bytes::<16>).join().expect("no panic");
        assert!(drawn.is_ok());
        drop(keys);
        assert!(in_heap(&Key::<Aes256Gcm>::generate().expect("a key")), "there is room again");

        // OpenSSL's own half used up, which is the worst that can happen: an error, and keys.
        let mut taken = Vec::new();
        while let Ok(private) = openssl::pkey::PKey::generate_ed25519() {
            taken.push(private);
            assert!(taken.len() < 10_000);
        }
        let key = Key::<Aes256Gcm>::generate().expect("this thread has its generators");
        assert!(works(&key) && !in_heap(&key));
        let drawn = std::thread::spawn(random::private_bytes::<16>).join().expect("no panic");
        assert!(
            drawn.is_err_and(|error| error.function().is_some()),
            "another has no room for its own"
        );
        drop(taken);
        let drawn = std::thread::spawn(random::private_bytes::<16>).join().expect("no panic");
        assert!(drawn.is_ok() && in_heap(&Key::<Aes256Gcm>::generate().expect("a key")));
    }

    fn unlocked() {
        lock_no_more(0);
        let heap = switched_on(SIZE);
        assert!(!heap.is_locked());
        let key = Key::<Aes256Gcm>::generate().expect("a key");
        assert!(in_heap(&key) && !key.protection().locked && works(&key));
    }

    fn forked() {
        let heap = switched_on(SIZE);
        let mut key = Some(Key::<Aes256Gcm>::generate().expect("a key"));
        assert!(key.as_ref().is_some_and(in_heap));
        let mut sealer = key.as_ref().expect("there").sealer(RandomNonce).expect("a sealer");
        let used = heap.used();
        assert!(in_child(|| {
            let refused = key.as_ref().is_some_and(|key| {
                key.opener().is_err_and(|error| error.kind() == ErrorKind::Poisoned)
            });
            drop(key.take());
            let own = Key::<Aes256Gcm>::generate().expect("a key");
            let apart = !in_heap(&own) && own.protection().locked;
            refused && apart && works(&own) && sealer.seal(b"", b"").is_ok()
        }));
        assert_eq!(heap.used(), used);
        assert!(key.is_some_and(|key| works(&key)));
    }

    fn threads() {
        let heap = switched_on(1 << 20);
        let before = heap.used();
        std::thread::scope(|scope| {
            for thread in 0..8_u8 {
                scope.spawn(move || {
                    for round in 0..2000_u16 {
                        let mut bytes = [thread; 32];
                        bytes[..2].copy_from_slice(&round.to_le_bytes());
                        let prk = Prk::<Sha256>::from_slice(&bytes).expect("32 bytes");
                        assert_eq!(prk.as_bytes().expect("made here"), bytes);
                    }
                });
            }
        });
        assert_eq!(heap.used(), before);
    }

    fn sizes() {
        let bad = [
            (0, 32),
            (1, 1),
            (2048, 16),
            (65_535, 32),
            (SIZE, 0),
            (SIZE, 8),
            (SIZE, 33),
            (SIZE, SIZE),
            (SIZE, SIZE / 2),
            (1 << 31, 32),
            (usize::MAX / 2 + 1, 32),
            (usize::MAX, usize::MAX),
        ];
        for (size, least) in bad {
            let error = Init::new().secure_heap(size, least).run().expect_err("a bad size");
            assert_eq!(error.kind(), ErrorKind::Parameter, "{size}, {least}");
            assert!(error.to_string().contains(&size.to_string()), "{error}");
        }
        switched_on(SIZE);
    }

    fn too_late() {
        ffence::init().expect("set up");
        let error = Init::new().secure_heap(SIZE, 32).run().expect_err("too late");
        assert_eq!(error.kind(), ErrorKind::Init);
        assert!(error.to_string().contains("first thing in main"), "{error}");
        assert!(heap().is_none());
        let key = Key::<Aes256Gcm>::generate().expect("a key");
        assert!(!in_heap(&key) && works(&key));
    }

    fn once() {
        switched_on(SIZE);
        Init::new().secure_heap(SIZE, 32).run().expect("the same again");
        ffence::init().expect("no wish");
        let others = [
            Init::new(),
            Init::new().secure_heap(2 * SIZE, 32),
            Init::new().secure_heap(SIZE, 32).openssl_config(OpenSslConfig::Ignore),
        ];
        for other in others {
            assert_eq!(other.run().expect_err("another wish").kind(), ErrorKind::Init);
        }
    }

    fn second_user() {
        openssl::init();
        let error = Init::new().secure_heap(SIZE, 32).run().expect_err("too late");
        assert_eq!(error.kind(), ErrorKind::Init);
        assert!(error.to_string().contains("in use before"), "{error}");
        assert_eq!(ffence::init().expect_err("final").to_string(), error.to_string());
    }

    fn none() {
        assert!(heap().is_none());
        assert!(!in_heap(&Key::<Aes256Gcm>::generate().expect("a key")));
    }
}
