//! Bodies of requests that give a first part, and the rest only when the test lets them.

use std::io::{self, Read};
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use ffence::curl::{Mime, Part};
use ffence::http::RequestBody;
use http_body::{Frame, SizeHint};

use super::server::{Frames, Next};

/// What comes first.
pub const FIRST: &[u8] = b"first";
/// What comes once the gate is open.
pub const REST: &[u8] = b" and the rest";

/// What happens behind the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    Rest,
    Panic,
}

/// Holds bodies up until it is opened.
#[derive(Clone, Default)]
pub struct Gate(Arc<(Mutex<State>, Condvar)>);

#[derive(Default)]
struct State {
    open: bool,
    task: Option<Waker>,
}

impl Gate {
    pub fn opened() -> Self {
        let gate = Self::default();
        gate.open();
        gate
    }

    pub fn open(&self) {
        let task = {
            let mut state = self.0.0.lock().unwrap();
            state.open = true;
            state.task.take()
        };
        self.0.1.notify_all();
        if let Some(task) = task {
            task.wake();
        }
    }

    fn wait(&self) {
        let state = self.0.0.lock().unwrap();
        drop(self.0.1.wait_while(state, |state| !state.open).unwrap());
    }

    fn poll(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.0.0.lock().unwrap();
        if state.open {
            return Poll::Ready(());
        }
        state.task = Some(context.waker().clone());
        Poll::Pending
    }
}

/// The kinds of bodies that a request can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Giving {
    Nothing,
    Bytes,
    Reader,
    ReaderOfLength,
    Opened,
    Stream,
    StreamOfLength,
    Form,
}

impl Giving {
    pub const ALL: [Self; 8] = [
        Self::Nothing,
        Self::Bytes,
        Self::Reader,
        Self::ReaderOfLength,
        Self::Opened,
        Self::Stream,
        Self::StreamOfLength,
        Self::Form,
    ];

    /// Whether code of the user's gives the body.
    pub fn is_given(self) -> bool {
        !matches!(self, Self::Nothing | Self::Bytes)
    }

    pub fn body(self, gate: &Gate, then: Then) -> RequestBody {
        let len = (FIRST.len() + REST.len()) as u64;
        let source = Held { at: 0, gate: gate.clone(), then };
        match self {
            Self::Nothing => RequestBody::default(),
            Self::Bytes => [FIRST, REST].concat().into(),
            Self::Reader => RequestBody::reader(source, None),
            Self::ReaderOfLength => RequestBody::reader(source, len),
            Self::Opened => RequestBody::open(move || Ok(source.clone()), None),
            Self::Stream => RequestBody::stream(source.frames(SizeHint::default())),
            Self::StreamOfLength => RequestBody::stream(source.frames(SizeHint::with_exact(len))),
            Self::Form => {
                RequestBody::form(Mime::new().part(Part::reader(source, None).name("held")))
            }
        }
    }
}

#[derive(Clone)]
struct Held {
    at: usize,
    gate: Gate,
    then: Then,
}

impl Held {
    /// The next piece, behind the gate where it stands there.
    fn next(&mut self) -> &'static [u8] {
        self.at += 1;
        match self.at {
            1 => FIRST,
            2 if self.then == Then::Panic => panic!("as it should, in the source"),
            2 => REST,
            _ => &[],
        }
    }

    fn frames(mut self, hint: SizeHint) -> Frames<impl FnMut(&mut Context<'_>) -> Next> {
        Frames::new(hint, move |context| {
            if self.at == 1 {
                std::task::ready!(self.gate.poll(context));
            }
            let piece = self.next();
            Poll::Ready((!piece.is_empty()).then(|| Ok(Frame::data(Bytes::from_static(piece)))))
        })
    }
}

impl Read for Held {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == 1 {
            self.gate.wait();
        }
        let piece = self.next();
        buffer[..piece.len()].copy_from_slice(piece);
        Ok(piece.len())
    }
}
