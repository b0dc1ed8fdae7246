//! The files that an FTP pattern matches.

use std::ffi::CStr;

/// A file of an FTP server, as its listing has it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RemoteFile<'a> {
    /// Its name.
    pub name: &'a CStr,
    /// What it is.
    pub kind: FileKind,
    /// Its length in bytes, where the listing tells.
    pub size: Option<u64>,
    /// Its permissions, such as `0o644`, where the listing tells.
    pub mode: Option<u32>,
    /// Where a link leads.
    pub target: Option<&'a CStr>,
    /// How many files of the pattern come after it.
    pub remaining: u32,
}

/// What a file of an FTP server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileKind {
    /// A file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// A device, a pipe, a socket, or unknown.
    Other,
}

/// What becomes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileChoice {
    /// It is downloaded.
    Download,
    /// It is left out.
    Skip,
    /// The transfer is given up; the handler knows why.
    Stop,
}
