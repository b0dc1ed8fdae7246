//! The keys of SSH hosts.

/// The key of an SSH host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SshKey<'a> {
    /// Its algorithm.
    pub kind: SshKeyType,
    /// The key.
    pub bytes: SshKeyBytes<'a>,
}

impl<'a> SshKey<'a> {
    pub(in crate::curl) fn new(kind: SshKeyType, bytes: SshKeyBytes<'a>) -> Self {
        Self { kind, bytes }
    }
}

/// The form that a key is told in: a host's own comes as bytes, one of a file as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SshKeyBytes<'a> {
    /// The bytes (RFC 4253 section 6.6).
    Raw(&'a [u8]),
    /// The same in Base64.
    Base64(&'a str),
}

/// The algorithm of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SshKeyType {
    /// RSA of SSH 1
    Rsa1,
    /// RSA
    Rsa,
    /// DSA
    Dss,
    /// ECDSA
    Ecdsa,
    /// Ed25519
    Ed25519,
    /// One that libcurl does not know.
    Unknown,
}

impl SshKeyType {
    /// `CURLKHTYPE_…`
    pub(in crate::curl) fn of(number: i64) -> Self {
        match number {
            1 => Self::Rsa1,
            2 => Self::Rsa,
            3 => Self::Dss,
            4 => Self::Ecdsa,
            5 => Self::Ed25519,
            _ => Self::Unknown,
        }
    }
}

/// What became of a host's key when it was looked up in the file of known hosts.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct KnownHost<'a> {
    /// The key that the host shows.
    pub shown: Option<SshKey<'a>>,
    /// The key that the file has for the host.
    pub known: Option<SshKey<'a>>,
    /// What comparing them says.
    pub found_in_file: KnownHostMatch,
}

impl<'a> KnownHost<'a> {
    pub(in crate::curl) fn new(
        shown: Option<SshKey<'a>>,
        known: Option<SshKey<'a>>,
        found_in_file: KnownHostMatch,
    ) -> Self {
        Self { shown, known, found_in_file }
    }
}

/// What comparing a host's key with the file of known hosts says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KnownHostMatch {
    /// The file has this key.
    Same,
    /// The file has another key for this host.
    Other,
    /// The file does not have this host.
    Missing,
}

/// Whether a host's key is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KnownHostAnswer {
    /// It is.
    Accept,
    /// It is, and added to the file.
    AcceptAndAdd,
    /// It is, and takes the other's place in the file. Since libcurl 7.73.
    AcceptAndReplace,
    /// It is not: the transfer fails.
    Refuse,
}
