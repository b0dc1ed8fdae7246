//! Protocols by the schemes of their URLs.

use std::borrow::Cow;
use std::ops::BitOr;

/// Schemes of URLs, for [`ProtocolsStr`](crate::curl::option::ProtocolsStr) and
/// [`RedirProtocolsStr`](crate::curl::option::RedirProtocolsStr); `|` joins them.
///
/// One that the linked libcurl does not speak is an error when it is set.
///
/// ```
/// use ffence::curl::{Easy, option, option::value::Schemes};
/// # if ffence::capabilities()?.libcurl().number() >= ffence::capabilities::Version::new(7, 85, 0) {
/// let mut easy = Easy::new()?;
/// easy.set(option::ProtocolsStr(Schemes::HTTP | Schemes::HTTPS))?;
/// easy.set(option::RedirProtocolsStr(Schemes::HTTPS))?;
/// # }
/// # Ok::<(), ffence::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schemes(u64);

macro_rules! schemes {
    ($($name:ident = $bit:literal $text:literal,)+) => {
        impl Schemes {
            $(
                #[doc = concat!("`", $text, "://`")]
                pub const $name: Self = Self(1 << $bit);
            )+
        }

        const NAMES: &[(Schemes, &str)] = &[$((Schemes::$name, $text)),+];
    };
}

schemes! {
    HTTP = 0 "http",
    HTTPS = 1 "https",
    FTP = 2 "ftp",
    FTPS = 3 "ftps",
    SCP = 4 "scp",
    SFTP = 5 "sftp",
    TELNET = 6 "telnet",
    LDAP = 7 "ldap",
    LDAPS = 8 "ldaps",
    DICT = 9 "dict",
    FILE = 10 "file",
    TFTP = 11 "tftp",
    IMAP = 12 "imap",
    IMAPS = 13 "imaps",
    POP3 = 14 "pop3",
    POP3S = 15 "pop3s",
    SMTP = 16 "smtp",
    SMTPS = 17 "smtps",
    RTSP = 18 "rtsp",
    RTMP = 19 "rtmp",
    RTMPT = 20 "rtmpt",
    RTMPE = 21 "rtmpe",
    RTMPTE = 22 "rtmpte",
    RTMPS = 23 "rtmps",
    RTMPTS = 24 "rtmpts",
    GOPHER = 25 "gopher",
    SMB = 26 "smb",
    SMBS = 27 "smbs",
    MQTT = 28 "mqtt",
    GOPHERS = 29 "gophers",
    WS = 30 "ws",
    WSS = 31 "wss",
    MQTTS = 32 "mqtts",
}

impl Schemes {
    /// All that the linked libcurl speaks.
    pub const ALL: Self = Self(!0);

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

impl BitOr for Schemes {
    type Output = Self;

    fn bitor(self, others: Self) -> Self {
        self.and(others)
    }
}

/// [`Schemes`]; or their names (`"http,https"`), for one that is newer than this crate.
pub trait SchemeNames {
    #[doc(hidden)]
    fn names(&self) -> Cow<'_, str>;
}

impl SchemeNames for Schemes {
    fn names(&self) -> Cow<'_, str> {
        if *self == Self::ALL {
            return "all".into();
        }
        let of = NAMES.iter().filter(|(scheme, _)| self.contains(*scheme)).map(|(_, name)| *name);
        of.collect::<Vec<_>>().join(",").into()
    }
}

impl SchemeNames for &str {
    fn names(&self) -> Cow<'_, str> {
        Cow::Borrowed(self)
    }
}
