//! What single protocols of libcurl call back, what a handler does to a TLS context, and what an error
//! says of itself.

use std::io::{Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::time::{Duration, SystemTime};

use ffence::curl::multi::Watched;
use ffence::curl::option::value::{HstsCtrl, RtspRequest, TlsVersion, TlsVersions};
use ffence::curl::{
    Callbacks, Easy, FileChoice, Flow, Handler, HstsEntry, HstsPlace, KeyLog, Multi, RemoteFile,
    TlsContext, Write, option,
};

use crate::common::raw::Raw;
use crate::common::server::{Authority, Server, bytes};
use crate::common::services;
use crate::common::transfers::Body;
use crate::row::{Outcome, Row, row};

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(30);

/// Is called back for what only some protocols have.
struct Told {
    body: Vec<u8>,
    said: Vec<u8>,
    hosts: Vec<HstsEntry>,
}

impl Told {
    fn new() -> Self {
        Self { body: Vec::new(), said: Vec::new(), hosts: Vec::new() }
    }
}

impl Handler for Told {
    const CALLBACKS: Callbacks = {
        let all = Callbacks::WRITE.and(Callbacks::INTERLEAVED).and(Callbacks::FILES);
        all.and(Callbacks::HSTS_LOAD).and(Callbacks::HSTS_STORE)
    };

    fn write(&mut self, bytes: &[u8]) -> Write {
        self.body.extend_from_slice(bytes);
        Write::Taken
    }

    fn interleaved(&mut self, packet: &[u8]) -> Flow {
        self.said.extend_from_slice(packet);
        Flow::Continue
    }

    fn file_begins(&mut self, file: &RemoteFile<'_>) -> FileChoice {
        self.said.extend_from_slice(file.name.to_bytes());
        FileChoice::Download
    }

    fn file_ends(&mut self) -> Flow {
        self.said.push(b';');
        Flow::Continue
    }

    fn hsts_load(&mut self) -> Option<HstsEntry> {
        self.hosts.pop()
    }

    fn hsts_store(&mut self, _: &HstsEntry, _: HstsPlace) -> Flow {
        Flow::Continue
    }
}

/// Answers each request of RTSP; before the answer to `PLAY` comes a packet.
fn rtsp() -> Raw {
    Raw::with(|mut stream| {
        let (mut text, mut piece) = (Vec::new(), [0; 1024]);
        loop {
            while let Some(end) = text.windows(4).position(|it| it == b"\r\n\r\n") {
                let request = String::from_utf8_lossy(&text[..end]).into_owned();
                text.drain(..end + 4);
                let Some(number) = request.lines().find(|line| line.starts_with("CSeq: ")) else {
                    return;
                };
                let head = format!("RTSP/1.0 200 OK\r\n{number}\r\nSession: 7\r\n");
                let answer = match request.split(' ').next() {
                    Some("SETUP") => {
                        let transport = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1";
                        format!("{head}{transport}\r\n\r\n")
                    }
                    Some("PLAY") => format!("$\0\0\x04RTP1{head}\r\n"),
                    _ => format!("{head}\r\n"),
                };
                if stream.write_all(answer.as_bytes()).is_err() {
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

/// Tells each TLS context something.
struct Telling<F> {
    tell: F,
    error: Option<ffence::Error>,
    taken: usize,
}

impl<F: Fn(&mut TlsContext<'_>) -> ffence::Result<()> + Send> Handler for Telling<F> {
    const CALLBACKS: Callbacks = Callbacks::WRITE.and(Callbacks::TLS_CONTEXT);

    fn write(&mut self, bytes: &[u8]) -> Write {
        self.taken += bytes.len();
        Write::Taken
    }

    fn tls_context(&mut self, context: &mut TlsContext<'_>) -> Flow {
        self.error = (self.tell)(context).err();
        if self.error.is_none() { Flow::Continue } else { Flow::Stop }
    }
}

/// A transfer whose context is told something; how long the body is.
fn told(
    server: &Server,
    authority: &Authority,
    tell: impl Fn(&mut TlsContext<'_>) -> ffence::Result<()> + Send,
) -> Outcome {
    let mut easy = Easy::with(Telling { tell, error: None, taken: 0 })?;
    easy.set(option::Url(server.url("/bytes/1000")))?.set(option::NoProxy("*"))?;
    // Not the system's hundreds of authorities as well.
    super::easy::trust(&mut easy, authority.pem().as_bytes())?;
    let outcome = easy.perform().map(drop);
    let handler = easy.into_handler();
    if let Some(error) = handler.error {
        return Err(error.into());
    }
    outcome?;
    Ok(handler.taken.to_be_bytes().to_vec())
}

pub fn rows() -> Vec<Row> {
    vec![
        row!("packets within RTSP", ["curl::Handler::interleaved"], {
            let server = rtsp();
            move || -> Outcome {
                let _ = <Told as Handler>::interleaved;
                let url = format!("rtsp://{}/stream", server.address());
                let mut easy = Easy::with(Told::new())?;
                easy.set(option::NoProxy("*"))?.set(option::Timeout(LONG))?;
                easy.set(option::Url(&url))?.set(option::RtspStreamUri(&url))?;
                easy.set(option::RtspTransport("RTP/AVP/TCP;unicast;interleaved=0-1"))?;
                easy.set(option::RtspRequest(RtspRequest::Setup))?;
                easy.perform()?;
                easy.set(option::RtspRequest(RtspRequest::Play))?;
                easy.perform()?;
                Ok(easy.into_handler().said)
            }
        }),
        row!("files of a pattern", ["curl::Handler::{file_begins,file_ends}"], {
            let (server, url) = services::ftp().expect("scripts/setup takes pyftpdlib along");
            let folder = server.folder().join("files");
            std::fs::remove_file(folder.join("small")).unwrap();
            std::fs::write(folder.join("a.txt"), "first").unwrap();
            move || -> Outcome {
                let _ = (&server, <Told as Handler>::file_begins, <Told as Handler>::file_ends);
                let mut easy = Easy::with(Told::new())?;
                easy.set(option::NoProxy("*"))?.set(option::Timeout(LONG))?;
                easy.set(option::Url(format!("{url}/*.txt")))?;
                easy.set(option::WildcardMatch(true))?;
                easy.perform()?;
                let told = easy.into_handler();
                Ok([told.said, told.body].concat())
            }
        }),
        row!("hosts that want HTTPS", ["curl::Handler::{hsts_load,hsts_store}"], {
            let server = Server::plain();
            let url = server.url("/bytes/100");
            move || -> Outcome {
                let _ = (&server, <Told as Handler>::hsts_load, <Told as Handler>::hsts_store);
                let mut easy = Easy::with(Told::new())?;
                easy.handler_mut().hosts.push(HstsEntry {
                    host: "other.example".to_owned(),
                    include_subdomains: true,
                    expires: Some(SystemTime::now() + Duration::from_secs(86_400)),
                });
                easy.set(option::NoProxy("*"))?.set(option::HstsCtrl(HstsCtrl::ENABLE))?;
                easy.set(option::Url(&url))?;
                easy.perform()?;
                let told = easy.into_handler();
                assert!(told.hosts.is_empty() && told.body == bytes(100));
                Ok(told.body)
            }
        }),
        row!(
            "a TLS context with authorities and a list of what is revoked",
            ["curl::TlsContext::{key_log,revoke,trust,versions}"],
            {
                let authority = Authority::new();
                let list = authority.revocations(&[vec![7]]);
                let pem = authority.pem().to_owned();
                let server = Server::tls(&authority);
                move || -> Outcome {
                    told(&server, &authority, |context| {
                        context.trust(pem.as_bytes())?;
                        context.revoke(list.as_bytes())?;
                        context.versions(TlsVersions::new().from(TlsVersion::V1_2))?;
                        context.key_log(&KeyLog::new(|_| ()))
                    })
                }
            }
        ),
        row!("a TLS context with a client's own certificate", ["curl::TlsContext::identity"], {
            let authority = Authority::new();
            let (chain, key) = authority.client_pem("torture");
            let server = Server::tls(&authority);
            move || -> Outcome {
                told(&server, &authority, |context| {
                    context.identity(chain.as_bytes(), key.as_bytes())
                })
            }
        }),
        row!("Multi beside other descriptors", ["curl::multi::Multi::poll_with"], {
            let server = Server::plain();
            let url = server.url("/bytes/1000");
            let (ours, mut theirs) = UnixStream::pair().unwrap();
            theirs.write_all(b"!").unwrap();
            move || -> Outcome {
                let _kept = (&server, &theirs);
                let mut multi = Multi::new()?;
                let mut easy = Easy::with(Body::default())?;
                easy.set(option::Url(&url))?.set(option::NoProxy("*"))?;
                let id = multi.add(easy)?;
                let mut watched = [Watched::readable(ours.as_fd())];
                while multi.perform()? > 0 {
                    multi.poll_with(LONG, &mut watched)?;
                    assert!(watched[0].is_readable());
                }
                while let Some(done) = multi.next_done() {
                    done.result?;
                }
                Ok(multi.remove(id)?.into_handler().0)
            }
        }),
        row!(
            "what an error says of itself",
            ["error::Error::{diagnose,is_connect,is_timeout,since,time_limit}"],
            {
                || -> Outcome {
                    let mut easy = Easy::new()?;
                    // tcpmux, which nobody has listened on for decades.
                    easy.set(option::Url("http://127.0.0.1:1/"))?.set(option::NoProxy("*"))?;
                    let Err(error) = easy.perform().map(drop) else {
                        return Err(std::io::Error::other("somebody listens on port 1").into());
                    };
                    // Without memory, libcurl may take the address for a name that is not known.
                    if error.kind() != ffence::ErrorKind::Connect {
                        return Err(error.into());
                    }
                    let said = error.diagnose();
                    assert!(!error.is_timeout() && error.time_limit().is_none());
                    if !error.is_connect() || error.since().is_some() || said.is_empty() {
                        return Err(error.into());
                    }
                    Ok(format!("{:?}", error.kind()).into_bytes())
                }
            }
        ),
    ]
}
