//! An origin that lets in whom it knows, by one way to log in, and keeps what it was asked.

use std::collections::{HashMap, HashSet};
use std::io::Write as _;
use std::sync::{Arc, Mutex};

use openssl::base64::{decode_block, encode_block};
use openssl::hash::{MessageDigest, hash};

use super::raw::{Raw, read_request};

/// How one logs in here, as `user` with `open sesame`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Not at all.
    Open,
    Basic,
    /// RFC 7616 with SHA-256. Each challenge has another nonce, which is good for one request.
    Digest,
    /// For as long as the connection lasts.
    Ntlm,
    /// Nobody ever does: there is no realm.
    Negotiate,
}

/// A request that came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    pub path: String,
    /// All of it.
    pub text: String,
    pub body: String,
    pub let_in: bool,
}

impl Asked {
    fn of(text: String) -> Self {
        let mut words = text.split(' ').map(ToOwned::to_owned);
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let body = text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default();
        Self { method, path, text, body, let_in: false }
    }

    /// What a header said, or nothing.
    pub fn header(&self, name: &str) -> Option<String> {
        header(&self.text, name)
    }
}

/// What a request's header says, or nothing.
pub fn header(request: &str, name: &str) -> Option<String> {
    request.lines().skip(1).take_while(|line| !line.is_empty()).find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

pub struct Guarded {
    raw: Raw,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Guarded {
    /// Answers whom it lets in with a status and where that leads; the text is the path.
    pub fn start(
        scheme: Scheme,
        answer: impl Fn(&Asked) -> (u16, String) + Send + Sync + 'static,
    ) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, answer, nonces) = (Arc::clone(&asked), Arc::new(answer), Nonces::default());
        let raw = Raw::with(move |mut stream| {
            let mut known = false;
            loop {
                let request = read_request(&mut stream);
                if request.is_empty() {
                    return;
                }
                let mut asked = Asked::of(request);
                let verdict = if known { Ok(()) } else { check(scheme, &asked, &nonces) };
                asked.let_in = verdict.is_ok();
                known = scheme == Scheme::Ntlm && asked.let_in;
                let response = match verdict {
                    Ok(()) => {
                        let ((status, to), path) = (answer(&asked), &asked.path);
                        let len = path.len();
                        format!(
                            "HTTP/1.1 {status} Text\r\nLocation: {to}\r\nContent-Length: {len}\r\n\r\n{path}"
                        )
                    }
                    Err(challenge) => format!(
                        "HTTP/1.1 401 No\r\nWWW-Authenticate: {challenge}\r\nContent-Length: 2\r\n\r\nno"
                    ),
                };
                log.lock().expect("no test panics in here").push(asked);
                if stream.write_all(response.as_bytes()).is_err() {
                    return;
                }
            }
        });
        Self { raw, asked }
    }

    pub fn url(&self, path: &str) -> String {
        self.raw.url(path)
    }

    /// What was asked for since the last time.
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.asked.lock().expect("no test panics in here"))
    }
}

/// Those that were given out and not used yet.
#[derive(Clone, Default)]
struct Nonces(Arc<Mutex<(u32, HashSet<String>)>>);

impl Nonces {
    fn next(&self) -> String {
        let mut nonces = self.0.lock().expect("no test panics in here");
        nonces.0 += 1;
        let nonce = format!("n0nce{}", nonces.0);
        nonces.1.insert(nonce.clone());
        nonce
    }

    fn take(&self, nonce: &str) -> bool {
        self.0.lock().expect("no test panics in here").1.remove(nonce)
    }
}

/// The challenge for whom it does not let in.
fn check(scheme: Scheme, asked: &Asked, nonces: &Nonces) -> Result<(), String> {
    let given = asked.header("authorization").unwrap_or_default();
    match scheme {
        Scheme::Open => Ok(()),
        Scheme::Basic => {
            let right = format!("Basic {}", encode_block(b"user:open sesame"));
            if given == right { Ok(()) } else { Err("Basic realm=\"here\"".to_owned()) }
        }
        Scheme::Digest => {
            let is_right = is_digest(&given, &asked.method, &asked.path, nonces);
            if is_right {
                return Ok(());
            }
            let nonce = nonces.next();
            Err(format!(
                "Digest realm=\"here\", qop=\"auth\", nonce=\"{nonce}\", algorithm=SHA-256"
            ))
        }
        Scheme::Ntlm => ntlm(&given),
        Scheme::Negotiate => Err("Negotiate".to_owned()),
    }
}

fn sha256(text: &str) -> String {
    let digest = hash(MessageDigest::sha256(), text.as_bytes()).expect("SHA-256");
    digest.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// The parameters of a `Digest`, without their quotes.
pub fn parameters(credentials: &str) -> HashMap<String, String> {
    credentials
        .trim_start_matches("Digest ")
        .split(", ")
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.trim().to_owned(), value.trim_matches('"').to_owned()))
        .collect()
}

/// RFC 7616 section 3.4.1, with SHA-256.
fn is_digest(given: &str, method: &str, path: &str, nonces: &Nonces) -> bool {
    let given = parameters(given);
    let part = |name: &str| given.get(name).cloned().unwrap_or_default();
    let (nonce, nc, cnonce) = (part("nonce"), part("nc"), part("cnonce"));
    let a1 = sha256("user:here:open sesame");
    let a2 = sha256(&format!("{method}:{path}"));
    let response = sha256(&format!("{a1}:{nonce}:{nc}:{cnonce}:auth:{a2}"));
    let is_right = !cnonce.is_empty() && part("uri") == path && part("response") == response;
    is_right && nc == "00000001" && nonces.take(&nonce)
}

/// The last of the three messages lets in; its proof hangs on MD4 and is not looked at.
pub fn ntlm(given: &str) -> Result<(), String> {
    let message = given.strip_prefix("NTLM ").unwrap_or_default();
    let message = decode_block(message).unwrap_or_default();
    match message.strip_prefix(b"NTLMSSP\0").and_then(|rest| rest.first()) {
        Some(1) => Err(format!("NTLM {}", ntlm_challenge())),
        // The user's name is in it, in two bytes a letter or one.
        Some(3) => {
            let wide: Vec<u8> = "user".encode_utf16().flat_map(u16::to_le_bytes).collect();
            let has = |name: &[u8]| message.windows(name.len()).any(|at| at == name);
            let whole = message.len() > 100 && (has(&wide) || has(b"user"));
            if whole { Ok(()) } else { Err("NTLM".to_owned()) }
        }
        _ => Err("NTLM".to_owned()),
    }
}

/// MS-NLMP section 2.2.1.2: a challenge with the least that it needs.
fn ntlm_challenge() -> String {
    let mut message = b"NTLMSSP\0".to_vec();
    message.extend(2_u32.to_le_bytes());
    message.extend([0, 0, 0, 0, 56, 0, 0, 0]); // no target's name
    message.extend(0x0088_8205_u32.to_le_bytes());
    message.extend([1, 2, 3, 4, 5, 6, 7, 8]); // the challenge
    message.extend([0; 8]);
    message.extend([4, 0, 4, 0, 56, 0, 0, 0]); // the target's information
    message.extend([0; 8]); // the version
    message.extend([0; 4]); // its end
    encode_block(&message)
}
