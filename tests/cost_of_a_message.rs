//! An executable of its own: it is run once more with a library before all others that counts what
//! is asked of the C library, and counts Rust's allocations itself.
//!
//! Sealing and opening with a kept key takes no memory from C and no lock. Counts are the same on a
//! busy machine as on an idle one.

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn main() {
    linux::main();
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn main() {
    println!(
        "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out (no glibc)"
    );
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod linux {
    use std::alloc::{GlobalAlloc, Layout, System};
    use std::ffi::c_void;
    use std::hint::black_box;
    use std::process::Command;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    use ffence::ErrorKind;
    use ffence::crypto::{
        Aes128Ccm, Aes128Gcm, Aes128Ocb, Aes192Gcm, Aes256Ccm, Aes256Gcm, Aes256Ocb,
        ChaCha20Poly1305, CounterNonce, Key, NoncePolicy, Nonced, RandomNonce,
    };

    /// Set in the process that counts.
    const COUNTING: &str = "FFENCE_COUNTING";
    /// Twice what a counter takes ahead, and many times the nonces that are drawn at once.
    const MESSAGES: u64 = 2048;
    /// How many nonces of 12 bytes a sealer draws at once.
    const DRAWN: u64 = 32;

    struct Counting;

    static RUST: AtomicU64 = AtomicU64::new(0);

    #[global_allocator]
    static ALLOCATOR: Counting = Counting;

    // SAFETY: every call goes to the system's allocator as it came.
    unsafe impl GlobalAlloc for Counting {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            RUST.fetch_add(1, Ordering::Relaxed);
            // SAFETY: the caller's promises are handed on.
            unsafe { System.alloc(layout) }
        }

        unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
            RUST.fetch_add(1, Ordering::Relaxed);
            // SAFETY: the caller's promises are handed on.
            unsafe { System.alloc_zeroed(layout) }
        }

        unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
            RUST.fetch_add(1, Ordering::Relaxed);
            // SAFETY: the caller's promises are handed on.
            unsafe { System.realloc(block, layout, size) }
        }

        unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
            // SAFETY: the caller's promises are handed on.
            unsafe { System.dealloc(block, layout) }
        }
    }

    pub(super) fn main() {
        if std::env::var_os(COUNTING).is_some() {
            return count();
        }
        let directory = tempfile::tempdir().expect("a directory");
        let library = directory.path().join("libcount.so");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/csrc/count/preload.c");
        let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
        let built = Command::new(&compiler)
            .args(["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-o"])
            .arg(&library)
            .args([source, "-ldl", "-lpthread"])
            .status()
            .expect("a C compiler");
        assert!(built.success(), "{compiler} does not build {source}");
        let own = std::env::current_exe().expect("the own path");
        let status = Command::new(own)
            .env("LD_PRELOAD", &library)
            .env(COUNTING, "1")
            .status()
            .expect("the counting process");
        assert!(status.success(), "the counting process: {status}");
    }

    /// What was asked for.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    struct Asked {
        /// By C alone.
        memory: u64,
        locks: u64,
        /// By Rust.
        rust: u64,
    }

    const NOTHING: Asked = Asked { memory: 0, locks: 0, rust: 0 };

    /// What `work` asks for.
    fn asked(work: impl FnOnce()) -> Asked {
        let (memory, locks) = counted();
        let rust = RUST.load(Ordering::Relaxed);
        work();
        let rust = RUST.load(Ordering::Relaxed) - rust;
        let (memory_after, locks_after) = counted();
        Asked { memory: memory_after - memory - rust, locks: locks_after - locks, rust }
    }

    /// The counters of csrc/count/preload.c.
    fn counted() -> (u64, u64) {
        type Counted = unsafe extern "C" fn(*mut u64, *mut u64);
        static COUNTED: OnceLock<Counted> = OnceLock::new();
        let counted = COUNTED.get_or_init(|| {
            // SAFETY: the name ends in NUL, and the default scope holds what was preloaded.
            let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"ffence_counted".as_ptr()) };
            assert!(!found.is_null(), "the counting library was not loaded");
            // SAFETY: the function has this signature.
            unsafe { std::mem::transmute::<*mut c_void, Counted>(found) }
        });
        let (mut memory, mut locks) = (0, 0);
        // SAFETY: both places are writable.
        unsafe { counted(&raw mut memory, &raw mut locks) };
        (memory, locks)
    }

    fn count() {
        let mut tests = 0;
        let mut test = |name: &str, run: &mut dyn FnMut()| {
            run();
            println!("test {name} ... ok");
            tests += 1;
        };
        println!("running 5 tests");
        test("the_counters_count", &mut the_counters_count);
        test("gcm_and_chacha_ask_for_nothing", &mut || {
            nothing::<Aes128Gcm>();
            nothing::<Aes192Gcm>();
            nothing::<Aes256Gcm>();
            nothing::<ChaCha20Poly1305>();
        });
        test("ccm_and_ocb_ask_for_nothing", &mut || {
            nothing::<Aes128Ccm>();
            nothing::<Aes256Ccm>();
            nothing::<Aes128Ocb>();
            nothing::<Aes256Ocb>();
        });
        test("only_drawing_random_nonces_locks_and_not_for_each_message", &mut || {
            locks_when_drawing::<Aes256Gcm>();
            locks_when_drawing::<ChaCha20Poly1305>();
        });
        test("a_message_that_is_not_genuine_asks_for_nothing", &mut || {
            forged::<Aes256Gcm>();
            forged::<ChaCha20Poly1305>();
        });
        println!(
            "\ntest result: ok. {tests} passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n"
        );
    }

    /// Without this a counter that is not reached would prove anything.
    fn the_counters_count() {
        let rust = asked(|| drop(black_box(vec![0_u8; 100])));
        assert_eq!(rust, Asked { rust: 1, ..NOTHING });
        let key = Key::<Aes256Gcm>::generate().expect("a key");
        let mut sealer = None;
        let context = asked(|| sealer = key.sealer(RandomNonce).ok());
        assert!(context.memory > 0, "a context of C takes memory: {context:?}");
        let mut sealer = sealer.expect("a sealer");
        let drawing = asked(|| {
            black_box(sealer.seal_in_place(b"", &mut [0; 12], &mut []).expect("sealed"));
        });
        assert!(drawing.locks > 0, "OpenSSL's generator locks: {drawing:?}");
    }

    /// Every way to seal and to open, with counted nonces: one Rust allocation for each new `Vec`, and
    /// nothing else.
    fn nothing<A: Nonced>()
    where
        A::Nonce: Default,
    {
        let key = Key::<A>::generate().expect("a key");
        let mut sealer = key.sealer(CounterNonce::new(*b"site")).expect("a sealer");
        let mut opener = key.opener().expect("an opener");
        for len in [0, 64, 16 * 1024] {
            let (mut text, mut out) = (vec![7; len], vec![0; len]);
            let (mut nonce, mut kept) = (A::Nonce::default(), Vec::new());
            let expect = |what: &str, rust: u64, each: &mut dyn FnMut()| {
                each(); // What is paid once.
                let asked = asked(|| (0..MESSAGES).for_each(|_| each()));
                let right = Asked { rust: rust * MESSAGES, ..NOTHING };
                assert_eq!(asked, right, "{what}, {} of {len} bytes", A::NAME);
            };
            expect("seal_in_place", 0, &mut || {
                black_box(sealer.seal_in_place(b"header", &mut nonce, &mut text).expect("sealed"));
            });
            expect("seal_detached", 0, &mut || {
                black_box(
                    sealer.seal_detached(b"header", &text, &mut nonce, &mut out).expect("sealed"),
                );
            });
            expect("seal_to", 0, &mut || {
                kept.clear();
                sealer.seal_to(b"header", &text, &mut kept).expect("sealed");
            });
            expect("seal", 1, &mut || {
                drop(sealer.seal(b"header", &text).expect("sealed"));
            });

            let tag = sealer.seal_in_place(b"header", &mut nonce, &mut text).expect("sealed");
            let sealed = [nonce.as_ref(), &text, tag.as_ref()].concat();
            let mut copy = text.clone();
            expect("open_in_place", 0, &mut || {
                copy.copy_from_slice(&text);
                opener.open_in_place(b"header", &nonce, &mut copy, &tag).expect("genuine");
            });
            expect("open_detached", 0, &mut || {
                opener.open_detached(b"header", &nonce, &text, &tag, &mut out).expect("genuine");
            });
            expect("open_to", 0, &mut || {
                kept.clear();
                opener.open_to(b"header", &sealed, &mut kept).expect("genuine");
            });
            // An empty `Vec` has no block.
            expect("open", u64::from(len > 0), &mut || {
                drop(opener.open(b"header", &sealed).expect("genuine"));
            });
        }
    }

    fn locks_when_drawing<A: Nonced>()
    where
        A::Nonce: Default,
        RandomNonce: NoncePolicy<A>,
    {
        let mut sealer =
            Key::<A>::generate().expect("a key").sealer(RandomNonce).expect("a sealer");
        let (mut text, mut nonce) = ([7; 64], A::Nonce::default());
        let mut drawing = 0;
        for _ in 0..MESSAGES {
            let asked = asked(|| {
                black_box(sealer.seal_in_place(b"", &mut nonce, &mut text).expect("sealed"));
            });
            assert_eq!(Asked { locks: 0, ..asked }, NOTHING, "{}", A::NAME);
            drawing += u64::from(asked.locks > 0);
        }
        assert_eq!(drawing, MESSAGES / DRAWN, "{}", A::NAME);
    }

    fn forged<A: Nonced>()
    where
        A::Nonce: Default,
        A::Tag: Default,
    {
        let key = Key::<A>::generate().expect("a key");
        let mut opener = key.opener().expect("an opener");
        let (nonce, tag) = (A::Nonce::default(), A::Tag::default());
        let mut text = [7; 64];
        let mut each = || {
            let error = opener.open_in_place(b"", &nonce, &mut text, &tag).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Authentication);
        };
        each();
        let asked = asked(|| (0..MESSAGES).for_each(|_| each()));
        assert_eq!(asked, NOTHING, "{}", A::NAME);
    }
}
