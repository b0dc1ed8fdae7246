//! What the linked libraries are and can do, asked at run time.
//!
//! A program may run on another build of a library than it was compiled with, so nothing here comes
//! from the headers.
//!
//! ```
//! let can = ffence::capabilities()?;
//! # #[cfg(all(feature = "crypto", feature = "http"))]
//! println!("{} with {}", can.openssl().version(), can.libcurl().version());
//! # Ok::<(), ffence::Error>(())
//! ```

#![allow(unsafe_code)]

#[cfg(all(feature = "crypto", feature = "http"))]
mod libcrypto;

use std::ffi::{CStr, c_char};

use crate::error::Result;
#[cfg(feature = "http")]
use crate::sync::OnceLock;

pub use crate::version::Version;

#[cfg(all(feature = "crypto", feature = "http"))]
pub use self::libcrypto::SharedLibcrypto;
#[cfg(all(feature = "crypto", feature = "http"))]
pub(crate) use self::libcrypto::shared_libcrypto;

/// Asks the linked libraries; sets them up first where that has not happened yet.
///
/// # Errors
/// [`ErrorKind::Init`](crate::ErrorKind::Init) when a library cannot be set up.
pub fn capabilities() -> Result<Capabilities> {
    Ok(Capabilities {
        #[cfg(feature = "crypto")]
        openssl: OpenSsl::ask()?,
        #[cfg(feature = "http")]
        libcurl: Libcurl::ask()?,
    })
}

/// The answers of [`capabilities`].
#[derive(Clone, Debug)]
pub struct Capabilities {
    #[cfg(feature = "crypto")]
    openssl: OpenSsl,
    #[cfg(feature = "http")]
    libcurl: Libcurl,
}

impl Capabilities {
    /// The linked OpenSSL.
    #[cfg(feature = "crypto")]
    pub fn openssl(&self) -> &OpenSsl {
        &self.openssl
    }

    /// The linked libcurl.
    #[cfg(feature = "http")]
    pub fn libcurl(&self) -> &Libcurl {
        &self.libcurl
    }

    /// Whether libcurl works on the same libcrypto as this crate, so that the objects of
    /// [`crypto`](crate::crypto) can be handed to it. Where it does not, PEM is.
    #[cfg(all(feature = "crypto", feature = "http"))]
    pub fn shared_libcrypto(&self) -> SharedLibcrypto {
        shared_libcrypto(&self.libcurl)
    }
}

/// The version of the linked OpenSSL; it needs no set-up.
#[cfg(feature = "crypto")]
pub(crate) fn openssl_number() -> Version {
    // SAFETY: takes nothing.
    let number = unsafe { crate::ffi::openssl::OpenSSL_version_num() };
    // OPENSSL_VERSION_NUMBER(3): 0xMNN00PP0 from 3.0 on.
    let part = |shift: u32, mask| u32::try_from((number >> shift) & mask).unwrap_or(0);
    Version::new(part(28, 0xf), part(20, 0xff), part(4, 0xff))
}

/// The linked OpenSSL.
#[cfg(feature = "crypto")]
#[derive(Clone, Debug)]
pub struct OpenSsl {
    version: String,
    number: Version,
    first: bool,
    heap: Option<SecureHeap>,
}

/// OpenSSL's secure heap, which [`Init::secure_heap`](crate::Init::secure_heap) switched on.
#[cfg(feature = "crypto")]
#[derive(Clone, Copy, Debug)]
pub struct SecureHeap {
    size: usize,
    locked: bool,
}

#[cfg(feature = "crypto")]
impl SecureHeap {
    /// Its bytes, used and free.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Whether it is out of the swap, out of core dumps and between guard pages: OpenSSL tells all
    /// or nothing. `false` when the limit for locked memory was reached.
    #[doc(alias = "mlock")]
    pub fn is_locked(&self) -> bool {
        self.locked
    }

    /// The bytes that are used right now, by OpenSSL and by the keys of this crate.
    #[doc(alias = "CRYPTO_secure_used")]
    pub fn used(&self) -> usize {
        // SAFETY: reads a number.
        unsafe { crate::ffi::openssl::CRYPTO_secure_used() }
    }
}

#[cfg(feature = "crypto")]
impl OpenSsl {
    fn ask() -> Result<Self> {
        use crate::ffi::openssl as ffi;

        let state = crate::init::openssl::ready()?;
        // SAFETY: OpenSSL_version(3) answers a static string for every number.
        let version = unsafe { ffi::OpenSSL_version(ffi::OPENSSL_VERSION) };
        Ok(Self {
            // SAFETY: static, see above.
            version: unsafe { text(version) },
            number: openssl_number(),
            first: state.first,
            heap: state.heap.map(|heap| SecureHeap { size: heap.size.size, locked: heap.locked }),
        })
    }

    /// Its own text, such as `OpenSSL 3.0.19 27 Jan 2026`.
    #[doc(alias = "OpenSSL_version")]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Its version.
    #[doc(alias = "OpenSSL_version_num")]
    pub fn number(&self) -> Version {
        self.number
    }

    /// Whether libcrypto is known to leave its memory alone when the process exits.
    ///
    /// Its clean-up at exit crashes threads that still work. It is off when this crate was the
    /// first to use libcrypto; when another one was, this answers `false`, and the other's choice
    /// counts. Call [`init`](crate::init()) first thing in `main`.
    #[doc(alias = "OPENSSL_INIT_NO_ATEXIT")]
    pub fn exit_is_safe(&self) -> bool {
        self.first
    }

    /// The secure heap, if [`Init::secure_heap`](crate::Init::secure_heap) asked for it.
    #[doc(alias = "CRYPTO_secure_malloc_initialized")]
    pub fn secure_heap(&self) -> Option<SecureHeap> {
        self.heap
    }
}

/// The linked libcurl.
#[cfg(feature = "http")]
#[derive(Clone, Debug)]
pub struct Libcurl {
    version: String,
    number: Version,
    tls_backend: Option<String>,
    features: u32,
    schemes: Vec<String>,
    trust: [String; 2],
}

#[cfg(feature = "http")]
impl Libcurl {
    fn ask() -> Result<Self> {
        Self::known().cloned()
    }

    /// The same, asked once: `curl_version_info(3)` is not thread-safe, it writes to what it answers.
    pub(crate) fn known() -> Result<&'static Self> {
        static KNOWN: OnceLock<Libcurl> = OnceLock::new();
        crate::init::libcurl::ready()?;
        Ok(KNOWN.get_or_init(Self::read))
    }

    fn read() -> Self {
        use crate::ffi::curl as ffi;

        // Never made a reference: the structure of an older library is shorter than the declared one.
        // SAFETY: takes the newest layout that the caller knows, and answers a static structure.
        let info = unsafe { ffi::curl_version_info(ffi::CURLVERSION_NOW) };
        // SAFETY: static; this field and the next five are older than our floor.
        let number = unsafe { (*info).version_num };
        // SAFETY: as above.
        let features = unsafe { (*info).features };
        // SAFETY: as above.
        let (version, backends) = (unsafe { (*info).version }, unsafe { (*info).ssl_version });
        // SAFETY: as above.
        let (file, directory) = (unsafe { (*info).cainfo }, unsafe { (*info).capath });
        // SAFETY: as above.
        let schemes = unsafe { (*info).protocols };
        // SAFETY: curl_version_info(3): strings that nothing changes, ended by NULL.
        let schemes = unsafe { texts(schemes) };
        // SAFETY: a string that nothing changes during the call, or NULL.
        let backends = unsafe { text(backends) };
        Self {
            // SAFETY: as above.
            version: unsafe { text(version) },
            number: Version::new((number >> 16) & 0xff, (number >> 8) & 0xff, number & 0xff),
            // A libcurl with several names those that are not in use in brackets.
            tls_backend: backends
                .split_whitespace()
                .find(|name| !name.starts_with('('))
                .map(str::to_owned),
            features: u32::from_ne_bytes(features.to_ne_bytes()),
            schemes,
            // SAFETY: NULL, or strings that nothing changes.
            trust: [unsafe { text(file) }, unsafe { text(directory) }],
        }
    }

    /// The file and the folder with the system's certificates, as far as it was built with them.
    pub(crate) fn trust(&self) -> [Option<&str>; 2] {
        self.trust.each_ref().map(|place| Some(place.as_str()).filter(|place| !place.is_empty()))
    }

    /// Its version as text, such as `7.88.1`.
    #[doc(alias = "curl_version_info")]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Its version.
    pub fn number(&self) -> Version {
        self.number
    }

    /// What it does TLS with, such as `OpenSSL/3.0.19`; `None` without TLS.
    pub fn tls_backend(&self) -> Option<&str> {
        self.tls_backend.as_deref()
    }

    /// Whether it speaks HTTP/2.
    #[doc(alias = "CURL_VERSION_HTTP2")]
    pub fn http2(&self) -> bool {
        self.has(crate::ffi::curl::CURL_VERSION_HTTP2)
    }

    /// Whether it speaks the protocol of URLs with this scheme, such as `ftp` or `wss`.
    pub fn speaks(&self, scheme: &str) -> bool {
        self.schemes.iter().any(|known| known == scheme)
    }

    /// Whether it locks its own initialisation.
    ///
    /// Where it does not, call [`init`](crate::init()) before other threads use libcurl by other
    /// ways than this crate.
    #[doc(alias = "CURL_VERSION_THREADSAFE")]
    pub fn thread_safe_init(&self) -> bool {
        self.has(crate::ffi::curl::CURL_VERSION_THREADSAFE)
    }

    fn has(&self, feature: u32) -> bool {
        self.features & feature != 0
    }
}

/// # Safety
/// `pointer` is NULL or points to a string that nothing changes.
#[cfg(any(feature = "crypto", feature = "http"))]
unsafe fn text(pointer: *const c_char) -> String {
    if pointer.is_null() {
        return String::new();
    }
    // SAFETY: not NULL, and the caller vouches for the string.
    unsafe { CStr::from_ptr(pointer) }.to_string_lossy().into_owned()
}

/// # Safety
/// `list` is NULL, or points to strings that nothing changes, ended by NULL.
#[cfg(feature = "http")]
unsafe fn texts(list: *const *const c_char) -> Vec<String> {
    let mut found = Vec::new();
    if list.is_null() {
        return found;
    }
    loop {
        // SAFETY: not behind the NULL that ends the list.
        let next = unsafe { list.add(found.len()) };
        // SAFETY: as above, and not NULL.
        let next = unsafe { *next };
        if next.is_null() {
            return found;
        }
        // SAFETY: as the caller promises.
        found.push(unsafe { text(next) });
    }
}
