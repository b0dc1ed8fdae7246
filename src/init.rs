//! One-time set-up of both libraries.
//!
//! Nothing happens before `main`, and nothing needs to be called: the first use of a library sets
//! it up, from whichever thread comes first. [`init`] does the same early, where a failure can be
//! reported well, and [`Init`] takes options. A set-up that failed is final: every later call of
//! this process answers the same [`ErrorKind::Init`], because neither library can be initialised
//! twice.
//!
//! What is set up, and why in this order:
//! 1. libcrypto with `OPENSSL_INIT_NO_ATEXIT`: its clean-up at exit would pull the floor from under
//!    threads that still work while `main` returns.
//! 2. The default library context, its providers and its random generators are used once: OpenSSL
//!    crashes when memory fails while it builds them later, inside another call.
//! 3. libcurl, which finds libcrypto set up already.

#![allow(unsafe_code)]

#[cfg(feature = "http")]
mod memory;

use std::path::PathBuf;

use crate::error::{Detail, Error, ErrorKind, Library, Record, Result};
use crate::sync::OnceLock;

/// Sets both libraries up with the defaults.
///
/// Calling it again, or from many threads at once, is harmless.
///
/// # Errors
/// [`ErrorKind::Init`], for ever, when a library could not be set up.
///
/// ```
/// fn main() -> ffence::Result<()> {
///     ffence::init()?;
///     // …
/// #   Ok(())
/// }
/// ```
pub fn init() -> Result<()> {
    set_up_all(&Init::default())
}

/// Options of the set-up.
///
/// ```
/// use ffence::{Init, OpenSslConfig};
/// Init::new().openssl_config(OpenSslConfig::Ignore).run()?;
/// # Ok::<(), ffence::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "nothing is set up before `run`"]
pub struct Init {
    config: OpenSslConfig,
    #[cfg(feature = "crypto")]
    heap: Option<openssl::HeapSize>,
    #[cfg(feature = "http")]
    memory: Option<memory::Memory>,
}

/// Which configuration file OpenSSL reads; it may load providers and set policies (FIPS).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpenSslConfig {
    /// The system's `openssl.cnf`, or the one that `OPENSSL_CONF` names.
    #[default]
    System,
    /// This file.
    File(PathBuf),
    /// None.
    Ignore,
}

impl Init {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Chooses OpenSSL's configuration file.
    pub fn openssl_config(mut self, config: OpenSslConfig) -> Self {
        self.config = config;
        self
    }

    /// Switches OpenSSL's secure heap on: `size` bytes in one locked piece between guard pages, out of
    /// core dumps, from which blocks of `least` bytes and more are handed out.
    ///
    /// What lies in it: the keys of this crate, up to half of its size (each takes a power of 2 of
    /// bytes); and what OpenSSL itself puts there: its random generators, and the private numbers of
    /// RSA, EC and Edwards keys. The key schedules of ciphers and the contexts of MACs do not (OpenSSL
    /// 3.0). When there is no room, keys lie in the shared pages of [`secret`](crate::secret), as they
    /// do without this heap, and OpenSSL's own calls fail with [`ErrorKind::OpenSsl`] or
    /// [`ErrorKind::OutOfMemory`]: each thread that draws takes 512 bytes, an RSA key about 1 KiB.
    ///
    /// Where a key lies: [`Key::protection`](crate::crypto::Key::protection). Whether the heap is
    /// locked, and how much of it is used: [`OpenSsl::secure_heap`](crate::capabilities::OpenSsl::secure_heap).
    /// A forked child inherits what is in it, unlike the shared pages, and without the lock; keys of
    /// this crate are refused to it all the same, and those that it makes do not lie there.
    ///
    /// `size` and `least` are powers of 2; `size` is 4 KiB to 1 GiB, `least` 16 bytes to a quarter
    /// of `size`. What else is [`ErrorKind::Parameter`], from [`run`](Self::run). The set-up fails
    /// when another crate used libcrypto before, and when OpenSSL was built without this heap or
    /// finds no memory for it.
    ///
    /// LeakSanitizer does not look into this heap, and reports what OpenSSL's generators hold from
    /// there.
    ///
    /// [CRYPTO_secure_malloc_init](https://docs.openssl.org/3.0/man3/OPENSSL_secure_malloc/)
    ///
    /// ```
    /// use ffence::Init;
    /// Init::new().secure_heap(1 << 16, 32).run()?;
    /// let heap = ffence::capabilities()?.openssl().secure_heap().expect("it was asked for");
    /// if !heap.is_locked() {
    ///     eprintln!("the limit for locked memory is reached; see RLIMIT_MEMLOCK");
    /// }
    /// # Ok::<(), ffence::Error>(())
    /// ```
    #[cfg(feature = "crypto")]
    #[doc(alias = "CRYPTO_secure_malloc_init")]
    pub fn secure_heap(mut self, size: usize, least: usize) -> Self {
        self.heap = Some(openssl::HeapSize { size, least });
        self
    }

    /// Makes libcurl take its memory from `allocator`, as Rust takes its own from a
    /// `#[global_allocator]`: to count it, to bound it, or to make it fail.
    ///
    /// Each block is 16 bytes larger than libcurl asks for: C does not say again how large it was.
    /// Threads of libcurl's own (which resolve names) ask for memory as well. Of the libraries that
    /// libcurl uses, some are given the same functions (nghttp2, libssh2), others are not (OpenSSL).
    ///
    /// [`curl_global_init_mem`](https://curl.se/libcurl/c/curl_global_init_mem.html)
    ///
    /// # Safety
    /// Nothing that libcurl allocated before [`run`](Self::run) is freed after it, by whatever code
    /// of the process: the new functions would be handed blocks of the old ones. Values of this crate
    /// see to it themselves. Run it first thing in `main`.
    ///
    /// # Errors
    /// [`run`](Self::run) answers [`ErrorKind::Init`] when another crate, or a value of this one, used
    /// libcurl before.
    ///
    /// ```
    /// use std::alloc::System;
    /// // SAFETY: nothing has used libcurl yet.
    /// unsafe { ffence::Init::new().libcurl_memory(&System) }.run()?;
    /// # Ok::<(), ffence::Error>(())
    /// ```
    #[cfg(feature = "http")]
    #[doc(alias = "curl_global_init_mem")]
    #[allow(unsafe_code)]
    pub unsafe fn libcurl_memory<A>(mut self, allocator: &'static A) -> Self
    where
        A: std::alloc::GlobalAlloc + Sync,
    {
        self.memory = Some(memory::Memory::of(allocator));
        self
    }

    /// Sets both libraries up.
    ///
    /// # Errors
    /// [`ErrorKind::Init`] when a library could not be set up, or when it had been set up before
    /// and these options can have no effect any more. [`ErrorKind::Parameter`] for sizes that
    /// [`secure_heap`](Self::secure_heap) does not take; nothing was set up then.
    pub fn run(self) -> Result<()> {
        #[cfg(feature = "crypto")]
        self.heap.map_or(Ok(()), openssl::HeapSize::check)?;
        let before = STARTED.get_or_init(|| self.clone());
        if *before != self {
            return Err(Error::ours(
                ErrorKind::Init,
                format!("set up before with {before:?}: call Init::run first thing in main"),
            ));
        }
        set_up_all(&self)
    }
}

/// The options that the process settled on.
static STARTED: OnceLock<Init> = OnceLock::new();

fn set_up_all(options: &Init) -> Result<()> {
    #[cfg(feature = "crypto")]
    openssl::set_up(options)?;
    #[cfg(feature = "http")]
    libcurl::set_up()?;
    let _ = options;
    Ok(())
}

/// A failed set-up, kept for ever.
#[derive(Clone, Debug)]
struct Failure {
    library: Library,
    function: &'static str,
    code: Option<i64>,
    message: String,
    records: Vec<Record>,
}

impl Failure {
    fn error(&self) -> Error {
        Error::with(
            ErrorKind::Init,
            Detail {
                code: self.code,
                message: self.message.clone(),
                records: self.records.clone(),
                ..Detail::new(self.library, self.function)
            },
        )
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self {
            library: error.library(),
            function: error.function().unwrap_or_default(),
            code: error.code(),
            message: match error.function() {
                Some(_) => String::new(),
                None => error.to_string(),
            },
            records: error.records().to_vec(),
        }
    }
}

/// The configuration file's path as C wants it.
#[cfg(feature = "crypto")]
fn c_path(path: &std::path::Path) -> Result<std::ffi::CString> {
    let path = path.as_os_str().as_encoded_bytes();
    Ok(crate::cstr::lend(path, "the path of the configuration file")?)
}

#[cfg(feature = "crypto")]
pub(crate) mod openssl {
    use std::ptr::{self, NonNull};

    use super::{Failure, Init, OpenSslConfig, STARTED};
    use crate::error::openssl::{Checked as _, Failed, bracket, first as first_call};
    use crate::error::{Error, ErrorKind, Result};
    use crate::ffi::openssl as ffi;
    use crate::fork;
    use crate::owned::Owned;
    use crate::sync::OnceLock;

    /// What the set-up found.
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct State {
        /// Nothing had used libcrypto before, so that our choice about clean-up at exit counts.
        pub(crate) first: bool,
        /// OpenSSL's secure heap, where it was asked for.
        pub(crate) heap: Option<Heap>,
    }

    /// What was asked of the secure heap.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct HeapSize {
        pub(crate) size: usize,
        pub(crate) least: usize,
    }

    /// The secure heap of this process.
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct Heap {
        pub(crate) size: HeapSize,
        /// Locked, guarded and kept out of core dumps: OpenSSL tells all or nothing.
        pub(crate) locked: bool,
        /// The [`fork::process`] that made it.
        process: u64,
    }

    impl Heap {
        /// Whether this process made it, rather than inherit it.
        pub(crate) fn is_ours(&self) -> bool {
            self.process == fork::process()
        }
    }

    static STATE: OnceLock<Result<State, Failure>> = OnceLock::new();

    /// What every entry into OpenSSL calls first.
    #[inline]
    pub(crate) fn ready() -> Result<State> {
        match STATE.get() {
            Some(Ok(state)) => Ok(*state),
            _ => set_up(&STARTED.get().cloned().unwrap_or_default()),
        }
    }

    /// The secure heap, if it is on by now; sets nothing up.
    #[inline]
    pub(crate) fn heap() -> Option<Heap> {
        STATE.get().and_then(|state| state.as_ref().ok()?.heap)
    }

    #[cold]
    pub(crate) fn set_up(options: &Init) -> Result<State> {
        let outcome = STATE
            .get_or_init(|| start(STARTED.get_or_init(|| options.clone())).map_err(Failure::from));
        outcome.as_ref().copied().map_err(Failure::error)
    }

    fn start(options: &Init) -> Result<State> {
        // CRYPTO_set_mem_functions(3) is refused once libcrypto has allocated; three NULLs change
        // nothing, so the answer only tells whether somebody was here before.
        // SAFETY: NULL means "leave this function as it is".
        let first = unsafe { ffi::CRYPTO_set_mem_functions(None, None, None) } == 1;
        // Before the generators are made, which lie in it.
        let heap = options.heap.map(|size| size.switch_on(first)).transpose()?;
        first_call(|| begin(&options.config))?;
        bracket(warm_up)?;
        Ok(State { first, heap })
    }

    impl HeapSize {
        /// OpenSSL ends the process for a size that is no power of 2, and when it finds no memory for
        /// its tables, which a billion bytes and blocks of 16 keep below 64 MiB.
        pub(super) fn check(self) -> Result<()> {
            let Self { size, least } = self;
            let fine = size.is_power_of_two()
                && least.is_power_of_two()
                && (4096..=1 << 30).contains(&size)
                && (16..=size / 4).contains(&least);
            if fine {
                return Ok(());
            }
            Err(Error::ours(
                ErrorKind::Parameter,
                format!(
                    "a secure heap is a power of 2 of 4 KiB to 1 GiB large, its least block a power \
                     of 2 of 16 bytes to a quarter of that: not {size} and {least}"
                ),
            ))
        }

        fn switch_on(self, first: bool) -> Result<Heap> {
            // OPENSSL_secure_malloc(3) promises nothing to threads that use the heap meanwhile.
            if !first {
                return Err(Error::ours(
                    ErrorKind::Init,
                    "libcrypto was in use before its secure heap was asked for: call Init::run \
                     first thing in main",
                ));
            }
            // SAFETY: both are powers of 2 (checked in `run`), and nobody has used libcrypto yet.
            match unsafe { ffi::CRYPTO_secure_malloc_init(self.size, self.least) } {
                1 => Ok(Heap { size: self, locked: true, process: fork::process() }),
                // "2 if successful but the heap could not be protected by memory mapping".
                2 => Ok(Heap { size: self, locked: false, process: fork::process() }),
                _ => Err(Error::ours(
                    ErrorKind::Init,
                    format!("OpenSSL has no secure heap of {} bytes for us", self.size),
                )),
            }
        }
    }

    fn begin(config: &OpenSslConfig) -> Result<(), Failed> {
        let (load, path) = match config {
            OpenSslConfig::System => (ffi::OPENSSL_INIT_LOAD_CONFIG, None),
            OpenSslConfig::File(path) => {
                (ffi::OPENSSL_INIT_LOAD_CONFIG, Some(super::c_path(path)?))
            }
            OpenSslConfig::Ignore => (ffi::OPENSSL_INIT_NO_LOAD_CONFIG, None),
        };
        let mut settings = None;
        if let Some(path) = &path {
            // SAFETY: takes nothing.
            let made = unsafe { ffi::OPENSSL_INIT_new() };
            // SAFETY: OPENSSL_INIT_new(3): NULL or settings that are ours.
            let made = unsafe { Owned::from_raw(made) };
            let made = settings.insert(made.checked("OPENSSL_INIT_new")?);
            // SAFETY: the settings are live, and the text is copied during the call.
            unsafe { ffi::OPENSSL_INIT_set_config_filename(made.as_ptr(), path.as_ptr()) }
                .checked("OPENSSL_INIT_set_config_filename")?;
        }
        let settings = settings.as_ref().map_or(ptr::null_mut(), Owned::as_ptr);
        let options = u64::from(ffi::OPENSSL_INIT_NO_ATEXIT | load);
        // SAFETY: NULL, or settings that live until the call is over.
        unsafe { ffi::OPENSSL_init_crypto(options, settings) }.checked("OPENSSL_init_crypto")
    }

    /// Uses once what OpenSSL builds on first use (see the module's text).
    fn warm_up() -> Result<(), Failed> {
        // SAFETY: takes nothing; the context it answers is never freed.
        let context = unsafe { ffi::OSSL_LIB_CTX_get0_global_default() };
        NonNull::new(context).checked("OSSL_LIB_CTX_get0_global_default")?;
        let mut byte = 0_u8;
        // SAFETY: one byte is written to; NULL is the default context, 0 the default strength.
        unsafe { ffi::RAND_bytes_ex(ptr::null_mut(), &raw mut byte, 1, 0) }
            .checked("RAND_bytes_ex")?;
        // SAFETY: as above.
        unsafe { ffi::RAND_priv_bytes_ex(ptr::null_mut(), &raw mut byte, 1, 0) }
            .checked("RAND_priv_bytes_ex")?;
        // SAFETY: the names are static strings, NULL the default context and properties.
        let fetched =
            unsafe { ffi::EVP_MD_fetch(ptr::null_mut(), c"SHA2-256".as_ptr(), ptr::null()) };
        // SAFETY: EVP_MD_fetch answers NULL or a reference that is ours.
        unsafe { Owned::from_raw(fetched) }.checked("EVP_MD_fetch")?;
        Ok(())
    }
}

#[cfg(feature = "http")]
pub(crate) mod libcurl {
    use std::ffi::c_long;

    use super::{Failure, Init, STARTED};
    use crate::error::Result;
    use crate::error::libcurl::check;
    use crate::ffi::curl as ffi;
    use crate::sync::OnceLock;

    static STATE: OnceLock<Result<(), Failure>> = OnceLock::new();

    /// What every entry into libcurl calls first.
    #[inline]
    pub(crate) fn ready() -> Result<()> {
        match STATE.get() {
            Some(Ok(())) => Ok(()),
            _ => set_up(),
        }
    }

    #[cold]
    pub(crate) fn set_up() -> Result<()> {
        const ALL: c_long = ffi::CURL_GLOBAL_ALL as c_long;

        #[cfg(feature = "crypto")]
        super::openssl::ready()?;
        let outcome = STATE.get_or_init(|| {
            #[cfg(not(feature = "crypto"))]
            keep_libcrypto_at_exit();
            // curl_global_init(3) is thread-safe from 7.84 on where the library says
            // CURL_VERSION_THREADSAFE. Before, this OnceLock holds off every other caller of ours;
            // another crate's must not run at the same time, which is why programs on an older
            // libcurl call `ffence::init()` first thing in main.
            start(ALL).map_err(Failure::from)
        });
        outcome.as_ref().copied().map_err(Failure::error)
    }

    fn start(flags: c_long) -> Result<()> {
        if let Some(memory) = STARTED.get_or_init(Init::default).memory {
            return memory.set_up(flags);
        }
        #[cfg(feature = "torture")]
        if crate::mem::is_installed() {
            return super::memory::Memory::of(&crate::mem::GATE).set_up(flags);
        }
        // SAFETY: the flags are libcurl's own default.
        let code = unsafe { ffi::curl_global_init(flags) };
        check("curl_global_init", code)
    }

    /// Without the feature `crypto` this crate links no libcrypto, but libcurl may have brought one,
    /// whose clean-up at exit is as bad for threads that fetch over TLS.
    #[cfg(all(unix, not(feature = "crypto")))]
    fn keep_libcrypto_at_exit() {
        use crate::ffi::libcrypto::{InitCrypto, OPENSSL_INIT_NO_ATEXIT};

        // SAFETY: the name ends in NUL; dlsym(3) looks it up in what is loaded, and runs nothing.
        let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"OPENSSL_init_crypto".as_ptr()) };
        if !found.is_null() {
            // SAFETY: the function of that name has this type in every OpenSSL since 1.1.0.
            let init = unsafe { std::mem::transmute::<*mut libc::c_void, InitCrypto>(found) };
            // SAFETY: OPENSSL_init_crypto(3): NULL stands for no settings. A failure is met again,
            // and told, by curl_global_init.
            unsafe { init(OPENSSL_INIT_NO_ATEXIT, std::ptr::null()) };
        }
    }

    #[cfg(all(not(unix), not(feature = "crypto")))]
    fn keep_libcrypto_at_exit() {}
}
