//! How a library is made: the only place that loads providers.

#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_int, c_void};
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::Arc;

use parking_lot::Mutex;

use super::{Cache, Caches, Library, Shared};
use crate::crypto::algorithm::Fetch;
use crate::cstr;
use crate::error::openssl::{Checked as _, bracket};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::openssl as ffi;
use crate::init;
use crate::owned::Owned;
use crate::unwind::{self, Slot};

/// What a [`Library`] is made of.
///
/// ```
/// use ffence::ErrorKind;
/// use ffence::crypto::Library;
///
/// let error = Library::builder().provider("no-such").build().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Configuration);
/// assert!(error.to_string().starts_with("the provider no-such cannot be loaded"));
/// # Ok::<(), ffence::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "nothing is made before `build`"]
pub struct LibraryBuilder {
    config: Option<PathBuf>,
    /// Names, and absolute paths of modules.
    providers: Vec<PathBuf>,
    properties: Option<String>,
}

impl LibraryBuilder {
    /// Loads a provider by its name: `default`, `fips`, `base`, `legacy`, `null`, or that of a
    /// module in OpenSSL's directory of modules. Each call adds one.
    ///
    /// Without any, and without a configuration that loads one, the default provider is there.
    #[doc(alias = "OSSL_PROVIDER_load")]
    pub fn provider(mut self, name: impl Into<String>) -> Self {
        self.providers.push(PathBuf::from(name.into()));
        self
    }

    /// Loads a provider from this file, a shared object.
    ///
    /// Its code runs in this process with all that the process may do, as libcrypto's does: load
    /// what you would link.
    #[doc(alias = "OSSL_PROVIDER_load")]
    pub fn module(mut self, path: impl AsRef<Path>) -> Self {
        // A name without a slash would be looked for in OpenSSL's directory.
        let path = path.as_ref();
        self.providers.push(std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
        self
    }

    /// Reads this configuration file into the library, before the providers are loaded. Without
    /// one, none is read: the system's `openssl.cnf` is for the default library. A file without an
    /// `openssl_conf = …` at its top configures nothing. OpenSSL passes over a provider that the file
    /// names and that cannot be loaded: [`providers`](Library::providers) tells who is there, and a
    /// library of none is an error. What must be there is best named by
    /// [`provider`](Self::provider) as well.
    ///
    /// [config(5)](https://docs.openssl.org/3.0/man5/config/)
    #[doc(alias = "OSSL_LIB_CTX_load_config")]
    pub fn config(mut self, path: impl Into<PathBuf>) -> Self {
        self.config = Some(path.into());
        self
    }

    /// Which implementations may be taken, or are preferred, in all that is done in the library:
    /// `fips=yes` takes only those that declare it, `?fips=yes` takes others where there is none.
    ///
    /// [property(7)](https://docs.openssl.org/3.0/man7/property/)
    #[doc(alias = "EVP_set_default_properties")]
    pub fn properties(mut self, query: impl Into<String>) -> Self {
        self.properties = Some(query.into());
        self
    }

    /// Makes the library.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] when a provider, the configuration file or the property query is
    /// not there or not right; [`ErrorKind::InteriorNul`], [`ErrorKind::OutOfMemory`],
    /// [`ErrorKind::Init`]. Nothing stays loaded then.
    #[doc(alias = "OSSL_LIB_CTX_new")]
    pub fn build(self) -> Result<Library> {
        init::openssl::ready()?;
        let context = bracket(|| {
            // SAFETY: takes nothing.
            let context = unsafe { ffi::OSSL_LIB_CTX_new() };
            // SAFETY: OSSL_LIB_CTX(3): the constructor answers NULL or a context that is ours.
            unsafe { Owned::from_raw(context) }.checked("OSSL_LIB_CTX_new")
        })?;
        if let Some(path) = &self.config {
            configure(&context, path)?;
        }
        let mut loaded = Loaded { providers: Vec::new(), context };
        for name in &self.providers {
            let provider = load(&loaded.context, name)?;
            loaded.providers.push(provider);
        }
        if let Some(query) = &self.properties {
            prefer(&loaded.context, query)?;
        }
        let providers = names(&loaded.context)?;
        if let (Some(path), true) = (&self.config, providers.is_empty()) {
            let path = path.display();
            return Err(Error::ours(
                ErrorKind::Configuration,
                format!("the configuration file {path} names no provider that can be loaded"),
            ));
        }
        let Loaded { providers: loaded, context } = loaded;
        let caches = Caches {
            ciphers: Cache::new(),
            digests: Cache::new(),
            macs: Cache::new(),
            kdfs: Cache::new(),
        };
        let properties = self.properties;
        let shared = Shared { caches, _loaded: loaded, context, providers, properties };
        Ok(Library { shared: Arc::new(shared) })
    }
}

/// A library on the way; the providers go before the context here as well.
struct Loaded {
    providers: Vec<Owned<ffi::OSSL_PROVIDER>>,
    context: Owned<ffi::OSSL_LIB_CTX>,
}

/// OpenSSL's list of configured modules is the process's, and not every 3.x locks it.
static CONFIGURING: Mutex<()> = Mutex::new(());

fn configure(context: &Owned<ffi::OSSL_LIB_CTX>, path: &Path) -> Result<()> {
    let file = c_path(path, "the path of the configuration file")?;
    // OpenSSL 3.0 reads a directory like an empty file.
    if path.is_dir() {
        let message = format!("the configuration file {} is a directory", path.display());
        return Err(Error::ours(ErrorKind::Configuration, message));
    }
    let _alone = CONFIGURING.lock();
    let read = bracket(|| {
        // SAFETY: the context is live and nobody else's yet; the path ends in NUL.
        unsafe { ffi::OSSL_LIB_CTX_load_config(context.as_ptr(), file.as_ptr()) }
            .checked("OSSL_LIB_CTX_load_config")
    });
    read.map_err(|error| {
        wrong(&format!("the configuration file {} cannot be used", path.display()), error)
    })
}

fn load(context: &Owned<ffi::OSSL_LIB_CTX>, name: &Path) -> Result<Owned<ffi::OSSL_PROVIDER>> {
    let text = c_path(name, "the name of the provider")?;
    let loaded = bracket(|| {
        // SAFETY: the context is live and nobody else's yet; the name ends in NUL.
        let provider = unsafe { ffi::OSSL_PROVIDER_load(context.as_ptr(), text.as_ptr()) };
        // SAFETY: OSSL_PROVIDER(3): NULL or a provider that we unload, before its context is freed.
        unsafe { Owned::from_raw(provider) }.checked("OSSL_PROVIDER_load")
    });
    loaded
        .map_err(|error| wrong(&format!("the provider {} cannot be loaded", name.display()), error))
}

fn prefer(context: &Owned<ffi::OSSL_LIB_CTX>, query: &str) -> Result<()> {
    let text = cstr::lend(cstr::copied(query.as_bytes())?, "the property query")?;
    let set = bracket(|| {
        // SAFETY: the context is live and nobody else's yet; the query ends in NUL and is copied.
        unsafe { ffi::EVP_set_default_properties(context.as_ptr(), text.as_ptr()) }
            .checked("EVP_set_default_properties")
    });
    set.map_err(|error| {
        // It may be long: its beginning tells which it is.
        let shown: String = query.chars().take(100).collect();
        wrong(&format!("{shown:?} is no property query"), error)
    })
}

/// The names of the active providers; on the way the default one becomes active if there is none.
fn names(context: &Owned<ffi::OSSL_LIB_CTX>) -> Result<Vec<String>> {
    let mut found = Found { names: Vec::new(), slot: Slot::new() };
    bracket(|| {
        let to = ptr::from_mut(&mut found).cast();
        // SAFETY: the context is live; `note` is given the one pointer to `found`, which outlives
        // the call.
        unsafe { ffi::OSSL_PROVIDER_do_all(context.as_ptr(), Some(note), to) }
            .checked("OSSL_PROVIDER_do_all")
    })
    .or_else(|error| found.slot.take().map_or(Err(error), |panic| Err(panic.into())))?;
    Ok(found.names)
}

struct Found {
    names: Vec<String>,
    slot: Slot,
}

unsafe extern "C" fn note(provider: *mut ffi::OSSL_PROVIDER, to: *mut c_void) -> c_int {
    // SAFETY: `names` passes its one `Found`, and nothing else uses it during the call.
    let found = unsafe { &mut *to.cast::<Found>() };
    let names = &mut found.names;
    unwind::guard(&mut found.slot, 0, || {
        // SAFETY: OSSL_PROVIDER_do_all passes live providers.
        names.push(unsafe { name(provider) });
        1
    })
}

/// The name of the provider that offers it.
pub(super) fn name_of<T: Fetch>(fetched: &Owned<T>) -> String {
    // SAFETY: what was fetched counts its provider.
    unsafe { name(T::provider(fetched)) }
}

/// The name that a provider was loaded by.
///
/// # Safety
/// `provider` is NULL or live.
unsafe fn name(provider: *const ffi::OSSL_PROVIDER) -> String {
    if provider.is_null() {
        return String::new();
    }
    // SAFETY: the caller vouches for it.
    let name = unsafe { ffi::OSSL_PROVIDER_get0_name(provider) };
    if name.is_null() {
        return String::new();
    }
    // SAFETY: OSSL_PROVIDER(3): a string that ends in NUL and lives as long as the provider.
    unsafe { CStr::from_ptr(name) }.to_string_lossy().into_owned()
}

fn c_path(path: &Path, what: &'static str) -> Result<CString> {
    Ok(cstr::lend(cstr::copied(path.as_os_str().as_encoded_bytes())?, what)?)
}

/// What was asked for and cannot be had, with OpenSSL's reason.
fn wrong(what: &str, error: Error) -> Error {
    match error.kind() {
        ErrorKind::OutOfMemory => error,
        _ => Error::ours(ErrorKind::Configuration, format!("{what} ({error})")),
    }
}
