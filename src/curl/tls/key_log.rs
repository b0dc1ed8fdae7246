//! The secrets of connections, for whoever looks into recorded traffic.

#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_int, c_long, c_void};
use std::fmt;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::ptr;

use crate::error::openssl::{Checked as _, bracket};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::openssl as ffi;
use crate::sync::{Arc, Mutex, OnceLock};
use crate::unwind::{Panic, Slot, guard};
use zeroize::Zeroizing;

/// Where the secrets of TLS connections go, line by line, in the format that Wireshark and others
/// read (`SSLKEYLOGFILE`).
///
/// Whoever has them reads all that the connections carry: this is for looking for faults, and never on
/// unless it is asked for. Cloning it is cheap; clones write to the same place.
///
/// ```
/// use ffence::http::{Client, KeyLog, Tls};
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("keys.log");
/// let log = KeyLog::to_file(path)?;
/// # if ffence::capabilities()?.shared_libcrypto() == ffence::capabilities::SharedLibcrypto::Yes {
/// let client = Client::builder().tls(Tls::new().key_log(log)).build()?;
/// # }
/// # Ok::<(), ffence::Error>(())
/// ```
#[derive(Clone)]
#[doc(alias = "SSLKEYLOGFILE")]
pub struct KeyLog(Arc<Boxed>);

type Boxed = Box<dyn Fn(&str) + Send + Sync>;

impl KeyLog {
    /// Calls `write` with each line, without its line end. Several threads may call at once.
    ///
    /// A panic in it is the error ([`ErrorKind::Panicked`]) of the transfer that was making the
    /// connection, once that transfer is over.
    pub fn new(write: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(Box::new(write)))
    }

    /// Appends the lines to a file, which is made if it is not there; then only its owner may read
    /// it (Unix). A line that cannot be written is lost.
    ///
    /// # Errors
    /// [`ErrorKind::System`] when the file cannot be opened.
    pub fn to_file(path: impl AsRef<Path>) -> Result<Self> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let path = path.as_ref();
        let file = options.open(path).map_err(|error| {
            Error::ours(ErrorKind::System, format!("the key log {}: {error}", path.display()))
        })?;
        Ok(Self::new(move |line| {
            // At once, so that lines of several threads do not mix.
            let line = Zeroizing::new(format!("{line}\n"));
            let _ = (&file).write_all(line.as_bytes());
        }))
    }
}

impl fmt::Debug for KeyLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyLog")
    }
}

/// A panic in a key log, on its way to the handle whose transfer made the connection.
#[derive(Default)]
pub(in crate::curl) struct Reports(Mutex<Option<Panic>>);

impl Reports {
    pub(in crate::curl) fn take(&self) -> Option<Panic> {
        self.0.lock().take()
    }
}

/// What a context carries; it may outlive the handle that it was made for, with its connection.
struct Attached {
    log: KeyLog,
    reports: Arc<Reports>,
}

/// # Safety
/// `context` is alive, and nobody else uses it during the call.
pub(super) unsafe fn attach(
    context: *mut ffi::SSL_CTX,
    log: &KeyLog,
    reports: &Arc<Reports>,
) -> Result<()> {
    let index = index()?;
    let attached = Attached { log: log.clone(), reports: Arc::clone(reports) };
    let attached = Box::into_raw(Box::new(attached));
    bracket(|| {
        // SAFETY: the index has a function that frees what is put there.
        let set = unsafe { ffi::SSL_CTX_set_ex_data(context, index, attached.cast()) };
        if set != 1 {
            // SAFETY: it was refused, and is the box from above.
            drop(unsafe { Box::from_raw(attached) });
        }
        set.checked("SSL_CTX_set_ex_data")
    })?;
    // SAFETY: the function looks at nothing but what was attached above.
    unsafe { ffi::SSL_CTX_set_keylog_callback(context, Some(on_line)) };
    Ok(())
}

/// The place of what is attached, in every context of the process.
fn index() -> Result<c_int> {
    static INDEX: OnceLock<c_int> = OnceLock::new();
    INDEX
        .get_or_try_init(|| {
            bracket(|| {
                // SAFETY: the function frees what `attach` puts there, and nobody else has the index.
                let index = unsafe {
                    ffi::SSL_CTX_get_ex_new_index(0, ptr::null_mut(), None, None, Some(detach))
                };
                c_int::from(index >= 0).checked("CRYPTO_get_ex_new_index")?;
                Ok(index)
            })
        })
        .copied()
}

/// `CRYPTO_EX_free`: a context is freed.
unsafe extern "C" fn detach(
    _: *mut c_void,
    attached: *mut c_void,
    _: *mut ffi::CRYPTO_EX_DATA,
    _: c_int,
    _: c_long,
    _: *mut c_void,
) {
    if attached.is_null() {
        return;
    }
    // SAFETY: only `attach` puts anything there, a box that is given up to this call.
    let attached = unsafe { Box::from_raw(attached.cast::<Attached>()) };
    // What the user's closure holds may panic when it is dropped.
    guard(&mut Slot::new(), (), || drop(attached));
}

/// `SSL_CTX_set_keylog_callback(3)`
unsafe extern "C" fn on_line(ssl: *const ffi::SSL, line: *const c_char) {
    let Ok(index) = index() else { return };
    // SAFETY: the connection that calls is alive, and so is its context.
    let context = unsafe { ffi::SSL_get_SSL_CTX(ssl) };
    // SAFETY: as above.
    let attached = unsafe { ffi::SSL_CTX_get_ex_data(context, index) };
    // SAFETY: NULL, or what `attach` put there, alive for as long as the context.
    let Some(Attached { log, reports }) = (unsafe { attached.cast::<Attached>().as_ref() }) else {
        return;
    };
    if reports.0.lock().is_some() {
        return;
    }
    let mut slot = Slot::new();
    guard(&mut slot, (), || {
        // SAFETY: a text that ends in NUL, for the time of the call.
        let line = unsafe { CStr::from_ptr(line) };
        // Names in capitals and hexadecimal digits.
        (log.0)(line.to_str().unwrap_or_default());
    });
    if let Some(panic) = slot.take() {
        *reports.0.lock() = Some(panic);
    }
}
