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
    /// No library: the planted entry.
    Any,
}

/// A fault of theirs.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    pub fault: Fault,
    pub row: &'static str,
    pub class: Class,
    /// The source file in which the request was refused; `libcurl` for one of libcurl's.
    pub place: &'static str,
    /// What each stack of the report has, in this order: functions of the library, from the fault
    /// outwards; `a|b` for one or the other. The last one is what this crate called.
    pub stack: &'static [&'static str],
    pub why: &'static str,
}

/// `OPENSSL_zalloc` fails, an error is raised, and the next line writes to what was not allocated, as
/// in sshkdf.c, where it was mended: <https://github.com/openssl/openssl/issues/18009>.
const SSKDF: &str = "sskdf_new writes to NULL behind its own error";
/// What a library context holds is made on first use and kept in a table; where it cannot be kept, it
/// is not freed. Like <https://github.com/openssl/openssl/issues/22950>.
const CONTEXT: &str = "a context's data are lost when its table of them cannot grow";
/// <https://github.com/openssl/openssl/blob/openssl-3.0.19/crypto/core_namemap.c>
const NAMES: &str = "a name is lost when the table of names cannot grow";

/// A request that is refused alone. `ftp_parse_url_path` copies the file's name, and takes a copy that could
/// not be made for "no file", which is a folder: `LIST` goes out in the place of `RETR`
/// (<https://github.com/curl/curl/blob/curl-7_88_1/lib/ftp.c#L4186>). The stack is that of a copy without a
/// test behind it. libcurl 8.22 copies no name there.
const PATTERN: &str = "where a file's name cannot be copied, libcurl asks for the list of files";

/// `CRYPTO_free_ex_data` copies its list of what to call; ten entries and more go to memory, and where there
/// is none nothing is called: all that the context held is lost. The point is the last request of the row,
/// below `OSSL_LIB_CTX_free`, and the few before it that fail with all later ones.
/// <https://github.com/openssl/openssl/blob/openssl-3.0.19/crypto/ex_data.c>
const FREED: &str = "CRYPTO_free_ex_data frees nothing where it has no memory itself";

const V3_0: Fault = Fault::OpenSsl(&[(3, 0)]);

const fn died(row: &'static str) -> Known {
    Known {
        fault: V3_0,
        row,
        class: Class::Died,
        place: "providers/implementations/kdfs/sskdf.c",
        stack: &["SEGV", "libcrypto", "EVP_KDF_CTX_new"],
        why: SSKDF,
    }
}

const fn lost(
    row: &'static str,
    place: &'static str,
    stack: &'static [&'static str],
    why: &'static str,
) -> Known {
    Known { fault: V3_0, row, class: Class::Leak, place, stack, why }
}

const NEW: &[&str] = &["libcrypto", "OSSL_LIB_CTX_new"];
const LOAD: &[&str] = &["libcrypto", "OSSL_PROVIDER_try_load"];
const FETCH: &[&str] = &["libcrypto", "EVP_MD_fetch"];
const ALL: &[&str] =
    &["libcrypto", "EVP_MD_fetch|OSSL_LIB_CTX_new|OSSL_PROVIDER_load|OSSL_PROVIDER_try_load"];
const FIRST: &str = "a library and its first digest";
const WHOLE: &str = "a library with all that it can have";

const LIST: &[Known] = &[
    died("in both: single step"),
    died("in both: X9.63"),
    Known {
        fault: Fault::Libcurl(&[(7, 88)]),
        row: "files of a pattern",
        class: Class::Wrong,
        place: "libcurl",
        stack: &[],
        why: PATTERN,
    },
    lost(FIRST, "crypto/core_namemap.c", FETCH, NAMES),
    lost(FIRST, "crypto/lhash/lhash.c", NEW, CONTEXT),
    lost(FIRST, "crypto/property/property_string.c", NEW, CONTEXT),
    lost(FIRST, "crypto/stack/stack.c", NEW, CONTEXT),
    lost(FIRST, "crypto/stack/stack.c", LOAD, CONTEXT),
    lost(FIRST, "crypto/ex_data.c", ALL, FREED),
    lost(FIRST, "crypto/core_namemap.c", ALL, FREED),
    lost(FIRST, "crypto/evp/digest.c", ALL, FREED),
    lost(FIRST, "crypto/lhash/lhash.c", ALL, FREED),
    lost(FIRST, "crypto/property/property.c", ALL, FREED),
    lost(FIRST, "crypto/stack/stack.c", ALL, FREED),
    lost(FIRST, "providers/implementations/digests/sha2_prov.c", ALL, FREED),
    lost(WHOLE, "crypto/lhash/lhash.c", NEW, CONTEXT),
    lost(WHOLE, "crypto/property/property_string.c", NEW, CONTEXT),
    lost(WHOLE, "crypto/stack/stack.c", NEW, CONTEXT),
    lost(WHOLE, "crypto/stack/stack.c", LOAD, CONTEXT),
];

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fault, row, class, place, stack, why } = self;
        write!(f, "{fault:?}: {row}, refused in {place}: {class} in {stack:?} ({why})")
    }
}

impl Known {
    fn matches(&self, finding: &Finding) -> bool {
        let file = finding.place.split(':').next().unwrap_or_default();
        self.row == finding.row
            && self.class == finding.class
            && file.trim_start_matches("../") == self.place
            && finding.stacks().all(|stack| self.has(stack))
    }

    /// The functions stand in the stack, in their order, before anything of this crate's own but the
    /// hooks.
    fn has(&self, stack: &str) -> bool {
        let hooks = ["ffence::mem::", "ffence::init::memory::"];
        let own = stack.lines().position(|line| {
            line.contains("ffence::") && !hooks.iter().any(|hook| line.contains(hook))
        });
        let lines: Vec<&str> = stack.lines().take(own.unwrap_or(usize::MAX)).collect();
        let mut lines = lines.iter();
        self.stack
            .iter()
            .all(|function| lines.any(|line| function.split('|').any(|it| line.contains(it))))
    }
}

/// The row of the planted entry: a short one that needs no known fault.
pub const PLANTED_ROW: &str = "Digest";
/// Why the planted entry would be there.
pub const PLANTED: &str = "planted, to be noticed";

/// The list; where the environment says so, with an entry that nothing matches.
pub fn list() -> Vec<Known> {
    let mut list = LIST.to_vec();
    if std::env::var("FFENCE_SEEDED").is_ok_and(|it| it == "stale") {
        let (fault, place) = (Fault::Any, "crypto/nowhere.c");
        let class = Class::Died;
        let row = PLANTED_ROW;
        list.push(Known { fault, row, class, place, stack: &["nothing"], why: PLANTED });
    }
    list
}

/// Findings, with the number of their entry, and those that have none.
pub struct Verdict<'a> {
    pub known: Vec<(usize, &'a Finding)>,
    pub unknown: Vec<&'a Finding>,
}

impl Verdict<'_> {
    /// Whether the entry was met.
    pub fn has(&self, entry: usize) -> bool {
        self.known.iter().any(|(it, _)| *it == entry)
    }
}

/// Tells what is known from what is not.
pub fn judge<'a>(list: &[Known], findings: &'a [Finding]) -> Verdict<'a> {
    let mut verdict = Verdict { known: Vec::new(), unknown: Vec::new() };
    for finding in findings {
        match list.iter().position(|known| known.matches(finding)) {
            Some(entry) => verdict.known.push((entry, finding)),
            None => verdict.unknown.push(finding),
        }
    }
    verdict
}

/// The entries that the linked versions must show.
pub fn expected(
    list: &[Known],
    openssl: &OpenSsl,
    libcurl: &Libcurl,
) -> impl Iterator<Item = usize> {
    let (openssl, libcurl) = (openssl.number(), libcurl.number());
    let has = |list: &[(u32, u32)], it: Version| list.contains(&(it.major, it.minor));
    let of = move |known: &Known| match known.fault {
        Fault::OpenSsl(list) => has(list, openssl),
        Fault::Libcurl(list) => has(list, libcurl),
        Fault::Any => true,
    };
    list.iter().enumerate().filter(move |(_, known)| of(known)).map(|(index, _)| index)
}
