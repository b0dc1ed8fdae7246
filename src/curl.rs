//! libcurl itself, for those who need it: every option, typed, and no way to hold it wrong.
//!
//! [`http`](crate::http) is the client; this is the layer below it. An [`Easy`] is one handle of
//! libcurl with its connections. Its options are types in [`option`], what it knows about a transfer
//! is its [`Info`], and what it calls back is a [`Handler`] that it owns. A [`Multi`] drives many of
//! them at a time; a [`Share`] lets them use together what each of them learns.

mod attempts;
mod callbacks;
#[cfg(unix)]
mod closer;
pub(crate) mod date;
mod easy;
mod escape;
mod handle;
mod handler;
pub mod info;
mod kept;
mod list;
mod mime;
pub mod multi;
mod newer;
pub mod option;
mod share;
mod state;
#[cfg(all(feature = "crypto", feature = "http"))]
mod tls;
mod transfer;
mod upload;
mod url;
mod websocket;

pub use easy::{Easy, LocalEasy, Raw};
pub use escape::{escape, unescape};
pub use handler::{
    Address, Callbacks, Ends, FileChoice, FileKind, Flow, Handler, HstsEntry, HstsPlace, KnownHost,
    KnownHostAnswer, KnownHostMatch, Pauses, Progress, Purpose, Read, RemoteFile, Seek, Socket,
    SshKey, SshKeyBytes, SshKeyType, Trace, Write,
};
pub use info::{
    Certificate, CertificateChain, Header, HeaderIter, Headers, Info, Origin, TlsBackend,
};
pub use list::{Lines, List};
pub use mime::{Encoder, Mime, Part, Source};
#[cfg(unix)]
pub use multi::Watched;
pub use multi::{Done, Id, Multi, Waker};
pub use share::{LocalShare, LocalShareBuilder, Session, Share, ShareBuilder};
#[cfg(feature = "crypto")]
pub(crate) use tls::{Credentials, Probe, TrustStore, public_key};
#[cfg(all(feature = "crypto", feature = "http"))]
pub use tls::{KeyLog, TlsContext};
pub use upload::Upload;
pub use url::{Url, UrlBuilder, UrlFlags, UrlPart};
pub use websocket::{CloseReason, Message, Payload, Sent, WebSocket};

pub(crate) use newer::may_keep_urls;
pub(crate) use state::Receive;
#[cfg(all(feature = "websocket", unix))]
pub(crate) use websocket::{check_close, check_control};
