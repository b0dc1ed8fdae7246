//! What answers a server that asks who is there, where libcurl does not: the opening handshake is not
//! its request.

use ::http::header::WWW_AUTHENTICATE;
use ::http::{HeaderMap, HeaderValue};
use md5::Md5;
use sha2::{Digest, Sha256};

use crate::curl::option::value::Auth;
use crate::error::{Error, ErrorKind, Result};
use crate::http::given::{basic, credentials};
use crate::http::plan::Login;

/// What is done about a log-in.
pub(super) struct Proof {
    login: Login,
    /// How often it was given.
    given: u32,
    /// The nonce that it was given for.
    nonce: Option<String>,
}

/// How often a server may say that its nonce is too old.
const PATIENCE: u32 = 3;

impl Proof {
    /// # Errors
    /// A way that is none for a WebSocket: what is tied to a connection, or to libcurl.
    pub(super) fn new(login: Login) -> Result<Self> {
        if !login.how.contains(Auth::BASIC) && !login.how.contains(Auth::DIGEST) {
            let text = "a WebSocket logs in by Basic or Digest; NTLM, Negotiate and others are \
                        libcurl's, which does not make its opening handshake";
            return Err(Error::ours(ErrorKind::Unsupported, text));
        }
        if login.how.contains(Auth::BASIC) {
            // What cannot be sent is told before anything is.
            basic(&login.user, &login.password)?;
        }
        Ok(Self { login, given: 0, nonce: None })
    }

    /// What is sent without being asked for: a password only where no safer way may be chosen.
    pub(super) fn at_once(&self) -> Result<Option<HeaderValue>> {
        let Login { user, password, how } = &self.login;
        if *how == Auth::BASIC || *how == Auth::BASIC | Auth::ONLY {
            return basic(user, password).map(Some);
        }
        Ok(None)
    }

    /// What answers the challenges of a response with the status 401, if they can be answered.
    pub(super) fn answer(
        &mut self,
        headers: &HeaderMap,
        path: &str,
    ) -> Result<Option<HeaderValue>> {
        let texts = headers.get_all(WWW_AUTHENTICATE).iter();
        let texts: Vec<_> = texts.map(|it| String::from_utf8_lossy(it.as_bytes())).collect();
        let challenges: Vec<_> = texts.iter().flat_map(|text| challenges(text)).collect();
        let Login { user, password, how } = &self.login;
        if how.contains(Auth::DIGEST)
            && let Some(asked) = challenges.iter().find_map(Asked::of)
        {
            // The same log-in again is no better, unless only the nonce was too old.
            let again = self.given > 0 && !asked.stale;
            if again || self.given >= PATIENCE || self.nonce.as_deref() == Some(asked.nonce) {
                return Ok(None);
            }
            let cnonce = tungstenite::handshake::client::generate_key();
            let text = asked.answer(user, password, path, &cnonce);
            self.given += 1;
            self.nonce = Some(asked.nonce.to_owned());
            return credentials(text.as_bytes()).map(Some);
        }
        let is_basic = |it: &Challenge| it.scheme.eq_ignore_ascii_case("basic");
        if how.contains(Auth::BASIC) && self.given == 0 && challenges.iter().any(is_basic) {
            self.given += 1;
            return basic(user, password).map(Some);
        }
        Ok(None)
    }

    /// Another place asks anew.
    pub(super) fn forget(&mut self) {
        (self.given, self.nonce) = (0, None);
    }
}

/// RFC 9110 section 11.6.1: a scheme and its parameters.
struct Challenge {
    scheme: String,
    parameters: Vec<(String, String)>,
}

impl Challenge {
    fn get(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(it, _)| it.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// The challenges of a header, which stand one after the other with commas between them and within.
fn challenges(text: &str) -> Vec<Challenge> {
    let mut found: Vec<Challenge> = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let (word, after) = token(rest);
        if word.is_empty() {
            // What stands here is in no grammar, or is the rest of a blob.
            let Some(skipped) = rest.chars().next() else { return found };
            rest = &rest[skipped.len_utf8()..];
            continue;
        }
        let value = after.trim_start_matches([' ', '\t']).strip_prefix('=');
        match (value, found.last_mut()) {
            (Some(value), Some(challenge)) => {
                let (value, after) = word_or_quoted(value.trim_start_matches([' ', '\t']));
                challenge.parameters.push((word.to_owned(), value));
                rest = after;
            }
            (Some(value), None) => rest = value,
            (None, _) => {
                found.push(Challenge { scheme: word.to_owned(), parameters: Vec::new() });
                rest = after;
            }
        }
    }
}

fn token(text: &str) -> (&str, &str) {
    let is_inside = |it: char| it.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(it);
    text.split_at(text.find(|it| !is_inside(it)).unwrap_or(text.len()))
}

fn word_or_quoted(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let (word, rest) = token(text);
        return (word.to_owned(), rest);
    };
    let (mut value, mut chars) = (String::new(), quoted.char_indices());
    while let Some((at, it)) = chars.next() {
        match it {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(chars.next().map(|(_, it)| it)),
            it => value.push(it),
        }
    }
    (value, "")
}

/// What a `Digest` challenge asks for (RFC 7616 section 3.3).
#[allow(clippy::struct_excessive_bools)] // each is a parameter's
struct Asked<'a> {
    realm: &'a str,
    nonce: &'a str,
    opaque: Option<&'a str>,
    /// As the server wrote it, if it did.
    algorithm: Option<&'a str>,
    digest: fn(&str) -> String,
    is_session: bool,
    /// `false` as RFC 2069 had it.
    counts: bool,
    hides_user: bool,
    stale: bool,
}

impl<'a> Asked<'a> {
    /// `None` for what is no `Digest`, or one of another kind.
    fn of(challenge: &'a Challenge) -> Option<Self> {
        if !challenge.scheme.eq_ignore_ascii_case("digest") {
            return None;
        }
        let algorithm = challenge.get("algorithm");
        let (digest, is_session): (fn(&str) -> String, _) =
            match algorithm.unwrap_or("MD5").to_ascii_uppercase().as_str() {
                "MD5" => (md5, false),
                "MD5-SESS" => (md5, true),
                "SHA-256" => (sha256, false),
                "SHA-256-SESS" => (sha256, true),
                _ => return None,
            };
        let counts = match challenge.get("qop") {
            None => false,
            Some(ways) if ways.split(',').any(|it| it.trim().eq_ignore_ascii_case("auth")) => true,
            Some(_) => return None,
        };
        let is_true = |name| challenge.get(name).is_some_and(|it| it.eq_ignore_ascii_case("true"));
        Some(Self {
            realm: challenge.get("realm")?,
            nonce: challenge.get("nonce")?,
            opaque: challenge.get("opaque"),
            algorithm,
            digest,
            is_session,
            counts,
            hides_user: is_true("userhash"),
            stale: is_true("stale"),
        })
    }

    /// RFC 7616 section 3.4.
    fn answer(&self, user: &str, password: &str, path: &str, cnonce: &str) -> String {
        let Self { realm, nonce, digest, .. } = *self;
        let mut a1 = digest(&format!("{user}:{realm}:{password}"));
        if self.is_session {
            a1 = digest(&format!("{a1}:{nonce}:{cnonce}"));
        }
        let a2 = digest(&format!("GET:{path}"));
        let response = if self.counts {
            digest(&format!("{a1}:{nonce}:00000001:{cnonce}:auth:{a2}"))
        } else {
            digest(&format!("{a1}:{nonce}:{a2}"))
        };
        let name = if self.hides_user { digest(&format!("{user}:{realm}")) } else { user.into() };
        let mut given = vec![
            format!("Digest username={}", quoted(&name)),
            format!("realm={}", quoted(realm)),
            format!("nonce={}", quoted(nonce)),
            format!("uri={}", quoted(path)),
            format!("response={}", quoted(&response)),
        ];
        given.extend(self.algorithm.map(|it| format!("algorithm={it}")));
        if self.counts || self.is_session {
            given.push(format!("cnonce={}", quoted(cnonce)));
        }
        if self.counts {
            given.push("qop=auth, nc=00000001".to_owned());
        }
        given.extend(self.opaque.map(|it| format!("opaque={}", quoted(it))));
        if self.hides_user {
            given.push("userhash=true".to_owned());
        }
        given.join(", ")
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn md5(text: &str) -> String {
    format!("{:x}", Md5::digest(text))
}

fn sha256(text: &str) -> String {
    format!("{:x}", Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REALM: &str = "realm=\"http-auth@example.org\", qop=\"auth, auth-int\", \
                         nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", \
                         opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";

    fn answered(challenge: &str, cnonce: &str) -> String {
        let found = challenges(challenge);
        let asked = found.iter().find_map(Asked::of).unwrap();
        asked.answer("Mufasa", "Circle of Life", "/dir/index.html", cnonce)
    }

    /// RFC 7616 section 3.9.1.
    #[test]
    fn the_standards_examples() {
        const CNONCE: &str = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
        let sha256 = answered(&format!("Digest {REALM}, algorithm=SHA-256"), CNONCE);
        let response = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1";
        assert!(sha256.contains(&format!("response=\"{response}\"")), "{sha256}");
        let md5 = answered(&format!("Digest {REALM}, algorithm=MD5"), CNONCE);
        assert!(md5.contains("response=\"8ca523f5e9506fed4657c9700eebdbec\""), "{md5}");
        assert!(md5.contains("opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""), "{md5}");
    }

    /// RFC 2069, with the example of its errata.
    #[test]
    fn a_server_before_rfc_2617() {
        let challenge = "Digest realm=\"testrealm@host.com\", \
                         nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"";
        let found = challenges(challenge);
        let asked = found.iter().find_map(Asked::of).unwrap();
        let text = asked.answer("Mufasa", "CircleOfLife", "/dir/index.html", "x");
        assert!(text.contains("response=\"1949323746fe6a43ef61f9606e7febea\""), "{text}");
        assert!(!text.contains("qop") && !text.contains("cnonce"), "{text}");
    }

    #[test]
    fn challenges_are_told_apart() {
        let text = "Negotiate YII/=, Basic realm=\"a, \\\"b\\\"\" , newauth , Digest nonce = x";
        let found = challenges(text);
        let schemes: Vec<_> = found.iter().map(|it| it.scheme.as_str()).collect();
        assert!(["Negotiate", "Basic", "newauth", "Digest"].iter().all(|it| schemes.contains(it)));
        let basic = found.iter().find(|it| it.scheme == "Basic").unwrap();
        assert_eq!(basic.get("REALM"), Some("a, \"b\""));
        assert_eq!(found.last().unwrap().get("nonce"), Some("x"));
        for odd in ["", ",", "=", "Digest \"", "Digest realm=\"a\\", "ä Digest =ö", "a==,=b"] {
            let _ = challenges(odd);
        }
        // Of another kind, or without what it needs.
        for other in [
            "Digest realm=a",
            "Digest nonce=a",
            "Digest realm=a, nonce=b, algorithm=SHA-512-256",
            "Digest realm=a, nonce=b, qop=auth-int",
            "Basic realm=a, nonce=b",
        ] {
            assert!(challenges(other).iter().find_map(Asked::of).is_none(), "{other}");
        }
    }
}
