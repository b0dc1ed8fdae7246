//! A process of its own, because it gives libcrypto its memory from the first block on: whatever a
//! pooled object was fed, no byte of it is in any block that libcrypto has, or had, once the object
//! is back in its pool.
//!
//! Each object is fed a text that occurs nowhere else, in ways that end within a block. Then it goes
//! back, and the blocks are searched for any eight bytes of the text in a row: those that are live,
//! and each one that was freed since, as it was when it was freed. That the search finds such bytes
//! where they are is shown on a context that was fed and not given back.

use std::collections::BTreeMap;
use std::ffi::{c_char, c_int, c_void};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use ffence::crypto::unauthenticated::{
    self, Aes256Kwp, Aes256Xts, SectorDecryptor, SectorEncryptor, Unwrapper, Wrapper,
};
use ffence::crypto::{
    Aead, Aes128Gcm, Aes256, Aes256Ccm, Aes256Gcm, Aes256Ocb, Aes256Siv, Blake2b512, Blake2s256,
    ChaCha20Poly1305, Cmac, Extendable, Gmac, GmacNonce, Hash, Hasher, Hmac, Key, Kmac128,
    NoncePolicy, Opener, RandomNonce, Sealer, Sha3_224, Sha3_256, Sha3_384, Sha3_512, Sha224,
    Sha256, Sha384, Sha512, Sha512_256, Shake128, Shake256, SipHash64, Xof, hazmat,
};
use ffence::pool::{Pool, Reset};

/// So many bytes in a row are no accident.
const RUN: usize = 8;

/// What the blocks are searched for, so that the search itself is not found.
const MASK: u8 = 0xC3;

struct Blocks {
    live: BTreeMap<usize, usize>,
    /// The masked text; empty while nothing is looked for.
    wanted: Vec<u8>,
    /// Which two bytes follow each other in the text.
    likely: [[bool; 256]; 256],
    /// Blocks that held some of it when they were freed.
    freed_with_residue: usize,
}

static BLOCKS: Mutex<Blocks> = Mutex::new(Blocks {
    live: BTreeMap::new(),
    wanted: Vec::new(),
    likely: [[false; 256]; 256],
    freed_with_residue: 0,
});

impl Blocks {
    fn holds(&self, start: usize, len: usize) -> bool {
        // SAFETY: a block that libcrypto has and nobody else uses: this program has one thread.
        let block = unsafe { std::slice::from_raw_parts(start as *const u8, len) };
        // Eight bytes in a row hold four that begin at a multiple of four, and few fours are likely.
        block.chunks_exact(4).enumerate().any(|(index, four)| {
            self.likely[four[0] as usize][four[1] as usize] && self.is_run(block, index * 4)
        })
    }

    /// Whether a run of the text covers the four bytes at `at`.
    fn is_run(&self, block: &[u8], at: usize) -> bool {
        (at.saturating_sub(RUN - 4)..=at).filter_map(|from| block.get(from..from + RUN)).any(
            |window| {
                self.wanted.windows(RUN).any(|wanted| {
                    wanted.iter().zip(window).all(|(one, other)| one ^ MASK == *other)
                })
            },
        )
    }

    fn want(&mut self, masked: Vec<u8>) {
        self.likely.iter_mut().for_each(|row| row.fill(false));
        for two in masked.windows(2) {
            self.likely[usize::from(two[0] ^ MASK)][usize::from(two[1] ^ MASK)] = true;
        }
        self.wanted = masked;
    }

    fn live_with_residue(&self) -> usize {
        self.live.iter().filter(|&(&start, &len)| self.holds(start, len)).count()
    }

    fn forget(&mut self, block: *mut c_void) {
        if let Some(len) = self.live.remove(&block.addr())
            && self.holds(block.addr(), len)
        {
            self.freed_with_residue += 1;
        }
    }
}

unsafe extern "C" {
    /// `openssl/crypto.h`
    fn CRYPTO_set_mem_functions(
        malloc: unsafe extern "C" fn(usize, *const c_char, c_int) -> *mut c_void,
        realloc: unsafe extern "C" fn(*mut c_void, usize, *const c_char, c_int) -> *mut c_void,
        free: unsafe extern "C" fn(*mut c_void, *const c_char, c_int),
    ) -> c_int;
}

unsafe extern "C" fn malloc(size: usize, _: *const c_char, _: c_int) -> *mut c_void {
    // SAFETY: what is uninitialised is read by the search: zeroes are as good.
    let block = unsafe { libc::calloc(1, size) };
    if !block.is_null() {
        BLOCKS.lock().unwrap().live.insert(block.addr(), size);
    }
    block
}

unsafe extern "C" fn realloc(
    old: *mut c_void,
    size: usize,
    _: *const c_char,
    _: c_int,
) -> *mut c_void {
    let len = BLOCKS.lock().unwrap().live.get(&old.addr()).copied().unwrap_or(0);
    // SAFETY: as above.
    let new = unsafe { malloc(size, std::ptr::null(), 0) };
    if !new.is_null() && !old.is_null() {
        // SAFETY: both are as long.
        unsafe { new.cast::<u8>().copy_from_nonoverlapping(old.cast(), len.min(size)) };
        // SAFETY: made above.
        unsafe { free(old, std::ptr::null(), 0) };
    }
    new
}

unsafe extern "C" fn free(block: *mut c_void, _: *const c_char, _: c_int) {
    BLOCKS.lock().unwrap().forget(block);
    // SAFETY: made above.
    unsafe { libc::free(block) };
}

/// A text of which no eight bytes occur anywhere else, unmasked only for as long as it is used.
fn with_text<T>(len: usize, uses: impl FnOnce(&[u8]) -> T) -> T {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64 ^ len as u64;
    let masked: Vec<u8> = (0..len)
        .map(|_| {
            state = state.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
            (state >> 56) as u8
        })
        .collect();
    BLOCKS.lock().unwrap().want(masked);
    let mut text: Vec<u8> = BLOCKS.lock().unwrap().wanted.iter().map(|byte| byte ^ MASK).collect();
    let answer = uses(&text);
    text.fill(0);
    answer
}

/// Live blocks and freed ones that held some of the text.
fn residue() -> (usize, usize) {
    let mut blocks = BLOCKS.lock().unwrap();
    (blocks.live_with_residue(), std::mem::take(&mut blocks.freed_with_residue))
}

/// The lengths end before, at and after the ends of blocks of 8, 16, 64, 72, 104, 128, 136, 144 and 168.
const LENGTHS: [usize; 14] = [9, 15, 16, 31, 47, 63, 64, 71, 103, 127, 135, 143, 167, 333];

/// A way to feed an object a text.
type Feed<'a, T> = &'a dyn Fn(&mut T, &[u8]);

struct Report {
    cases: usize,
    wrong: Vec<String>,
}

impl Report {
    /// Feeds an object of a pool in every way and looks for what is left; then compares it with a new
    /// one.
    fn pool<T: Reset + 'static, R: PartialEq>(
        &mut self,
        name: &str,
        make: impl Fn() -> ffence::Result<T> + Send + Sync + 'static,
        feeds: &[(&str, Feed<'_, T>)],
        proves: impl Fn(&mut T) -> R,
    ) {
        let pool = Pool::new(make).expect("a pool");
        let fresh = proves(&mut pool.take().expect("a new one"));
        for (how, feed) in feeds {
            for len in LENGTHS {
                with_text(len, |text| {
                    let mut object = pool.take().expect("one");
                    feed(&mut object, text);
                });
                let (live, freed) = residue();
                self.cases += 1;
                if (live, freed) != (0, 0) {
                    let text = format!(
                        "{name}, {how} {len}: left in {live} live and {freed} freed blocks"
                    );
                    self.wrong.push(text);
                }
                if pool.idle() != 1 {
                    self.wrong.push(format!("{name}, {how} {len}: it was not kept"));
                }
                if proves(&mut pool.take().expect("the same one")) != fresh {
                    self.wrong.push(format!("{name}, {how} {len}: it differs from a new one"));
                }
            }
        }
    }

    fn hasher<H: Hash + 'static>(&mut self, name: &str)
    where
        H::Output: PartialEq,
    {
        self.pool(
            name,
            Hasher::<H>::new,
            &[
                ("half-way through", &|hasher, text| hasher.update(text).unwrap()),
                ("after", &|hasher, text| {
                    hasher.update(text).unwrap();
                    hasher.finish_reset().unwrap();
                }),
            ],
            |hasher| {
                hasher.update(b"abc").unwrap();
                hasher.finish_reset().unwrap().into_bytes()
            },
        );
    }
}

impl Report {
    fn xof<X: Extendable>(&mut self, name: &str) {
        self.pool::<Xof<X>, _>(
            name,
            Xof::<X>::new,
            &[
                ("half-way through", &|xof, text| xof.update(text).unwrap()),
                ("after", &|xof, text| {
                    xof.update(text).unwrap();
                    xof.finish_into_reset(&mut [0; 200]).unwrap();
                }),
            ],
            |xof| {
                let mut output = [0; 40];
                xof.update(b"abc").unwrap();
                xof.finish_into_reset(&mut output).unwrap();
                output
            },
        );
    }

    /// A nonce of one message is that of another here: nobody else sees either.
    fn gmac(&mut self) {
        self.pool::<Gmac<Aes256>, _>(
            "GMAC",
            || Gmac::<Aes256>::new(&[7; 32]),
            &[("after", &|mac, text| {
                assert!(mac.sign(GmacNonce::from_bytes([1; 12]), text).is_ok());
            })],
            |mac| mac.sign(GmacNonce::from_bytes([2; 12]), b"abc").unwrap(),
        );
    }

    fn sectors(&mut self) {
        let key = Arc::new(unauthenticated::Key::<Aes256Xts>::generate().unwrap());
        let decrypts = Arc::clone(&key);
        let tweak = |text: &[u8]| text[..16].try_into().unwrap_or([0; 16]);
        // No sector is shorter than a block.
        self.pool::<SectorEncryptor<_>, _>(
            "XTS encryptor",
            move || key.sector_encryptor(),
            &[("after", &|sectors, text| {
                if text.len() >= 16 {
                    sectors.encrypt(&tweak(text), &mut text.to_vec()).unwrap();
                }
            })],
            |sectors| {
                let mut sector = [7; 33];
                sectors.encrypt(&[1; 16], &mut sector).unwrap();
                sector
            },
        );
        self.pool::<SectorDecryptor<_>, _>(
            "XTS decryptor",
            move || decrypts.sector_decryptor(),
            &[("after", &|sectors, text| {
                if text.len() >= 16 {
                    sectors.decrypt(&tweak(text), &mut text.to_vec()).unwrap();
                }
            })],
            |sectors| {
                let mut sector = [7; 33];
                sectors.decrypt(&[1; 16], &mut sector).unwrap();
                sector
            },
        );
    }

    fn wrapped_keys(&mut self) {
        let key = Arc::new(unauthenticated::Key::<Aes256Kwp>::generate().unwrap());
        let other = Mutex::new(key.wrapper().unwrap());
        let wrapped = |text: &[u8]| {
            let mut other = other.lock().unwrap();
            let wrapped = other.wrap(text).unwrap();
            other.reset().unwrap();
            wrapped
        };
        let known = wrapped(b"a key");
        let wraps = Arc::clone(&key);
        self.pool::<Wrapper<_>, _>(
            "key wrapper",
            move || wraps.wrapper(),
            &[("after", &|wrapper, text| drop(wrapper.wrap(text).unwrap()))],
            |wrapper| wrapper.wrap(b"a key").unwrap(),
        );
        self.pool::<Unwrapper<_>, _>(
            "key unwrapper",
            move || key.unwrapper(),
            &[
                ("after", &|unwrapper, text| drop(unwrapper.unwrap(&wrapped(text)).unwrap())),
                ("after a forgery of", &|unwrapper, text| {
                    let mut wrapped = wrapped(text);
                    *wrapped.last_mut().unwrap() ^= 1;
                    assert!(unwrapper.unwrap(&wrapped).is_err());
                }),
            ],
            |unwrapper| unwrapper.unwrap(&known).unwrap().as_bytes().unwrap().to_vec(),
        );
    }

    fn nonces_of_the_caller(&mut self) {
        let key = Key::<Aes256Gcm>::generate().unwrap();
        let opener = Mutex::new(key.opener().unwrap());
        let nonce = |byte| hazmat::Nonce::from_bytes([byte; 12]);
        self.pool::<hazmat::Sealer<_>, _>(
            "sealer with the caller's nonces",
            move || hazmat::Sealer::new(&key),
            &[("after the header", &|sealer, text| {
                drop(sealer.seal(nonce(1), text, b"x").unwrap());
            })],
            |sealer| {
                let sealed = sealer.seal(nonce(2), b"", b"abc").unwrap();
                let whole = [&[2; 12][..], &sealed].concat();
                opener.lock().unwrap().open(b"", &whole).unwrap()
            },
        );
    }
}

macro_rules! mac {
    ($report:ident, $name:literal, $mac:ty, $make:expr) => {
        $report.pool::<$mac, _>(
            $name,
            || $make,
            &[
                ("half-way through", &|mac, text| mac.begin().unwrap().update(text).unwrap()),
                ("after", &|mac, text| assert!(mac.sign(text).is_ok())),
            ],
            |mac| mac.sign(b"abc").unwrap(),
        );
    };
}

macro_rules! aead {
    ($report:ident, $aead:ty) => {
        let key = Key::<$aead>::generate().unwrap();
        let opens = key.opener().unwrap();
        let opens = Mutex::new(opens);
        let seals = Arc::new(key);
        let openers = Arc::clone(&seals);
        let sealing = Arc::clone(&seals);
        $report.pool::<Sealer<$aead>, _>(
            concat!(stringify!($aead), " sealer"),
            move || seals.sealer(RandomNonce),
            &[
                ("after", &|sealer, text| drop(sealer.seal(b"", text).unwrap())),
                ("after the header", &|sealer, text| drop(sealer.seal(text, b"x").unwrap())),
            ],
            |sealer| {
                let sealed = sealer.seal(b"", b"abc").unwrap();
                opens.lock().unwrap().open(b"", &sealed).unwrap()
            },
        );
        let sealed = sealing.sealer(RandomNonce).unwrap().seal(b"", b"abc").unwrap();
        let sealer = Mutex::new(sealing.sealer(RandomNonce).unwrap());
        $report.pool::<Opener<$aead>, _>(
            concat!(stringify!($aead), " opener"),
            move || openers.opener(),
            &[
                ("after", &|opener, text| {
                    let sealed = sealed_by(&sealer, text);
                    opener.open(b"", &sealed).unwrap().fill(0);
                }),
                ("after a forgery of", &|opener, text| {
                    let mut sealed = sealed_by(&sealer, text);
                    *sealed.last_mut().unwrap() ^= 1;
                    opener.open(b"", &sealed).unwrap_err();
                }),
            ],
            |opener| opener.open(b"", &sealed).unwrap(),
        );
    };
}

/// Sealed by another object, which is not to be found either.
fn sealed_by<A: Aead, N: NoncePolicy<A>>(sealer: &Mutex<Sealer<A, N>>, text: &[u8]) -> Vec<u8> {
    let mut sealer = sealer.lock().unwrap();
    let sealed = sealer.seal(b"", text).unwrap();
    sealer.reset().unwrap();
    sealed
}

fn main() -> ExitCode {
    // SAFETY: CRYPTO_set_mem_functions(3): before any other call; the functions are malloc's family.
    let set = unsafe { CRYPTO_set_mem_functions(malloc, realloc, free) };
    assert_eq!(set, 1, "nothing was allocated before");
    ffence::init().expect("set up");

    // The search finds what is there.
    let mut fed = Hasher::<Sha256>::new().expect("a hasher");
    with_text(31, |text| fed.update(text).expect("fed"));
    assert_eq!(residue().0, 1, "a context that was fed holds what it was fed");
    drop(fed);
    let _ = residue();

    let mut report = Report { cases: 0, wrong: Vec::new() };
    report.hasher::<Sha224>("SHA-224");
    report.hasher::<Sha256>("SHA-256");
    report.hasher::<Sha384>("SHA-384");
    report.hasher::<Sha512>("SHA-512");
    report.hasher::<Sha512_256>("SHA-512/256");
    report.hasher::<Sha3_224>("SHA3-224");
    report.hasher::<Sha3_256>("SHA3-256");
    report.hasher::<Sha3_384>("SHA3-384");
    report.hasher::<Sha3_512>("SHA3-512");
    report.hasher::<Blake2s256>("BLAKE2s-256");
    report.hasher::<Blake2b512>("BLAKE2b-512");
    report.xof::<Shake128>("SHAKE128");
    report.xof::<Shake256>("SHAKE256");
    report.gmac();
    report.sectors();
    report.wrapped_keys();
    report.nonces_of_the_caller();
    mac!(report, "HMAC-SHA-256", Hmac<Sha256>, Hmac::<Sha256>::new(b"a key"));
    mac!(report, "HMAC-SHA3-256", Hmac<Sha3_256>, Hmac::<Sha3_256>::new(b"a key"));
    mac!(report, "CMAC", Cmac<Aes256>, Cmac::<Aes256>::new(&[7; 32]));
    mac!(report, "KMAC-128", Kmac128<32>, Kmac128::<32>::new(b"a key", b""));
    mac!(report, "SipHash", SipHash64, SipHash64::new(&[7; 16]));
    aead!(report, Aes256Gcm);
    aead!(report, Aes128Gcm);
    aead!(report, ChaCha20Poly1305);
    aead!(report, Aes256Ccm);
    aead!(report, Aes256Ocb);
    aead!(report, Aes256Siv);

    let (cases, wrong) = (report.cases, report.wrong);
    println!("running 1 test");
    for line in &wrong {
        println!("     {line}");
    }
    let verdict = if wrong.is_empty() { "ok" } else { "FAILED" };
    println!("test nothing_of_the_last_user_is_left ... {verdict} ({cases} cases)\n");
    let (passed, failed) = if wrong.is_empty() { (1, 0) } else { (0, 1) };
    println!(
        "test result: {verdict}. {passed} passed; {failed} failed; 0 ignored; 0 measured; 0 filtered out\n"
    );
    if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
