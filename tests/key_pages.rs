//! An executable of its own: its children die of what the pages of keys forbid, or look at what the
//! kernel knows about the process.

#[cfg(unix)]
#[path = "common/cases.rs"]
mod cases;

#[cfg(unix)]
fn main() {
    cases::main(unix::CASES);
}

#[cfg(not(unix))]
fn main() {
    println!(
        "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out (no Unix)"
    );
}

#[cfg(unix)]
mod unix {
    use ffence::crypto::kdf::{KeyMaterial, Prk};
    use ffence::crypto::unauthenticated::{self, Aes256Xts};
    use ffence::crypto::{Aes256Gcm, Key, RandomNonce, Sha256, StreamKey};
    use ffence::secret::Protection;

    #[cfg(target_os = "linux")]
    use super::cases::mapping;
    use super::cases::{
        Case, End, REACHED, lock_no_more, locked_kilobytes, mappings, mlock_is_real, page, peek,
        poke,
    };

    #[rustfmt::skip]
    pub(super) const CASES: &[Case] = &[
        ("a_read_beyond_the_pages_faults", overrun, End::Fault),
        ("a_read_before_the_pages_faults", underrun, End::Fault),
        ("a_write_one_byte_beyond_a_key_aborts_on_drop", behind, End::Abort("overwritten")),
        ("a_write_one_byte_before_a_key_aborts_on_drop", before, End::Abort("overwritten")),
        ("a_write_before_a_short_key_aborts_on_drop", before_short, End::Abort("overwritten")),
        ("a_dropped_key_is_wiped", wiped, End::Well),
        ("the_pages_are_locked_and_shared", locked, End::Well),
        ("the_kernel_knows_the_pages_as_what_they_are", known_to_the_kernel, End::Well),
        ("without_a_limit_for_locked_memory_keys_work_unlocked", unlocked, End::Well),
        ("a_hundred_thousand_keys_fit", many, End::Well),
        ("a_hundred_thousand_keys_fit_when_few_can_be_locked", many_unlocked, End::Well),
        ("without_memory_for_pages_keys_work_and_say_so", ordinary, End::Well),
        ("threads_make_use_and_drop_keys_at_once", threads, End::Well),
    ];

    /// The material whose address can be learnt.
    fn material<const N: usize>() -> KeyMaterial<N> {
        let prk = Prk::<Sha256>::extract(b"", b"secret").expect("extracted");
        prk.expand_array(b"").expect("expanded")
    }

    fn start<const N: usize>(key: &KeyMaterial<N>) -> *mut u8 {
        key.as_bytes().expect("made here").as_ptr().cast_mut()
    }

    /// Bytes of the pages that keys share.
    const SLAB: usize = 16 << 10;

    fn overrun() {
        let key = material::<32>();
        println!("{REACHED}");
        for at in 0..SLAB {
            peek(start(&key).wrapping_add(at));
        }
        println!("survived");
    }

    fn underrun() {
        let key = material::<32>();
        println!("{REACHED}");
        for at in 0..SLAB {
            peek(start(&key).wrapping_sub(at));
        }
        println!("survived");
    }

    fn behind() {
        let key = material::<32>();
        poke(start(&key).wrapping_add(32));
        println!("{REACHED}");
        drop(key);
        println!("survived");
    }

    fn before() {
        let key = material::<32>();
        poke(start(&key).wrapping_sub(1));
        println!("{REACHED}");
        drop(key);
        println!("survived");
    }

    fn before_short() {
        let key = material::<20>();
        // Of the 12 bytes that a slot of 32 has to spare.
        poke(start(&key).wrapping_sub(12));
        println!("{REACHED}");
        drop(key);
        println!("survived");
    }

    fn wiped() {
        let (key, other) = (material::<32>(), material::<32>());
        let at = start(&key);
        assert_ne!((0..32).map(|i| peek(at.wrapping_add(i))).collect::<Vec<_>>(), [0; 32]);
        drop(key);
        // The pages are still there, because `other` lies on them.
        assert_eq!((0..32).map(|i| peek(at.wrapping_add(i))).collect::<Vec<_>>(), [0; 32]);
        assert_ne!(other.as_bytes().expect("untouched"), &[0; 32]);
    }

    /// What everything that keeps a key says of its memory.
    fn protections() -> Vec<Protection> {
        let prk = Prk::<Sha256>::extract(b"", b"secret").expect("extracted");
        vec![
            Key::<Aes256Gcm>::generate().expect("a key").protection(),
            Key::<Aes256Gcm>::from_bytes(&[7; 32]).protection(),
            StreamKey::<Aes256Gcm>::generate().expect("a key").protection(),
            unauthenticated::Key::<Aes256Xts>::generate().expect("a key").protection(),
            prk.protection(),
            material::<16>().protection(),
            // Longer than what shares pages.
            material::<1000>().protection(),
        ]
    }

    fn locked() {
        let before = locked_kilobytes();
        let first = Key::<Aes256Gcm>::from_bytes(&[7; 32]);
        let after = locked_kilobytes();
        let more: Vec<_> = (0..100).map(|_| Key::<Aes256Gcm>::from_bytes(&[7; 32])).collect();
        assert!(more.iter().chain([&first]).all(|key| key.protection().locked));
        assert!(protections().iter().all(|protection| protection.locked));
        if let Some((before, after)) = before.zip(after).filter(|_| mlock_is_real()) {
            let slab = SLAB.next_multiple_of(page()) / 1024;
            assert_eq!(after, before + slab);
            let keys: Vec<_> =
                (0..10_000).map(|_| Key::<Aes256Gcm>::from_bytes(&[7; 32])).collect();
            assert!(locked_kilobytes() > Some(before + 20 * slab));
            drop(keys);
            // The shared pages that are still in use, and one spare of each size at most.
            assert!(locked_kilobytes() <= Some(before + 7 * slab), "{:?}", locked_kilobytes());
        }
    }

    #[cfg(target_os = "linux")]
    fn known_to_the_kernel() {
        let has = |at: usize, flag: &str| mapping(at).1.iter().any(|it| it == flag);
        let (short, long) = (material::<32>(), material::<1000>());
        let protection = Protection::default();
        for (at, told) in [
            (start(&short) as usize, short.protection()),
            (start(&long) as usize, long.protection()),
        ] {
            // dd: not dumped; wf: wiped on fork; lo: locked. The stack has none of them.
            for (flag, expected) in [("dd", true), ("wf", true), ("lo", mlock_is_real())] {
                assert_eq!(has(at, flag), expected, "{flag}: {:?}", mapping(at));
                assert!(
                    !has(std::ptr::from_ref(&protection) as usize, flag),
                    "{flag} of the stack"
                );
            }
            assert!(told.excluded_from_dumps && told.wiped_on_fork && told.locked);
            assert!(!told.sealed_at_rest && !told.in_openssl_heap);
            assert_eq!(mapping(at).0, "rw-p");
        }
        // The first slot of its pages: they go on behind it, and end at a guard.
        let at = start(&short) as usize;
        assert_eq!(mapping(at - at % page() - 1).0, "---p");
        assert_eq!(mapping(at - at % page() + SLAB.next_multiple_of(page())).0, "---p");
        // The only one on its pages: it ends where the guard begins.
        assert_eq!(mapping(start(&long) as usize + 1000).0, "---p");
    }

    #[cfg(not(target_os = "linux"))]
    fn known_to_the_kernel() {}

    fn works(key: &Key<Aes256Gcm>) -> bool {
        let sealed = key.sealer(RandomNonce).and_then(|mut it| it.seal(b"", b"hello"));
        let opened = sealed.and_then(|sealed| key.opener()?.open(b"", &sealed));
        opened.is_ok_and(|text| text == b"hello")
    }

    fn unlocked() {
        let before = Key::<Aes256Gcm>::generate().expect("a key");
        assert!(before.protection().locked);
        lock_no_more(0);
        // On the pages that are locked already, and on new ones.
        assert!(Key::<Aes256Gcm>::generate().expect("a key").protection().locked);
        let later = material::<100>();
        assert_eq!(later.protection().locked, !mlock_is_real());
        assert_eq!(later.protection().excluded_from_dumps, cfg!(target_os = "linux"));
        assert_eq!(later.protection().wiped_on_fork, cfg!(target_os = "linux"));
        assert!(works(&before));
    }

    fn hundred_thousand() -> Vec<Key<Aes256Gcm>> {
        let key = |number: u64| {
            let mut bytes = [7; 32];
            bytes[..8].copy_from_slice(&number.to_le_bytes());
            Key::<Aes256Gcm>::from_bytes(&bytes)
        };
        let before = mappings();
        let keys: Vec<_> = (0..100_000).map(key).collect();
        // 300 pieces of three mappings; the system's limit is 65,530 for all that there is.
        assert!(mappings() < before + 1200, "{before} before, {} after", mappings());
        for (number, kept) in (0..).zip(&keys).step_by(997) {
            let sealed = kept.sealer(RandomNonce).expect("a sealer").seal(b"", b"hello");
            let opened =
                key(number).opener().expect("an opener").open(b"", &sealed.expect("sealed"));
            assert_eq!(opened.expect("the same key"), b"hello");
        }
        keys
    }

    fn many() {
        let before = mappings();
        let mut keys: Vec<_> = hundred_thousand().into_iter().map(Some).collect();
        // In an order that is not that of their making.
        let count = keys.len();
        (0..count).for_each(|at| drop(keys[at * 77 % count].take()));
        drop(keys);
        // An allocator may have taken some.
        assert!(mappings() < before + 100, "{before} before, {} after", mappings());
    }

    fn many_unlocked() {
        // What many systems allow, for all of a process.
        lock_no_more(64 << 10);
        let keys = hundred_thousand();
        let locked = keys.iter().filter(|key| key.protection().locked).count();
        if mlock_is_real() {
            assert!((1000..2000).contains(&locked), "{locked}");
        }
        assert!(keys.iter().all(|key| key.protection().wiped_on_fork == cfg!(target_os = "linux")));
    }

    fn ordinary() {
        if !mlock_is_real() {
            return; // A sanitizer does not live within a limited address space.
        }
        let spare = Key::<Aes256Gcm>::generate().expect("a key");
        assert!(works(&spare));
        let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: only reads the limit.
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const none) }, 0);
        let mut keys = Vec::new();
        while keys
            .last()
            .is_none_or(|key: &Key<Aes256Gcm>| key.protection() != Protection::default())
        {
            assert!(keys.len() < 1000);
            keys.push(Key::<Aes256Gcm>::generate().expect("a key"));
        }
        assert!(keys.iter().all(works));
        // What was too long for shared pages finds nothing either, and works.
        let long = material::<1000>();
        assert_eq!(long.protection(), Protection::default());
    }

    fn threads() {
        std::thread::scope(|scope| {
            for thread in 0..8_u8 {
                scope.spawn(move || {
                    let mut kept = Vec::new();
                    for round in 0..2000_u16 {
                        let mut bytes = [thread; 32];
                        bytes[..2].copy_from_slice(&round.to_le_bytes());
                        let prk = Prk::<Sha256>::from_slice(&bytes).expect("32 bytes");
                        kept.push((bytes, prk));
                        if round % 3 == 0 {
                            kept.swap_remove(usize::from(round) * 31 % kept.len());
                        }
                    }
                    for (bytes, prk) in &kept {
                        assert_eq!(prk.as_bytes().expect("made here"), bytes);
                    }
                });
            }
        });
    }
}
