//! Options of a multi, each as a type with the value that it takes.
//!
//! | option | libcurl's name | since | |
//! |---|---|---|---|
//! | [`MaxConnects`] | `CURLMOPT_MAXCONNECTS` | 7.16.3 | connections that are kept open when nobody uses them |
//! | [`MaxHostConnections`] | `CURLMOPT_MAX_HOST_CONNECTIONS` | 7.30.0 | connections to one host |
//! | [`MaxTotalConnections`] | `CURLMOPT_MAX_TOTAL_CONNECTIONS` | 7.30.0 | connections in all |
//! | [`MaxConcurrentStreams`] | `CURLMOPT_MAX_CONCURRENT_STREAMS` | 7.67.0 | streams on one HTTP/2 connection |
//! | [`Pipelining`] | `CURLMOPT_PIPELINING` | 7.43.0 | several streams on one HTTP/2 connection |
//! | [`NetworkChanged`] | `CURLMOPT_NETWORK_CHANGED` | 8.16.0 | forgets connections and addresses |
//! | [`ResolveThreadsMax`] | `CURLMOPT_RESOLVE_THREADS_MAX` | 8.20.0 | threads that resolve names |
//!
//! What is not here, and why:
//!
//! | libcurl's name | reason |
//! |---|---|
//! | `CURLMOPT_SOCKETFUNCTION`, `_SOCKETDATA`, `_TIMERFUNCTION`, `_TIMERDATA` | set by [`Multi::event_driven`](super::Multi::event_driven), which answers them |
//! | `CURLMOPT_NOTIFYFUNCTION`, `_NOTIFYDATA` | set where libcurl has them, to read messages only when there are any |
//! | `CURLMOPT_QUICK_EXIT` | set when the multi is dropped, so that nobody waits for a name |
//! | `CURLMOPT_PUSHFUNCTION`, `_PUSHDATA` | a pushed handle is a copy whose callbacks point to the handler of another one; without the callback libcurl refuses every push |
//! | `CURLMOPT_MAX_PIPELINE_LENGTH`, `_CONTENT_LENGTH_PENALTY_SIZE`, `_CHUNK_LENGTH_PENALTY_SIZE`, `_PIPELINING_SITE_BL`, `_PIPELINING_SERVER_BL` | without effect since 7.62 |

use std::ffi::c_long;

use super::stacks::Stacks;
use crate::capabilities::Version;
use crate::curl::newer;
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::curl as ffi;

/// An option with its value, for [`Multi::set`](super::Multi::set).
///
/// All of them are in this module; nobody else can write one.
pub trait Limit: sealed::Sealed {
    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn apply(self, stacks: &mut Stacks) -> Result<()>;
}

mod sealed {
    /// Keeps [`Limit`](super::Limit) to this crate.
    pub trait Sealed {}
}

/// One row an option: our name and its value, libcurl's name, since when, how the value becomes a
/// `long`, what it does.
macro_rules! options {
    ($($(#[$doc:meta])+ $name:ident($value:ty) = $option:literal $number:expr, $since:expr,
       $long:expr;)+) => {
        $(
            $(#[$doc])+
            #[doc = ""]
            #[doc = concat!("[`", $option, "`](https://curl.se/libcurl/c/", $option, ".html)")]
            #[doc(alias = $option)]
            #[derive(Clone, Copy, Debug)]
            pub struct $name(pub $value);

            impl sealed::Sealed for $name {}
            impl Limit for $name {
                #[allow(private_interfaces)]
                fn apply(self, stacks: &mut Stacks) -> Result<()> {
                    if let Some(since) = $since {
                        newer::require($option, since)?;
                    }
                    let long: fn(&'static str, $value) -> Result<c_long> = $long;
                    stacks.set_long($number, long($option, self.0)?)
                }
            }
        )+

        /// The numbers of the options above, for the test that compares them with the headers.
        #[cfg(test)]
        const TYPED: &[(&str, ffi::CURLMoption)] = &[$(($option, $number)),+];
    };
}

options! {
    /// How many connections are kept open when nobody uses them; 0 is four times the number of
    /// handles.
    MaxConnects(u32) = "CURLMOPT_MAXCONNECTS" ffi::CURLMOPT_MAXCONNECTS, None, count;
    /// The most connections to one host; transfers beyond wait. 0 is no limit.
    MaxHostConnections(u32) =
        "CURLMOPT_MAX_HOST_CONNECTIONS" ffi::CURLMOPT_MAX_HOST_CONNECTIONS, None, count;
    /// The most connections in all; transfers beyond wait. 0 is no limit.
    MaxTotalConnections(u32) =
        "CURLMOPT_MAX_TOTAL_CONNECTIONS" ffi::CURLMOPT_MAX_TOTAL_CONNECTIONS, None, count;
    /// The most streams at a time on one HTTP/2 connection; 0 is libcurl's default, 100.
    MaxConcurrentStreams(u32) =
        "CURLMOPT_MAX_CONCURRENT_STREAMS" ffi::CURLMOPT_MAX_CONCURRENT_STREAMS, None, count;
    /// Whether several transfers share one HTTP/2 connection; they do unless this turns it off.
    Pipelining(bool) =
        "CURLMOPT_PIPELINING" ffi::CURLMOPT_PIPELINING, None, |_, on| Ok(if on { MULTIPLEX } else { 0 });
    /// The network is another one: what was learnt from the old one is forgotten.
    NetworkChanged(Forget) =
        "CURLMOPT_NETWORK_CHANGED" ffi::newer::CURLMOPT_NETWORK_CHANGED,
        Some(Version::new(8, 16, 0)), |_, forget| Ok(forget.bits());
    /// The most threads that resolve names at a time; at least 1.
    ResolveThreadsMax(u32) =
        "CURLMOPT_RESOLVE_THREADS_MAX" ffi::newer::CURLMOPT_RESOLVE_THREADS_MAX,
        Some(Version::new(8, 20, 0)), count;
}

/// `CURLPIPE_MULTIPLEX`
const MULTIPLEX: c_long = 2;

fn count(option: &'static str, count: u32) -> Result<c_long> {
    // libcurl keeps some of them in an `int`.
    i32::try_from(count).map(c_long::from).map_err(|_| {
        Error::ours(ErrorKind::Parameter, format!("{option} takes no number as large as {count}"))
    })
}

/// What is forgotten when the network changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Forget {
    /// Idle connections, and addresses of names.
    All,
    /// Idle connections; those in use are not used again.
    Connections,
    /// Addresses of names.
    Names,
}

impl Forget {
    /// `CURLMNWC_CLEAR_…`
    fn bits(self) -> c_long {
        match self {
            Self::All => 1,
            Self::Connections => 1 << 1,
            Self::Names => 1 << 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// What is not typed; the reasons are in the module's text.
    const OTHERS: &[(&str, ffi::CURLMoption)] = &[
        ("CURLMOPT_SOCKETFUNCTION", ffi::CURLMOPT_SOCKETFUNCTION),
        ("CURLMOPT_SOCKETDATA", ffi::CURLMOPT_SOCKETDATA),
        ("CURLMOPT_TIMERFUNCTION", ffi::CURLMOPT_TIMERFUNCTION),
        ("CURLMOPT_TIMERDATA", ffi::CURLMOPT_TIMERDATA),
        ("CURLMOPT_NOTIFYFUNCTION", ffi::newer::CURLMOPT_NOTIFYFUNCTION),
        ("CURLMOPT_NOTIFYDATA", ffi::newer::CURLMOPT_NOTIFYDATA),
        ("CURLMOPT_QUICK_EXIT", ffi::newer::CURLMOPT_QUICK_EXIT),
        ("CURLMOPT_PUSHFUNCTION", ffi::CURLMOPT_PUSHFUNCTION),
        ("CURLMOPT_PUSHDATA", ffi::CURLMOPT_PUSHDATA),
        ("CURLMOPT_MAX_PIPELINE_LENGTH", ffi::CURLMOPT_MAX_PIPELINE_LENGTH),
        ("CURLMOPT_CONTENT_LENGTH_PENALTY_SIZE", ffi::CURLMOPT_CONTENT_LENGTH_PENALTY_SIZE),
        ("CURLMOPT_CHUNK_LENGTH_PENALTY_SIZE", ffi::CURLMOPT_CHUNK_LENGTH_PENALTY_SIZE),
        ("CURLMOPT_PIPELINING_SITE_BL", ffi::CURLMOPT_PIPELINING_SITE_BL),
        ("CURLMOPT_PIPELINING_SERVER_BL", ffi::CURLMOPT_PIPELINING_SERVER_BL),
    ];

    /// `CURLOPT(CURLMOPT_NAME, CURLOPTTYPE_KIND, number),` → name, number.
    fn declared(header: &str) -> BTreeMap<String, ffi::CURLMoption> {
        header
            .lines()
            .filter_map(|line| line.trim().strip_prefix("CURLOPT(CURLMOPT_")?.split_once(')'))
            .map(|(row, _)| {
                let mut fields = row.split(',').map(str::trim);
                let name = format!("CURLMOPT_{}", fields.next().unwrap());
                let base = match fields.next().unwrap() {
                    "CURLOPTTYPE_LONG" => 0,
                    "CURLOPTTYPE_OBJECTPOINT" => 10_000,
                    "CURLOPTTYPE_FUNCTIONPOINT" => 20_000,
                    "CURLOPTTYPE_OFF_T" => 30_000,
                    other => panic!("{name}: what is {other}?"),
                };
                (name, base + fields.next().unwrap().parse::<ffi::CURLMoption>().unwrap())
            })
            .collect()
    }

    /// The headers of the system's libcurl, and of the one that curl-sys builds.
    fn headers() -> Vec<String> {
        let mut folders = pkg_config::Config::new()
            .cargo_metadata(false)
            .probe("libcurl")
            .map(|found| found.include_paths)
            .unwrap_or_default();
        folders.extend(["/usr/include".into(), format!("/usr/include/{}", triple()).into()]);
        // What other platforms depend on may never have been downloaded.
        let host = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
        let metadata = std::process::Command::new(env!("CARGO"))
            .args(["metadata", "--format-version=1", "--offline", "--filter-platform", &host])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        let metadata = String::from_utf8(metadata.stdout).unwrap();
        let manifest = metadata
            .split('"')
            .find(|text| text.contains("/curl-sys-") && text.ends_with("Cargo.toml"))
            .expect("curl-sys is a dependency");
        folders.push(std::path::Path::new(manifest).with_file_name("curl/include"));
        let read =
            |folder: &std::path::PathBuf| std::fs::read_to_string(folder.join("curl/multi.h")).ok();
        folders.iter().filter_map(read).collect()
    }

    fn triple() -> String {
        format!("{}-linux-gnu", std::env::consts::ARCH)
    }

    #[test]
    fn the_tables_have_every_option_of_the_headers() {
        let known: BTreeMap<_, _> = TYPED
            .iter()
            .chain(OTHERS)
            .map(|(name, number)| ((*name).to_owned(), *number))
            .collect();
        assert_eq!(known.len(), TYPED.len() + OTHERS.len(), "no option is in both");
        let headers = headers();
        assert!(headers.len() >= 2, "the system's headers and curl-sys's were found");
        for header in headers {
            let declared = declared(&header);
            assert!(declared.len() >= 16, "the header was read");
            for (name, number) in declared {
                assert_eq!(known.get(&name), Some(&number), "{name}");
            }
        }
    }

    #[test]
    fn the_documentation_names_every_option() {
        let text = include_str!("option.rs");
        let text = text.split("\nuse ").next().unwrap();
        for (name, _) in TYPED.iter().chain(OTHERS) {
            let short = name.trim_start_matches("CURLMOPT");
            assert!(text.contains(&format!("{short}`")), "{name} is missing");
        }
    }
}
