//! What single protocols call back (RTSP, FTP patterns, SSH, HSTS): what each is told, what its answer
//! does, and that a panic in it is its own transfer's: alone and in a multi, at the first call and at a
//! later one.
#![cfg(all(feature = "http", unix))]

mod common;

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::time::{Duration, SystemTime};

use common::nginx::Nginx;
use common::program::Program;
use common::raw::Raw;
use common::server::{Server, bytes};
use common::services;
use common::transfers::{drive, engines};
use ffence::ErrorKind;
use ffence::curl::option::value::{HstsCtrl, RtspRequest};
use ffence::curl::{
    Callbacks, Easy, FileChoice, FileKind, Flow, Handler, HstsEntry, HstsPlace, KnownHost,
    KnownHostAnswer, KnownHostMatch, List, RemoteFile, SshKey, SshKeyBytes, SshKeyType, Write,
    option,
};

/// Where a [`Log`] panics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
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
struct Log<const OWN_KEY: bool = false> {
    at: At,
    /// How many calls of that kind it survives.
    survives: u32,
    said: String,
    body: Vec<u8>,
    hosts: Vec<HstsEntry>,
    stored: Vec<HstsEntry>,
    answer: KnownHostAnswer,
    key: Vec<u8>,
}

impl<const OWN_KEY: bool> Log<OWN_KEY> {
    fn new() -> Self {
        Self::panicking(At::Nowhere, 0)
    }

    fn panicking(at: At, survives: u32) -> Self {
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

fn speaks(scheme: &str) -> bool {
    let speaks = ffence::capabilities().unwrap().libcurl().speaks(scheme);
    if !speaks {
        eprintln!("skipped: this libcurl does not speak {scheme}");
    }
    speaks
}

/// The transfer that `prepare` sets up panics where it should: alone, and among others in each kind
/// of multi, whose bytes are whole.
fn goes_off<const OWN_KEY: bool>(at: At, survives: u32, prepare: impl Fn(&mut Easy<Log<OWN_KEY>>)) {
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

/// Answers each request of RTSP; before the answer to `PLAY` come two packets.
fn rtsp() -> Raw {
    Raw::with(|mut stream| {
        let mut text = Vec::new();
        let mut piece = [0; 1024];
        loop {
            while let Some(end) = text.windows(4).position(|it| it == b"\r\n\r\n") {
                let request = String::from_utf8_lossy(&text[..end]).into_owned();
                text.drain(..end + 4);
                let number = request.lines().find(|line| line.starts_with("CSeq: ")).unwrap();
                let head = format!("RTSP/1.0 200 OK\r\n{number}\r\nSession: 7\r\n");
                let packets = b"$\0\0\x04RTP1$\0\0\x04RTP2".as_slice();
                let answer = match request.split(' ').next().unwrap() {
                    "SETUP" => {
                        let transport = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1";
                        format!("{head}{transport}\r\n\r\n").into_bytes()
                    }
                    "PLAY" => [packets, format!("{head}\r\n").as_bytes()].concat(),
                    _ => format!("{head}\r\n").into_bytes(),
                };
                if stream.write_all(&answer).is_err() {
                    return;
                }
            }
            match stream.read(&mut piece) {
                Ok(len) if len > 0 => text.extend_from_slice(&piece[..len]),
                _ => return,
            }
        }
    })
}

/// A session was set up, and the next request plays.
fn plays(easy: &mut Easy<Log>, server: &Raw) {
    let url = format!("rtsp://{}/stream", server.address());
    easy.set(option::Url(&url)).unwrap().set(option::RtspStreamUri(&url)).unwrap();
    easy.set(option::RtspTransport("RTP/AVP/TCP;unicast;interleaved=0-1")).unwrap();
    easy.set(option::RtspRequest(RtspRequest::Setup)).unwrap();
    easy.perform().unwrap();
    easy.set(option::RtspRequest(RtspRequest::Play)).unwrap();
}

#[test]
fn packets_within_rtsp_are_told_apart() {
    if !speaks("rtsp") {
        return;
    }
    let server = rtsp();
    let mut easy = Easy::with(Log::new()).unwrap();
    plays(&mut easy, &server);
    easy.perform().unwrap();
    assert_eq!(easy.handler().said, "RTP1;RTP2;");
    for survives in [0, 1] {
        goes_off(At::Interleaved, survives, |easy| plays(easy, &server));
    }
}

/// Three files that match `*.txt`, one of which is skipped, and one that does not.
fn files() -> Option<(Program, String)> {
    let (server, url) = services::ftp()?;
    for (name, text) in [("a.txt", "first"), ("b-skip.txt", "x"), ("c.txt", "third"), ("d", "x")] {
        std::fs::write(server.folder().join("files").join(name), text).unwrap();
    }
    Some((server, url))
}

#[test]
fn files_of_a_pattern_are_told_one_by_one() {
    if !speaks("ftp") {
        return;
    }
    let Some((_server, url)) = files() else { return };
    let prepare = |easy: &mut Easy<Log>| {
        easy.set(option::Url(format!("{url}/*.txt"))).unwrap();
        easy.set(option::WildcardMatch(true)).unwrap();
    };
    let mut easy = Easy::with(Log::new()).unwrap();
    easy.set(option::NoProxy("*")).unwrap();
    prepare(&mut easy);
    easy.perform().unwrap();
    let said = &easy.handler().said;
    for file in ["a.txt 5 ", "b-skip.txt 1 ", "c.txt 5 "] {
        assert!(said.contains(file), "{said}");
    }
    assert!(!said.contains("d 1"), "{said}");
    let remaining: Vec<_> =
        said.split(';').filter_map(|it| it.rsplit(' ').next()?.parse::<u32>().ok()).collect();
    assert_eq!(remaining, [2, 1, 0].map(|count| count + remaining[2]), "they are counted down");
    let body = String::from_utf8_lossy(&easy.handler().body);
    assert!(["firstthird", "thirdfirst"].contains(&&*body), "{body}");

    for (at, survives) in
        [(At::FileBegins, 0), (At::FileBegins, 2), (At::FileEnds, 0), (At::FileEnds, 1)]
    {
        goes_off(at, survives, prepare);
    }
}

/// libcurl has a function of its own in the place of ours while it reads the list of files; what an
/// interrupted handle receives next must not go there.
#[test]
fn a_handle_whose_pattern_was_interrupted_takes_bodies_as_before() {
    /// Gives up when the list is about to come.
    struct Stops(bool, Vec<u8>);

    impl Handler for Stops {
        const CALLBACKS: Callbacks = Callbacks::HEADER.and(Callbacks::WRITE);

        fn header(&mut self, line: &[u8]) -> Flow {
            if self.0 && (line.starts_with(b"150") || line.starts_with(b"125")) {
                return Flow::Stop;
            }
            Flow::Continue
        }

        fn write(&mut self, bytes: &[u8]) -> Write {
            self.1.extend_from_slice(bytes);
            Write::Taken
        }
    }

    if !speaks("ftp") {
        return;
    }
    let Some((_server, url)) = files() else { return };
    let server = Server::plain();
    let prepared = || {
        let mut easy = Easy::with(Stops(true, Vec::new())).unwrap();
        easy.set(option::NoProxy("*")).unwrap();
        easy.set(option::Url(format!("{url}/*.txt"))).unwrap();
        easy.set(option::WildcardMatch(true)).unwrap();
        easy
    };
    let then = |easy: &mut Easy<Stops>| {
        easy.handler_mut().0 = false;
        easy.set(option::WildcardMatch(false)).unwrap();
        easy.set(option::Url(server.url("/bytes/5000"))).unwrap();
    };
    // The same pattern again.
    let mut easy = prepared();
    easy.perform().unwrap_err();
    easy.handler_mut().0 = false;
    easy.perform().unwrap();
    assert_eq!(easy.handler().1.len(), "first".len() + "x".len() + "third".len());

    // Or something else.
    let mut easy = prepared();
    easy.perform().unwrap_err();
    then(&mut easy);
    easy.perform().unwrap();
    assert!(easy.handler().1 == bytes(5000));

    for mut multi in engines() {
        let id = multi.add(prepared()).unwrap();
        assert!(drive(&mut multi)[&id].is_err());
        let mut easy = multi.remove(id).unwrap();
        then(&mut easy);
        let id = multi.add(easy).unwrap();
        assert!(drive(&mut multi)[&id].is_ok());
        assert!(multi.remove(id).unwrap().into_handler().1 == bytes(5000));
    }
}

fn sftp<const OWN_KEY: bool>(easy: &mut Easy<Log<OWN_KEY>>, server: &(Program, u16)) {
    easy.set(option::NoProxy("*")).unwrap();
    easy.set(option::Url(format!("sftp://127.0.0.1:{}/small", server.1))).unwrap();
    easy.set(option::Username("user")).unwrap().set(option::Password("secret")).unwrap();
    easy.handler_mut().key = host_key(&server.0);
}

/// `ecdsa-sha2-nistp256 BASE64`
fn host_key(server: &Program) -> Vec<u8> {
    let text = std::fs::read_to_string(server.folder().join("key")).unwrap();
    openssl::base64::decode_block(text.split_whitespace().nth(1).unwrap()).unwrap()
}

#[test]
fn a_host_is_looked_up_in_the_file_of_known_ones() {
    if !speaks("sftp") {
        return;
    }
    let Some(server) = services::ssh() else { return };
    let file = server.0.folder().join("known_hosts");
    let known = file.clone();
    let prepare = |easy: &mut Easy<Log>| {
        sftp(easy, &server);
        easy.set(option::SshKnownHosts(&known)).unwrap();
    };
    let attempt = |answer| {
        let mut easy = Easy::with(Log::new()).unwrap();
        prepare(&mut easy);
        easy.handler_mut().answer = answer;
        let outcome = easy.perform().map(drop);
        let Log { said, body, .. } = easy.into_handler();
        (outcome.map(|()| body).map_err(|error| error.code()), said)
    };
    std::fs::write(&file, "").unwrap();
    let refused = Err(Some(60)); // CURLE_PEER_FAILED_VERIFICATION
    let small = || Ok(b"small\n".to_vec());
    assert_eq!(attempt(KnownHostAnswer::Refuse), (refused.clone(), "Missing;".into()));
    assert_eq!(attempt(KnownHostAnswer::Accept), (small(), "Missing;".into()));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "", "that was for once");
    assert_eq!(attempt(KnownHostAnswer::AcceptAndAdd), (small(), "Missing;".into()));
    assert!(std::fs::read_to_string(&file).unwrap().contains("127.0.0.1"));
    assert_eq!(attempt(KnownHostAnswer::Accept), (small(), "Same;".into()));

    // Another server's key.
    let Some(other) = services::ssh() else { return };
    let of_other = std::fs::read_to_string(other.0.folder().join("key")).unwrap();
    std::fs::write(&file, format!("127.0.0.1 {}\n", of_other.trim())).unwrap();
    assert_eq!(attempt(KnownHostAnswer::Refuse), (refused, "Other;".into()));

    goes_off(At::KnownHost, 0, prepare);
    // Not the first connection, but the next one.
    goes_off(At::KnownHost, 1, |easy: &mut Easy<Log>| {
        prepare(easy);
        easy.handler_mut().answer = KnownHostAnswer::Accept;
        easy.set(option::FreshConnect(true)).unwrap();
        easy.perform().unwrap();
    });
}

#[test]
fn a_handler_may_know_the_host_itself() {
    if !speaks("sftp") {
        return;
    }
    let can = ffence::capabilities().unwrap();
    let new = match Easy::with(Log::<true>::new()) {
        Ok(easy) => easy,
        Err(error) => {
            assert_eq!(error.since(), Some(ffence::capabilities::Version::new(7, 84, 0)));
            assert!(can.libcurl().number() < error.since().unwrap());
            return;
        }
    };
    let Some(server) = services::ssh() else { return };
    let mut easy = new;
    sftp(&mut easy, &server);
    easy.perform().unwrap();
    assert_eq!(easy.handler().body, b"small\n");

    // Another one is refused.
    let mut easy = Easy::with(Log::<true>::new()).unwrap();
    sftp(&mut easy, &server);
    easy.handler_mut().key.push(0);
    assert_eq!(easy.perform().unwrap_err().code(), Some(60)); // CURLE_PEER_FAILED_VERIFICATION
    goes_off(At::HostKey, 0, |easy: &mut Easy<Log<true>>| sftp(easy, &server));
    goes_off(At::HostKey, 1, |easy: &mut Easy<Log<true>>| {
        sftp(easy, &server);
        easy.set(option::FreshConnect(true)).unwrap();
        easy.perform().unwrap();
    });
}

#[test]
fn files_go_both_ways_over_sftp_and_scp() {
    /// Uploads what it holds.
    struct Up(Vec<u8>);

    impl Handler for Up {
        const CALLBACKS: Callbacks = Callbacks::READ;

        fn read(&mut self, out: &mut ffence::curl::Upload<'_>) -> ffence::curl::Read {
            let taken = out.append(&self.0);
            self.0.drain(..taken);
            ffence::curl::Read::Sent
        }
    }

    if !speaks("sftp") {
        return;
    }
    let Some((server, port)) = services::ssh() else { return };
    let known = server.folder().join("known_hosts");
    let key = std::fs::read_to_string(server.folder().join("key")).unwrap();
    std::fs::write(&known, format!("127.0.0.1 {}\n", key.trim())).unwrap();
    let content = bytes(300_000);
    for scheme in ["sftp", "scp"] {
        let url = format!("{scheme}://127.0.0.1:{port}/{scheme}");
        let prepare = |easy: &mut Easy<Up>| {
            easy.set(option::Url(&url)).unwrap().set(option::NoProxy("*")).unwrap();
            easy.set(option::Username("user")).unwrap().set(option::Password("secret")).unwrap();
            easy.set(option::SshKnownHosts(&known)).unwrap();
        };
        let mut easy = Easy::with(Up(content.clone())).unwrap();
        prepare(&mut easy);
        easy.set(option::Upload(true)).unwrap();
        easy.set(option::InFileSizeLarge(Some(300_000))).unwrap();
        easy.perform().unwrap();
        assert!(std::fs::read(server.folder().join("files").join(scheme)).unwrap() == content);

        let mut easy = Easy::with(Up(Vec::new())).unwrap();
        prepare(&mut easy);
        let mut body = Vec::new();
        easy.perform_into(&mut body).unwrap();
        assert!(body == content, "{scheme}");
        easy.set(option::Password("wrong")).unwrap().set(option::FreshConnect(true)).unwrap();
        assert_eq!(easy.perform().unwrap_err().code(), Some(67)); // CURLE_LOGIN_DENIED
    }
    // Nobody knows the host: nothing is sent to it.
    std::fs::write(&known, "").unwrap();
    let mut easy = Easy::new().unwrap();
    easy.set(option::Url(format!("sftp://127.0.0.1:{port}/small"))).unwrap();
    easy.set(option::Username("user")).unwrap().set(option::Password("secret")).unwrap();
    easy.set(option::SshKnownHosts(&known)).unwrap().set(option::NoProxy("*")).unwrap();
    assert_eq!(easy.perform().unwrap_err().code(), Some(60)); // CURLE_PEER_FAILED_VERIFICATION
}

#[test]
fn hosts_that_want_https_come_from_the_handler_and_go_back_to_it() {
    // A handle of this handler's needs them all.
    if !["rtsp", "ftp", "sftp"].into_iter().all(speaks) {
        return;
    }
    let Some(nginx) = Nginx::start() else { return };
    let host = format!("named.example:{}", nginx.tls_port());
    let in_a_day = SystemTime::now() + Duration::from_secs(24 * 60 * 60);
    let entry = |host: &str, expires: Option<SystemTime>| HstsEntry {
        host: host.to_owned(),
        include_subdomains: expires.is_some(),
        expires,
    };
    let prepare = |easy: &mut Easy<Log>| {
        let mut names = List::new();
        names.push(&format!("{host}:127.0.0.1")).unwrap();
        easy.set(option::Resolve(names)).unwrap();
        easy.set(option::CaInfoBlob(nginx.authority().pem().as_bytes())).unwrap();
        easy.set(option::Url(format!("http://{host}/files/small"))).unwrap();
        easy.set(option::HstsCtrl(HstsCtrl::ENABLE)).unwrap();
        easy.handler_mut().hosts = vec![entry("other.example", Some(in_a_day))];
        easy.handler_mut().hosts.push(entry("named.example", None));
    };
    let mut easy = Easy::with(Log::new()).unwrap();
    easy.set(option::NoProxy("*")).unwrap();
    prepare(&mut easy);
    easy.perform().unwrap();
    assert_eq!(easy.handler().body, b"small\n", "without TLS this port answers 400");
    assert!(easy.handler().stored.is_empty(), "the handle is open");
    let stored = easy.into_handler().stored;
    assert_eq!(stored.len(), 2, "{stored:?}");
    assert!(stored.contains(&entry("named.example", None)), "{stored:?}");
    let other = stored.iter().find(|it| it.host == "other.example").unwrap();
    assert!(other.include_subdomains);
    let difference = in_a_day.duration_since(other.expires.unwrap()).unwrap();
    assert!(difference < Duration::from_secs(1), "to the second: {difference:?}");

    // What is no host's name gives the transfer up.
    for name in ["", "a\0b", &"x".repeat(256)] {
        let mut easy = Easy::with(Log::new()).unwrap();
        prepare(&mut easy);
        easy.handler_mut().hosts.push(entry(name, None));
        assert_eq!(easy.perform().unwrap_err().code(), Some(42)); // CURLE_ABORTED_BY_CALLBACK
    }
    for survives in [0, 1] {
        goes_off(At::HstsLoad, survives, prepare);
    }
    // Nobody is there to be told of it; it goes no further.
    for survives in [0, 1] {
        let storing = || {
            let mut easy = Easy::with(Log::panicking(At::HstsStore, survives)).unwrap();
            easy.set(option::NoProxy("*")).unwrap();
            prepare(&mut easy);
            easy
        };
        let stored = usize::try_from(survives).unwrap();
        let mut easy = storing();
        easy.perform().unwrap();
        assert_eq!(easy.into_handler().stored.len(), stored);

        let server = Server::plain();
        for mut multi in engines() {
            let storing = multi.add(storing()).unwrap();
            let mut other = Easy::with(Log::new()).unwrap();
            other.set(option::Url(server.url("/bytes/200000"))).unwrap();
            let other = multi.add(other).unwrap();
            let done = drive(&mut multi);
            assert!(done[&storing].is_ok() && done[&other].is_ok(), "{done:?}");
            // Closes it, with the other one still there.
            assert_eq!(multi.remove(storing).unwrap().into_handler().stored.len(), stored);
            assert!(multi.remove(other).unwrap().into_handler().body == bytes(200_000));
        }
    }
}
