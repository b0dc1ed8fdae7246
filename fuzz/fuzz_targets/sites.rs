//! What a client remembers of sites, cookies and hosts that want TLS: set by any header, read from any
//! file, and what is written is the same when it is read again.
#![no_main]

use std::time::{Duration, SystemTime};

use arbitrary::Arbitrary;
use ffence::http::{Cookie, Hsts, Jar};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
enum Call<'a> {
    /// A `Set-Cookie` of one of a few places.
    Set(u8, &'a str),
    SetAt(&'a str, &'a str),
    /// A file of cookies.
    Load(&'a [u8]),
    Header(u8),
    HeaderAt(&'a str),
    Remove(u8),
    RemoveNamed(&'a str, &'a str, &'a str),
    Clear(bool),
    /// A host that wants TLS, for so long.
    Add(&'a str, bool, Option<u64>),
    /// A file of them.
    LoadHosts(&'a [u8]),
    Contains(&'a str),
    RemoveHost(&'a str),
}

const PLACES: [&str; 8] = [
    "https://example.org/",
    "http://example.org/a/b",
    "https://www.example.org/a/",
    "https://a.b.example.co.uk:8443/x?y",
    "http://127.0.0.1/",
    "https://[::1]/",
    "https://localhost/a",
    "https://xn--bcher-kva.example/",
];

fn place(number: u8) -> &'static str {
    PLACES[usize::from(number) % PLACES.len()]
}

/// The cookies that are not about to go, to the second.
fn lasting(jar: &Jar, from: SystemTime) -> Vec<Cookie> {
    let mut all = jar.all();
    for cookie in &mut all {
        cookie.expires = cookie.expires.map(|then| {
            let since = then.duration_since(SystemTime::UNIX_EPOCH).expect("it lasts");
            SystemTime::UNIX_EPOCH + Duration::from_secs(since.as_secs())
        });
    }
    all.retain(|it| it.expires.is_none_or(|then| then > from));
    all
}

fuzz_target!(|calls: Vec<Call<'_>>| {
    let (jar, hosts) = (Jar::new(), Hsts::new());
    for call in calls {
        match call {
            Call::Set(number, header) => {
                if jar.set(place(number), header).expect("a URL") {
                    assert!(header.contains('='));
                }
            }
            Call::SetAt(url, header) => drop(jar.set(url, header)),
            Call::Load(file) => drop(jar.load(file)),
            Call::Header(number) => {
                if let Some(header) = jar.header(place(number)).expect("a URL") {
                    assert!(!header.contains(['\r', '\n', '\0']), "{header:?}");
                    assert!(header.contains('='));
                }
            }
            Call::HeaderAt(url) => drop(jar.header(url)),
            Call::Remove(number) => {
                let all = jar.all();
                if !all.is_empty() {
                    let Cookie { domain, path, name, .. } = &all[usize::from(number) % all.len()];
                    assert!(jar.remove(domain, path, name));
                    assert!(!jar.remove(domain, path, name));
                }
            }
            Call::RemoveNamed(domain, path, name) => {
                jar.remove(domain, path, name);
                assert!(!jar.remove(domain, path, name));
            }
            Call::Clear(all) => {
                if all {
                    jar.clear();
                    assert!(jar.all().is_empty());
                } else {
                    jar.clear_session();
                    assert!(jar.all().iter().all(|it| it.expires.is_some()));
                }
            }
            Call::Add(host, below, seconds) => {
                // Not one that goes while this runs.
                let life = seconds.map(|it| Duration::from_secs(it.max(60)));
                let until = life.and_then(|it| SystemTime::now().checked_add(it));
                if hosts.add(host, below, until).is_ok() {
                    assert!(hosts.contains(host), "{host:?} was added");
                }
            }
            Call::LoadHosts(file) => drop(hosts.load(file)),
            Call::Contains(host) => _ = hosts.contains(host),
            Call::RemoveHost(host) => _ = hosts.remove(host),
        }
    }

    let soon = SystemTime::now() + Duration::from_secs(5);
    let (mut file, other) = (Vec::new(), Jar::new());
    let before = lasting(&jar, soon);
    jar.save(&mut file).expect("there is room");
    other.load(&file[..]).expect("what was written is read");
    assert_eq!(lasting(&other, soon), before);

    let (mut file, mut again, other) = (Vec::new(), Vec::new(), Hsts::new());
    hosts.save(&mut file).expect("there is room");
    let count = other.load(&file[..]).expect("what was written is read");
    assert_eq!(count, file.iter().filter(|it| **it == b'\n').count());
    other.save(&mut again).expect("there is room");
    assert_eq!(again, file);
});
