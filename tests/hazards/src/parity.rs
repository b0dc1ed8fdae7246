//! Speaks to `harness parity`: the same requests, done by Go through cgo on the same C libraries.

use std::fmt;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use base64ct::{Base64, Encoding as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::call::{Call, Fetched};
use crate::child::{Ended, LIMIT, end, read_to_end};
use crate::go::Harness;

/// One request. What an operation does not need is left out.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Request {
    /// What a file of `go-harness/parity_*.go` registers.
    pub op: &'static str,
    /// OpenSSL's name of the algorithm.
    pub algorithm: &'static str,
    /// What a MAC is made of, or that a cipher is `padded`.
    pub under: &'static str,
    /// A key.
    pub key: Octets,
    /// A nonce, an IV or a salt.
    pub nonce: Octets,
    /// What is authenticated, and not encrypted.
    pub header: Octets,
    /// The text, the sealed text with its tag, or what is digested.
    pub data: Octets,
    /// How many bytes are derived, or how many a tag has.
    pub length: usize,
    /// What their derivation costs.
    pub cost: Vec<u64>,
    /// What else a MAC or a KDF is told.
    pub parameters: Vec<Parameter>,
    /// What is fetched.
    pub calls: Vec<Call>,
}

/// A parameter: its name and one of the values.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Parameter {
    name: &'static str,
    text: Option<&'static str>,
    octets: Option<Octets>,
    number: Option<u64>,
}

impl Parameter {
    /// A name of something.
    pub fn text(name: &'static str, text: &'static str) -> Self {
        Self { name, text: Some(text), ..Self::default() }
    }

    /// Bytes.
    pub fn octets(name: &'static str, octets: impl Into<Octets>) -> Self {
        Self { name, octets: Some(octets.into()), ..Self::default() }
    }

    /// A number.
    pub fn number(name: &'static str, number: u64) -> Self {
        Self { name, number: Some(number), ..Self::default() }
    }
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Reply {
    /// The result.
    pub data: Option<Octets>,
    /// What came of each call.
    #[serde(default)]
    pub results: Vec<Fetched>,
    /// The error.
    pub error: Option<Failure>,
}

/// An error of the other side.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Failure {
    /// Its class, which both sides have.
    pub class: String,
    /// The C library's code; 0 without one.
    pub code: u64,
    /// The C library's words.
    #[serde(default)]
    pub text: String,
}

/// Bytes, in base64 on the way.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Octets(pub Vec<u8>);

/// As text, as far as it is one.
impl fmt::Debug for Octets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

impl<T: AsRef<[u8]>> From<T> for Octets {
    fn from(bytes: T) -> Self {
        Self(bytes.as_ref().to_vec())
    }
}

impl Serialize for Octets {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Base64::encode_string(&self.0))
    }
}

impl<'de> Deserialize<'de> for Octets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Base64::decode_vec(&text).map(Self).map_err(serde::de::Error::custom)
    }
}

/// A running `harness parity`.
#[derive(Debug)]
pub struct Peer {
    child: Child,
    requests: Option<ChildStdin>,
    replies: Receiver<io::Result<String>>,
    words: Option<Receiver<String>>,
}

impl Peer {
    /// Starts it.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(harness: &Harness) -> io::Result<Self> {
        let mut command = harness.command(["parity"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let (line, replies) = mpsc::channel();
        if let Some(stdout) = child.stdout.take() {
            // Ends with the pipe, or when nobody listens any more.
            thread::spawn(move || BufReader::new(stdout).lines().try_for_each(|it| line.send(it)));
        }
        let words = child.stderr.take().map(read_to_end);
        let requests = child.stdin.take();
        Ok(Self { child, requests, replies, words })
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    /// When Go is gone, says nothing in time, or says what is no reply.
    pub fn ask(&mut self, request: &Request) -> io::Result<Reply> {
        self.ask_line(&serde_json::to_vec(request)?)
    }

    /// Sends a line as it is, which may be no request at all, and waits for the answer.
    ///
    /// # Errors
    /// As for [`ask`](Self::ask).
    pub fn ask_line(&mut self, line: &[u8]) -> io::Result<Reply> {
        let requests = self.requests.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        requests.write_all(line)?;
        requests.write_all(b"\n")?;
        requests.flush()?;
        let reply = self.replies.recv_timeout(LIMIT).map_err(io::Error::other)??;
        Ok(serde_json::from_str(&reply)?)
    }

    /// Tells Go that this was all, and how it ended: leaks are looked for at its exit.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub fn finish(mut self) -> io::Result<Ended> {
        drop(self.requests.take());
        end(&mut self.child, None, self.words.take(), LIMIT)
    }
}

impl Reply {
    /// The result.
    ///
    /// # Errors
    /// The class of Go's error.
    pub fn outcome(self) -> Result<Vec<u8>, String> {
        match (self.data, self.error) {
            (Some(Octets(data)), None) => Ok(data),
            (_, Some(error)) => Err(error.class),
            (None, None) => Err("neither data nor an error".to_owned()),
        }
    }
}

impl Drop for Peer {
    /// A peer that was not finished, because a comparison failed, is not left behind.
    fn drop(&mut self) {
        if self.words.is_some() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
