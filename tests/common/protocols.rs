//! A handler that writes down what single protocols call back, and panics where it is told to.

use std::fmt::Write as _;

use ffence::ErrorKind;
use ffence::curl::{
    Callbacks, Easy, FileChoice, FileKind, Flow, Handler, HstsEntry, HstsPlace, KnownHost,
    KnownHostAnswer, KnownHostMatch, RemoteFile, SshKey, SshKeyBytes, SshKeyType, Write, option,
};

use super::server::{Server, bytes};
use super::transfers::{drive, engines};

/// Where a [`Log`] panics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    Interleaved,
    FileBegins,
    FileEnds,
    KnownHost,
    HostKey,
    HstsLoad,
    HstsStore,
    Nowhere,
}

/// Writes down what it is told; with `OWN_KEY`, it looks at the host's SSH key itself.
pub struct Log<const OWN_KEY: bool = false> {
    at: At,
    /// How many calls of that kind it survives.
    pub survives: u32,
    pub said: String,
    pub body: Vec<u8>,
    pub hosts: Vec<HstsEntry>,
    pub stored: Vec<HstsEntry>,
    pub answer: KnownHostAnswer,
    pub key: Vec<u8>,
}

impl<const OWN_KEY: bool> Log<OWN_KEY> {
    pub fn new() -> Self {
        Self::panicking(At::Nowhere, 0)
    }

    pub fn panicking(at: At, survives: u32) -> Self {
        Self {
            at,
            survives,
            said: String::new(),
            body: Vec::new(),
            hosts: Vec::new(),
            stored: Vec::new(),
            answer: KnownHostAnswer::Refuse,
            key: Vec::new(),
        }
    }

    fn called(&mut self, at: At) {
        if self.at == at {
            assert!(self.survives > 0, "as it should, in {at:?}");
            self.survives -= 1;
        }
    }
}

impl<const OWN_KEY: bool> Handler for Log<OWN_KEY> {
    const CALLBACKS: Callbacks = {
        let all = Callbacks::WRITE
            .and(Callbacks::INTERLEAVED)
            .and(Callbacks::FILES)
            .and(Callbacks::HSTS_LOAD)
            .and(Callbacks::HSTS_STORE);
        all.and(if OWN_KEY { Callbacks::SSH_HOST_KEY } else { Callbacks::SSH_KNOWN_HOST })
    };

    fn write(&mut self, bytes: &[u8]) -> Write {
        self.body.extend_from_slice(bytes);
        Write::Taken
    }

    fn interleaved(&mut self, packet: &[u8]) -> Flow {
        self.called(At::Interleaved);
        let (head, text) = packet.split_at(4);
        assert_eq!(head, [b'$', 0, 0, 4], "the header comes along");
        write!(self.said, "{};", String::from_utf8_lossy(text)).unwrap();
        Flow::Continue
    }

    fn file_begins(&mut self, file: &RemoteFile<'_>) -> FileChoice {
        self.called(At::FileBegins);
        assert_eq!(file.kind, FileKind::File);
        let (name, size) = (file.name.to_str().unwrap(), file.size.unwrap());
        write!(self.said, "{name} {size} {};", file.remaining).unwrap();
        if name.ends_with("skip.txt") { FileChoice::Skip } else { FileChoice::Download }
    }

    fn file_ends(&mut self) -> Flow {
        self.called(At::FileEnds);
        self.said.push_str("end;");
        Flow::Continue
    }

    fn ssh_known_host(&mut self, host: &KnownHost<'_>) -> KnownHostAnswer {
        self.called(At::KnownHost);
        let shown = host.shown.unwrap();
        assert_eq!(shown.kind, SshKeyType::Ecdsa);
        assert!(matches!(shown.bytes, SshKeyBytes::Raw(bytes) if bytes == self.key));
        assert_eq!(host.known.is_some(), host.found_in_file != KnownHostMatch::Missing);
        write!(self.said, "{:?};", host.found_in_file).unwrap();
        self.answer
    }

    fn ssh_host_key(&mut self, key: &SshKey<'_>) -> Flow {
        self.called(At::HostKey);
        let same = matches!(key.bytes, SshKeyBytes::Raw(bytes) if bytes == self.key);
        if same { Flow::Continue } else { Flow::Stop }
    }

    fn hsts_load(&mut self) -> Option<HstsEntry> {
        self.called(At::HstsLoad);
        self.hosts.pop()
    }

    fn hsts_store(&mut self, entry: &HstsEntry, place: HstsPlace) -> Flow {
        self.called(At::HstsStore);
        assert_eq!(place.index, self.stored.len());
        self.stored.push(entry.clone());
        Flow::Continue
    }
}

pub fn speaks(scheme: &str) -> bool {
    let speaks = ffence::capabilities().unwrap().libcurl().speaks(scheme);
    if !speaks {
        eprintln!("skipped: this libcurl does not speak {scheme}");
    }
    speaks
}

/// The transfer that `prepare` sets up panics where it should: alone, and among others in each kind
/// of multi, whose bytes are whole.
pub fn goes_off<const OWN_KEY: bool>(
    at: At,
    survives: u32,
    prepare: impl Fn(&mut Easy<Log<OWN_KEY>>),
) {
    let prepared = || {
        let mut easy = Easy::with(Log::panicking(at, survives)).unwrap();
        easy.set(option::NoProxy("*")).unwrap();
        prepare(&mut easy);
        easy
    };
    let its_own = |error: ffence::Error| {
        assert_eq!(error.kind(), ErrorKind::Panicked, "{at:?} after {survives}: {error}");
        assert!(error.to_string().contains("as it should"), "{error}");
    };
    let mut easy = prepared();
    its_own(easy.perform().map(drop).expect_err(&format!("{at:?} after {survives}")));
    assert_eq!(easy.into_handler().survives, 0);

    let server = Server::plain();
    for mut multi in engines() {
        let others = [(); 4].map(|()| {
            let mut easy = Easy::with(Log::new()).unwrap();
            easy.set(option::Url(server.url("/bytes/200000"))).unwrap();
            multi.add(easy).unwrap()
        });
        let bad = multi.add(prepared()).unwrap();
        let mut done = drive(&mut multi);
        its_own(done.remove(&bad).unwrap().expect_err(&format!("{at:?} after {survives}")));
        assert_eq!(multi.remove(bad).unwrap().into_handler().survives, 0);
        for id in others {
            assert!(done[&id].is_ok(), "{:?}", done[&id]);
            assert!(multi.remove(id).unwrap().into_handler().body == bytes(200_000));
        }
    }
}
