//! What OpenSSL or libcurl themselves leak or break when their memory fails: nothing that this crate
//! could answer for. Each entry is matched exactly, and a full run fails when one no longer occurs.

use std::fmt;

use ffence::capabilities::{Libcurl, OpenSsl, Version};

use crate::judge::{Class, Finding};

/// The library at fault, with the versions that have the fault.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    OpenSsl(&'static [(u32, u32)]),
    Libcurl(&'static [(u32, u32)]),
}

/// A fault of theirs.
#[derive(Debug)]
pub struct Known {
    pub fault: Fault,
    pub row: &'static str,
    pub class: Class,
    /// Where the request was refused: OpenSSL's source file, or `libcurl`.
    pub place: &'static str,
    /// What the report has in this order: functions of the library, from the fault outwards. Empty for
    /// what has no report of its own.
    pub stack: &'static [&'static str],
    pub why: &'static str,
}

pub const LIST: &[Known] = &[];

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?}: {}, refused in {}: {} ({})",
            self.fault, self.row, self.place, self.class, self.why
        )
    }
}

impl Known {
    fn matches(&self, finding: &Finding) -> bool {
        let file = finding.place.split(':').next().unwrap_or_default();
        let mut rest = finding.report.as_str();
        self.row == finding.row
            && self.class == finding.class
            && self.place == file
            && self.stack.iter().all(|function| match rest.find(function) {
                Some(at) => {
                    rest = &rest[at..];
                    true
                }
                None => false,
            })
    }
}

/// The entry that a finding is.
pub fn entry(finding: &Finding) -> Option<usize> {
    LIST.iter().position(|known| known.matches(finding))
}

/// The entries that the linked versions must show.
pub fn expected(openssl: &OpenSsl, libcurl: &Libcurl) -> impl Iterator<Item = usize> {
    let (openssl, libcurl) = (openssl.number(), libcurl.number());
    let has = |list: &[(u32, u32)], it: Version| list.contains(&(it.major, it.minor));
    LIST.iter()
        .enumerate()
        .filter(move |(_, known)| match known.fault {
            Fault::OpenSsl(list) => has(list, openssl),
            Fault::Libcurl(list) => has(list, libcurl),
        })
        .map(|(index, _)| index)
}
