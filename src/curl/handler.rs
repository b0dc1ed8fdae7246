//! Whom a handle calls back.

mod files;
pub(super) mod hsts;
mod ssh;
mod values;

use std::io::SeekFrom;
use std::ops::BitOr;

#[cfg(unix)]
use std::os::fd::{BorrowedFd, OwnedFd};

use super::upload::Upload;

pub use self::files::{FileChoice, FileKind, RemoteFile};
pub use self::hsts::{HstsEntry, HstsPlace};
pub use self::ssh::{KnownHost, KnownHostAnswer, KnownHostMatch, SshKey, SshKeyBytes, SshKeyType};
pub use self::values::*;

/// What libcurl calls back during a transfer.
///
/// Every method has a default; which of them libcurl is told of at all is the constant
/// [`CALLBACKS`](Handler::CALLBACKS), because some of them cost time or change what libcurl does.
///
/// The methods run inside libcurl, on the thread that drives the transfer, one at a time. A panic in
/// one of them ends its transfer, which answers [`ErrorKind::Panicked`](crate::ErrorKind::Panicked);
/// no other transfer notices.
///
/// ```
/// use ffence::curl::{Callbacks, Easy, Handler, Write, option};
///
/// #[derive(Default)]
/// struct Count(usize);
///
/// impl Handler for Count {
///     const CALLBACKS: Callbacks = Callbacks::WRITE;
///
///     fn write(&mut self, bytes: &[u8]) -> Write {
///         self.0 += bytes.len();
///         Write::Taken
///     }
/// }
///
/// # let file = tempfile::NamedTempFile::new().unwrap();
/// # std::fs::write(&file, "hello").unwrap();
/// # let url = format!("file://{}", file.path().display());
/// let mut easy = Easy::with(Count::default())?;
/// easy.set(option::Url(&url))?;
/// easy.perform()?;
/// assert_eq!(easy.handler().0, 5);
/// # Ok::<(), ffence::Error>(())
/// ```
pub trait Handler {
    /// The methods that libcurl is told of; the others are never called.
    const CALLBACKS: Callbacks;

    /// The next bytes of the body. Without this in [`CALLBACKS`](Handler::CALLBACKS) a body is
    /// dropped, unless [`Easy::perform_into`](super::Easy::perform_into) or its like takes it.
    ///
    /// [`CURLOPT_WRITEFUNCTION`](https://curl.se/libcurl/c/CURLOPT_WRITEFUNCTION.html)
    #[doc(alias = "CURLOPT_WRITEFUNCTION")]
    fn write(&mut self, bytes: &[u8]) -> Write {
        let _ = bytes;
        Write::Taken
    }

    /// One complete header line, with its line end; status lines and trailers are lines as well.
    ///
    /// [`CURLOPT_HEADERFUNCTION`](https://curl.se/libcurl/c/CURLOPT_HEADERFUNCTION.html)
    #[doc(alias = "CURLOPT_HEADERFUNCTION")]
    fn header(&mut self, line: &[u8]) -> Flow {
        let _ = line;
        Flow::Continue
    }

    /// The next bytes of what is uploaded go into `out`; leaving it empty ends the upload.
    ///
    /// [`CURLOPT_READFUNCTION`](https://curl.se/libcurl/c/CURLOPT_READFUNCTION.html)
    #[doc(alias = "CURLOPT_READFUNCTION")]
    fn read(&mut self, out: &mut Upload<'_>) -> Read {
        let _ = out;
        Read::Stop
    }

    /// The upload is to go on from another place: libcurl sends a part again, after a redirect, an
    /// authentication, or on a connection that turned out to be dead.
    ///
    /// [`CURLOPT_SEEKFUNCTION`](https://curl.se/libcurl/c/CURLOPT_SEEKFUNCTION.html)
    #[doc(alias = "CURLOPT_SEEKFUNCTION")]
    fn seek(&mut self, to: SeekFrom) -> Seek {
        let _ = to;
        Seek::CannotSeek
    }

    /// Called often while the transfer runs, and about once a second while nothing moves.
    ///
    /// [`CURLOPT_XFERINFOFUNCTION`](https://curl.se/libcurl/c/CURLOPT_XFERINFOFUNCTION.html)
    #[doc(alias = "CURLOPT_XFERINFOFUNCTION")]
    fn progress(&mut self, progress: Progress, pauses: &mut Pauses) -> Flow {
        let _ = (progress, pauses);
        Flow::Continue
    }

    /// What libcurl does, and all that it sends and receives, when
    /// [`option::Verbose`](super::option::Verbose) is on. It holds passwords and cookies.
    ///
    /// [`CURLOPT_DEBUGFUNCTION`](https://curl.se/libcurl/c/CURLOPT_DEBUGFUNCTION.html)
    #[doc(alias = "CURLOPT_DEBUGFUNCTION")]
    fn trace(&mut self, kind: Trace, bytes: &[u8]) {
        let _ = (kind, bytes);
    }

    /// A socket was made and is not connected yet: the time to set options of it.
    ///
    /// [`CURLOPT_SOCKOPTFUNCTION`](https://curl.se/libcurl/c/CURLOPT_SOCKOPTFUNCTION.html)
    #[cfg(unix)]
    #[doc(alias = "CURLOPT_SOCKOPTFUNCTION")]
    fn socket(&mut self, socket: BorrowedFd<'_>, purpose: Purpose) -> Socket {
        let _ = (socket, purpose);
        Socket::Connect
    }

    /// Makes the socket of a connection in libcurl's place; `None` gives the connection up.
    ///
    /// libcurl owns the socket from then on and closes it. Without this, sockets are made as libcurl
    /// makes them, but for one thing that it does only from 8.17 on: a program that is executed
    /// meanwhile does not inherit them (`SOCK_CLOEXEC`).
    ///
    /// [`CURLOPT_OPENSOCKETFUNCTION`](https://curl.se/libcurl/c/CURLOPT_OPENSOCKETFUNCTION.html)
    #[cfg(unix)]
    #[doc(alias = "CURLOPT_OPENSOCKETFUNCTION")]
    fn open_socket(&mut self, address: &Address<'_>) -> Option<OwnedFd> {
        let _ = address;
        None
    }

    /// A host name is about to be resolved.
    ///
    /// [`CURLOPT_RESOLVER_START_FUNCTION`](https://curl.se/libcurl/c/CURLOPT_RESOLVER_START_FUNCTION.html)
    #[doc(alias = "CURLOPT_RESOLVER_START_FUNCTION")]
    fn resolver_start(&mut self) -> Flow {
        Flow::Continue
    }

    /// The connection stands and the request is about to be sent: the time to refuse the peer's
    /// address. Since libcurl 7.80; making a handle answers
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) before.
    ///
    /// [`CURLOPT_PREREQFUNCTION`](https://curl.se/libcurl/c/CURLOPT_PREREQFUNCTION.html)
    #[doc(alias = "CURLOPT_PREREQFUNCTION")]
    fn before_request(&mut self, ends: &Ends<'_>) -> Flow {
        let _ = ends;
        Flow::Continue
    }

    /// A connection with TLS is about to be made, by this context. Where libcurl does not work on this
    /// crate's libcrypto, making a handle answers
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported).
    ///
    /// [`CURLOPT_SSL_CTX_FUNCTION`](https://curl.se/libcurl/c/CURLOPT_SSL_CTX_FUNCTION.html)
    #[cfg(feature = "crypto")]
    #[doc(alias = "CURLOPT_SSL_CTX_FUNCTION")]
    fn tls_context(&mut self, context: &mut super::TlsContext<'_>) -> Flow {
        let _ = context;
        Flow::Continue
    }

    /// The whole body of a chunked upload was sent, and `trailers` may follow. Before 8.8 libcurl
    /// writes where it must not when it repeats such an upload; making a handle answers
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) there.
    ///
    /// [`CURLOPT_TRAILERFUNCTION`](https://curl.se/libcurl/c/CURLOPT_TRAILERFUNCTION.html)
    #[doc(alias = "CURLOPT_TRAILERFUNCTION")]
    fn trailers(&mut self, trailers: &mut super::List) -> Flow {
        let _ = trailers;
        Flow::Continue
    }

    /// A packet of RTP that came interleaved with RTSP, with its header of 4 bytes. Without this in
    /// [`CALLBACKS`](Handler::CALLBACKS) such packets go to [`write`](Handler::write).
    ///
    /// [`CURLOPT_INTERLEAVEFUNCTION`](https://curl.se/libcurl/c/CURLOPT_INTERLEAVEFUNCTION.html)
    #[doc(alias = "CURLOPT_INTERLEAVEFUNCTION")]
    fn interleaved(&mut self, packet: &[u8]) -> Flow {
        let _ = packet;
        Flow::Continue
    }

    /// The next file that an FTP pattern matches ([`option::WildcardMatch`](super::option::WildcardMatch))
    /// is about to be downloaded; its bytes go to [`write`](Handler::write).
    ///
    /// [`CURLOPT_CHUNK_BGN_FUNCTION`](https://curl.se/libcurl/c/CURLOPT_CHUNK_BGN_FUNCTION.html)
    #[doc(alias = "CURLOPT_CHUNK_BGN_FUNCTION")]
    fn file_begins(&mut self, file: &RemoteFile<'_>) -> FileChoice {
        let _ = file;
        FileChoice::Download
    }

    /// That file was downloaded, or skipped.
    ///
    /// [`CURLOPT_CHUNK_END_FUNCTION`](https://curl.se/libcurl/c/CURLOPT_CHUNK_END_FUNCTION.html)
    #[doc(alias = "CURLOPT_CHUNK_END_FUNCTION")]
    fn file_ends(&mut self) -> Flow {
        Flow::Continue
    }

    /// The host's SSH key was looked up in the file of
    /// [`option::SshKnownHosts`](super::option::SshKnownHosts), without which this is not called.
    /// Unless this is implemented, only a key that matches is accepted.
    ///
    /// [`CURLOPT_SSH_KEYFUNCTION`](https://curl.se/libcurl/c/CURLOPT_SSH_KEYFUNCTION.html)
    #[doc(alias = "CURLOPT_SSH_KEYFUNCTION")]
    fn ssh_known_host(&mut self, host: &KnownHost<'_>) -> KnownHostAnswer {
        match host.found_in_file {
            KnownHostMatch::Same => KnownHostAnswer::Accept,
            _ => KnownHostAnswer::Refuse,
        }
    }

    /// The host shows this SSH key; no file and no digest of the options is asked. Unless this is
    /// implemented, none is accepted. Since libcurl 7.84 and with libssh2 alone; making a handle
    /// answers [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) before that version.
    ///
    /// [`CURLOPT_SSH_HOSTKEYFUNCTION`](https://curl.se/libcurl/c/CURLOPT_SSH_HOSTKEYFUNCTION.html)
    #[doc(alias = "CURLOPT_SSH_HOSTKEYFUNCTION")]
    fn ssh_host_key(&mut self, key: &SshKey<'_>) -> Flow {
        let _ = key;
        Flow::Stop
    }

    /// A transfer begins, and [`option::HstsCtrl`](super::option::HstsCtrl) is on: the next host that
    /// is known to want HTTPS, and `None` when there is no further one. It is asked again before each
    /// transfer, and need not tell a host twice. A host name that is empty, longer than 255 bytes or
    /// holds a NUL gives the transfer up.
    ///
    /// [`CURLOPT_HSTSREADFUNCTION`](https://curl.se/libcurl/c/CURLOPT_HSTSREADFUNCTION.html)
    #[doc(alias = "CURLOPT_HSTSREADFUNCTION")]
    fn hsts_load(&mut self) -> Option<HstsEntry> {
        None
    }

    /// The handle is being closed, and this is one of the hosts that want HTTPS. A panic in here ends
    /// the telling, and nobody is told of it: [`Easy::into_handler`](super::Easy::into_handler) has no
    /// error to give.
    ///
    /// [`CURLOPT_HSTSWRITEFUNCTION`](https://curl.se/libcurl/c/CURLOPT_HSTSWRITEFUNCTION.html)
    #[doc(alias = "CURLOPT_HSTSWRITEFUNCTION")]
    fn hsts_store(&mut self, entry: &HstsEntry, place: HstsPlace) -> Flow {
        let _ = (entry, place);
        Flow::Stop
    }
}

/// Nothing is called back.
impl Handler for () {
    const CALLBACKS: Callbacks = Callbacks::NONE;
}

/// Methods of a [`Handler`]; `|` joins them, or [`and`](Callbacks::and) in a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Callbacks(u32);

impl Callbacks {
    /// None of them.
    pub const NONE: Self = Self(0);
    /// [`Handler::write`]
    pub const WRITE: Self = Self(1);
    /// [`Handler::header`]
    pub const HEADER: Self = Self(1 << 1);
    /// [`Handler::read`]
    pub const READ: Self = Self(1 << 2);
    /// [`Handler::seek`]
    pub const SEEK: Self = Self(1 << 3);
    /// [`Handler::progress`]
    pub const PROGRESS: Self = Self(1 << 4);
    /// [`Handler::trace`]
    pub const TRACE: Self = Self(1 << 5);
    /// [`Handler::socket`]
    #[cfg(unix)]
    pub const SOCKET: Self = Self(1 << 6);
    /// [`Handler::open_socket`]
    #[cfg(unix)]
    pub const OPEN_SOCKET: Self = Self(1 << 7);
    /// [`Handler::resolver_start`]
    pub const RESOLVER_START: Self = Self(1 << 8);
    /// [`Handler::before_request`]
    pub const BEFORE_REQUEST: Self = Self(1 << 9);
    /// [`Handler::trailers`]
    pub const TRAILERS: Self = Self(1 << 10);
    /// [`Handler::tls_context`]
    #[cfg(feature = "crypto")]
    pub const TLS_CONTEXT: Self = Self(1 << 11);
    /// [`Handler::interleaved`]
    pub const INTERLEAVED: Self = Self(1 << 12);
    /// [`Handler::file_begins`] and [`Handler::file_ends`]
    pub const FILES: Self = Self(1 << 13);
    /// [`Handler::ssh_known_host`]
    pub const SSH_KNOWN_HOST: Self = Self(1 << 14);
    /// [`Handler::ssh_host_key`]
    pub const SSH_HOST_KEY: Self = Self(1 << 15);
    /// [`Handler::hsts_load`]
    pub const HSTS_LOAD: Self = Self(1 << 16);
    /// [`Handler::hsts_store`]
    pub const HSTS_STORE: Self = Self(1 << 17);

    /// These and those, in a constant.
    #[must_use]
    pub const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Whether all of `others` are among these.
    pub const fn contains(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }
}

impl BitOr for Callbacks {
    type Output = Self;

    fn bitor(self, others: Self) -> Self {
        self.and(others)
    }
}
