//! Every phase of a request, left in every way: the peer tells that the phase was reached and that the
//! client went away, the neighbours' bytes are whole, the error is of the right kind and says how far
//! it came, the client works on, and nothing is left behind.
//!
//! A process of its own, because of `names`, and one test, because it counts threads.

#![cfg(all(feature = "http", target_os = "linux"))]

mod common;
#[path = "common/names.rs"]
mod names;

use std::io::Read as _;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::task::Poll;
use std::thread;

use common::executor::{block_on, poll_once};
use common::footing::Footing;
use common::giving::{Gate, Giving, Then};
use common::neighbours::with_neighbours;
use common::phases::{Held, PART, Until};
use common::server::{Authority, Server, bytes, page};
use ffence::http::{
    Body, BodyReader, CancelHandle, Client, ClientBuilder, Limits, RequestBuilder, Sending, Tls,
};
use ffence::{Error, ErrorKind, Result};
use http_body_util::BodyExt as _;
use names::{let_go, wait_until};

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It waits for its turn.
    Queued,
    Name,
    Connect,
    Held(Until),
}

/// How a response is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Whole,
    Sink,
    Piecewise,
}

impl Way {
    const ALL: [Self; 3] = [Self::Whole, Self::Sink, Self::Piecewise];
}

/// How a request is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leave {
    Cancel,
    Drop,
    /// The client first, then what hangs on it.
    DropAll,
    Close,
}

impl Leave {
    const ALL: [Self; 4] = [Self::Cancel, Self::Drop, Self::DropAll, Self::Close];
}

/// A peer at which requests come so far and no further.
enum Peer {
    Held(Held),
    /// One that holds the only place, and the next waits behind it.
    Full(Held, Server),
    /// A host whose name is looked up for ever.
    Nameless,
    /// Its queue of connections is full: the kernel drops what would make another one.
    Deaf(TcpListener, #[allow(dead_code)] TcpStream),
}

impl Peer {
    fn new(stage: Stage) -> Self {
        match stage {
            Stage::Queued => Self::Full(Held::new(Until::FirstByte), Server::plain()),
            Stage::Name => Self::Nameless,
            Stage::Connect => {
                let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
                // SAFETY: listen(2) on a listening socket changes the length of its queue.
                let answer = unsafe { libc::listen(std::os::fd::AsRawFd::as_raw_fd(&listener), 0) };
                assert_eq!(answer, 0);
                let first = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
                Self::Deaf(listener, first)
            }
            Stage::Held(until) => Self::Held(Held::new(until)),
        }
    }

    fn url(&self) -> String {
        match self {
            Self::Held(held) => held.url(),
            Self::Full(_, server) => server.url("/bytes/10"),
            Self::Nameless => "http://slow.test/".to_owned(),
            Self::Deaf(listener, _) => format!("http://{}/", listener.local_addr().unwrap()),
        }
    }

    /// How many connections to a deaf peer are being made, as the kernel has it (`proc_net_tcp`: state 2
    /// is `SYN_SENT`).
    fn knocking(&self) -> usize {
        let Self::Deaf(listener, _) = self else { return 0 };
        let to = format!(":{:04X} 02 ", listener.local_addr().unwrap().port());
        let table = std::fs::read_to_string("/proc/self/net/tcp").unwrap();
        table.lines().filter(|line| line.contains(&to)).count()
    }

    fn wait_until_reached(&self, names: usize) {
        match self {
            Self::Held(held) => held.wait_until_reached(),
            Self::Full(_, server) => assert_eq!(server.connections(), 0),
            Self::Nameless => wait_until(|slow| slow.0 > names),
            Self::Deaf(..) => {
                while self.knocking() == 0 {
                    thread::yield_now();
                }
            }
        }
    }

    fn wait_until_gone(&self) {
        match self {
            Self::Held(held) => held.wait_until_gone(),
            // It never came.
            Self::Full(_, server) => assert_eq!(server.connections(), 0),
            Self::Nameless => {}
            Self::Deaf(..) => {
                while self.knocking() > 0 {
                    thread::yield_now();
                }
            }
        }
    }
}

/// A client that trusts one authority: to read the system's many takes long under AddressSanitizer.
fn builder(authority: &Authority) -> ClientBuilder {
    Client::builder().tls(Tls::new().ca_pem(authority.pem()))
}

/// One cell.
#[derive(Clone, Copy, Debug)]
struct Case {
    stage: Stage,
    giving: Giving,
    way: Way,
    leave: Leave,
}

impl Case {
    fn request<'a>(
        self,
        client: &'a Client,
        peer: &Peer,
        gate: &Gate,
        cancel: &CancelHandle,
    ) -> RequestBuilder<'a> {
        let body = self.giving.body(gate, Then::Rest);
        client.post(peer.url()).body(body).cancel_with(cancel)
    }

    /// The gate of the request's body: shut where the request is to stand still within it.
    fn gate(self) -> Gate {
        if self.stage == Stage::Held(Until::Upload) { Gate::default() } else { Gate::opened() }
    }

    fn has_head(self) -> bool {
        matches!(self.stage, Stage::Held(Until::Head | Until::Body | Until::Trailers))
    }

    /// How much of the response's body comes.
    fn comes(self) -> usize {
        match self.stage {
            Stage::Held(Until::Body | Until::Trailers) => PART,
            _ => 0,
        }
    }

    fn is_cancelled(self, error: &Error) {
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{self:?}: {error:?}");
        // A driver that ends has nobody to ask any more.
        if self.leave == Leave::Cancel {
            let transfer = error.transfer().unwrap_or_else(|| panic!("{self:?}: {error:?}"));
            assert!(transfer.received <= self.comes() as u64, "{self:?}: {transfer:?}");
            let answered = self.has_head().then_some(200);
            // Whatever of it had been read by then.
            assert!(transfer.status.is_none() || transfer.status == answered, "{self:?}");
            assert!(!error.diagnose().is_empty());
        }
    }
}

/// A request that a task waits for.
#[allow(clippy::large_enum_variant)] // one at a time
enum Waiting {
    Whole(Sending<Vec<u8>>),
    Sink(Sending<u64>),
    Head(Sending<Body>),
    Body(Body),
}

impl Waiting {
    fn begin(request: RequestBuilder<'_>, way: Way) -> Self {
        let mut this = match way {
            Way::Whole => Self::Whole(request.send_async()),
            Way::Piecewise => Self::Head(request.open_async()),
            Way::Sink => {
                let mut at = 0;
                Self::Sink(request.send_async_to(move |piece| {
                    assert!(bytes(PART)[at..].starts_with(piece));
                    at += piece.len();
                    Ok(())
                }))
            }
        };
        match &mut this {
            Self::Whole(it) => assert!(poll_once(it).is_pending()),
            Self::Sink(it) => assert!(poll_once(it).is_pending()),
            // Its head may have come within this moment.
            Self::Head(it) => {
                if let Poll::Ready(response) = poll_once(it) {
                    this = Self::Body(response.unwrap().into_body());
                }
            }
            Self::Body(_) => unreachable!("it just began"),
        }
        this
    }

    /// Reads what there is, where the head comes.
    fn read(self, comes: usize) -> Self {
        let mut body = match self {
            Self::Head(sending) => block_on(sending).unwrap().into_body(),
            Self::Body(body) => body,
            other => return other,
        };
        let mut got = Vec::new();
        while got.len() < comes {
            got.extend(block_on(body.chunk()).unwrap().unwrap());
        }
        assert!(got == bytes(comes));
        Self::Body(body)
    }

    fn outcome(self) -> Result<()> {
        match self {
            Self::Whole(it) => block_on(it).map(drop),
            Self::Sink(it) => block_on(it).map(drop),
            Self::Head(it) => block_on(it).map(drop),
            Self::Body(mut it) => block_on(it.chunk()).map(drop),
        }
    }
}

/// A request that has the only place. The one before it may have it for a moment yet: it is asked again
/// and again, as an executor does where a place is free.
fn first_of(request: RequestBuilder<'_>, held: &Held) -> Sending<Vec<u8>> {
    let mut first = request.send_async();
    for _ in 0..30_000 {
        assert!(poll_once(&mut first).is_pending());
        if held.is_reached() {
            return first;
        }
    }
    panic!("the first request got no place");
}

fn left_by_a_task(case: Case, client: Client) {
    let peer = Peer::new(case.stage);
    let (gate, cancel) = (case.gate(), CancelHandle::new());
    let first = match &peer {
        Peer::Full(held, _) => Some(first_of(client.get(held.url()), held)),
        _ => None,
    };
    let names = names::held_up();
    let mut waiting = Waiting::begin(case.request(&client, &peer, &gate, &cancel), case.way);
    peer.wait_until_reached(names);
    if case.has_head() {
        waiting = waiting.read(case.comes());
    }
    match case.leave {
        Leave::Cancel => {
            cancel.cancel();
            peer.wait_until_gone();
            case.is_cancelled(&waiting.outcome().unwrap_err());
        }
        Leave::Close => {
            block_on(client.close()).unwrap();
            peer.wait_until_gone();
            drop(first);
            case.is_cancelled(&waiting.outcome().unwrap_err());
            gate.open();
            return;
        }
        Leave::DropAll => {
            drop(client);
            drop(first);
            drop(waiting);
        }
        Leave::Drop => {
            drop(waiting);
            drop((first, client));
        }
    }
    // A thread that reads ahead may stand in the user's reader still: it ends with that.
    gate.open();
    if case.leave != Leave::Cancel {
        peer.wait_until_gone();
    }
}

/// On the thread that waits for it, which only a handle can give up, or who reads a body.
fn left_by_a_thread(case: Case, client: &Client) {
    let peer = Peer::new(case.stage);
    let (gate, cancel) = (case.gate(), CancelHandle::new());
    let mut first = match &peer {
        Peer::Full(held, _) => Some(first_of(client.get(held.url()), held)),
        _ => None,
    };
    let names = names::held_up();
    let request = || case.request(client, &peer, &gate, &cancel);
    let open = |request: RequestBuilder<'_>| -> Result<BodyReader> {
        let mut body = request.open()?.into_body();
        let mut got = vec![0; case.comes()];
        body.read_exact(&mut got).unwrap();
        assert!(got == bytes(case.comes()));
        Ok(body)
    };
    if case.leave == Leave::Drop {
        let body = open(request()).unwrap();
        peer.wait_until_reached(names);
        drop(body);
        return peer.wait_until_gone();
    }
    thread::scope(|scope| {
        let waiting = scope.spawn(|| match case.way {
            Way::Whole => request().send().map(drop),
            Way::Sink => request().send_to(&mut Vec::new()).map(drop),
            Way::Piecewise => open(request())?.chunk().map(drop),
        });
        peer.wait_until_reached(names);
        cancel.cancel();
        // A user's reader that waits on this thread has to come back first.
        gate.open();
        peer.wait_until_gone();
        case.is_cancelled(&waiting.join().unwrap().unwrap_err());
    });
    drop(first.take());
}

/// Answers once it has all of the request: before, the client could fail at sending.
fn patient() -> Server {
    Server::answering(Arc::new(|request| {
        Box::pin(async move {
            request.into_body().collect().await?;
            Ok(page(bytes(100_000)))
        })
    }))
}

/// What ended before can be left in any way.
fn left_after_its_end(client: &Client, server: &Server) {
    for giving in Giving::ALL {
        let cancel = CancelHandle::new();
        let request = || {
            let body = giving.body(&Gate::opened(), Then::Rest);
            client.post(server.url("/")).body(body).cancel_with(&cancel)
        };
        let right = bytes(100_000);
        let whole = request().send().unwrap();
        let task = block_on(request().send_async()).unwrap();
        let mut reader = request().open().unwrap().into_body();
        let mut all = Vec::new();
        reader.read_to_end(&mut all).unwrap();
        let mut body = block_on(request().open_async()).unwrap().into_body();
        let mut pieces = Vec::new();
        while let Some(piece) = block_on(body.chunk()).unwrap() {
            pieces.extend(piece);
        }
        cancel.cancel();
        assert!(*whole.body() == right && *task.body() == right && all == right);
        assert!(pieces == right && reader.read(&mut [0]).unwrap() == 0);
        assert!(block_on(body.chunk()).unwrap().is_none(), "{giving:?}");
    }
}

#[test]
fn every_phase_can_be_left_in_every_way() {
    let authority = Authority::new();
    // Once, for what is made with the first request and stays.
    let warm = patient();
    let client = builder(&authority).build().unwrap();
    with_neighbours(&client, || left_after_its_end(&client, &warm));
    client.close_blocking().unwrap();
    drop((client, warm));
    let footing = Footing::now();

    let number = ffence::capabilities().unwrap().libcurl().number();
    let stages = [Stage::Queued, Stage::Name, Stage::Connect].into_iter();
    let mut cells = 0;
    for stage in stages.chain(Until::ALL.map(Stage::Held)) {
        // Before 7.87 libcurl waits for its resolver.
        if stage == Stage::Name && (number.major, number.minor) < (7, 87) {
            eprintln!("skipped: this libcurl cannot give up a name");
            continue;
        }
        let builder = || match stage {
            Stage::Queued => builder(&authority).limits(Limits::new().total(1)),
            _ => builder(&authority),
        };
        let shared = builder().build().unwrap();
        let beside = Client::new().unwrap();
        let_go(false);
        // Where there is but one place, neighbours would wait for it as well.
        with_neighbours(if stage == Stage::Queued { &beside } else { &shared }, || {
            for giving in Giving::ALL {
                let counts = match stage {
                    // What is in memory is sent in one go.
                    Stage::Held(Until::Upload) => giving.is_given(),
                    Stage::Held(Until::FirstByte | Until::Body) => true,
                    // Before and after, a body of each carrier.
                    _ => matches!(giving, Giving::Nothing | Giving::Reader | Giving::Stream),
                };
                if !counts {
                    continue;
                }
                for way in Way::ALL {
                    for leave in Leave::ALL {
                        let case = Case { stage, giving, way, leave };

                        // A form is read on the thread of the driver: it would hold all up.
                        let waits = stage == Stage::Held(Until::Upload) && giving == Giving::Form;
                        if !waits {
                            let own = matches!(leave, Leave::DropAll | Leave::Close);
                            let client =
                                if own { builder().build().unwrap() } else { shared.clone() };
                            left_by_a_task(case, client);
                            cells += 1;
                        }
                        let by_a_thread = match leave {
                            Leave::Cancel => true,
                            Leave::Drop => case.has_head() && way == Way::Piecewise,
                            Leave::DropAll | Leave::Close => false,
                        };
                        if by_a_thread {
                            left_by_a_thread(case, &shared);
                            cells += 1;
                        }
                    }
                }
            }
        });
        let_go(true);
        wait_until(|slow| slow.0 == 0);
        let server = Server::plain();
        assert!(shared.get(server.url("/bytes/5000")).send().unwrap().into_body() == bytes(5000));
        let again = shared.get(server.url("/bytes/5000")).send_async();
        assert!(block_on(again).unwrap().into_body() == bytes(5000));
        shared.close_blocking().unwrap();
        beside.close_blocking().unwrap();
    }
    println!("{cells} cells");
    footing.comes_back();
}
