//! Who asks: Basic (RFC 7617), Digest (RFC 7616) and bearer tokens (RFC 6750).

use base64ct::{Base64, Encoding as _};
use ffence::crypto::Sha256;
use ffence_hazards::call::Call;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use super::super::session::{Failure, Session};
use super::server::{Answer, Watched};
use super::{Bytes, Others, compare, count};

const REALM: &str = "a realm";
const NONCE: &str = "dcd98b7102dd2f0e8b11d0f600bfb0c0";

/// Who may have something.
#[derive(Clone, Debug, Default)]
pub enum Guard {
    /// Anybody.
    #[default]
    Open,
    /// Who knows the password.
    Basic(String, String),
    /// Who knows it, and does not say it.
    Digest(String, String),
    /// Who has the token.
    Bearer(String),
}

impl Guard {
    /// Whether a request with this `Authorization` may have it.
    pub fn judge(&self, method: &str, authorization: Option<&[u8]>) -> bool {
        let given = authorization.and_then(|it| std::str::from_utf8(it).ok()).unwrap_or_default();
        match self {
            Self::Open => true,
            Self::Basic(user, password) => {
                let both = Base64::encode_string(format!("{user}:{password}").as_bytes());
                given == format!("Basic {both}")
            }
            Self::Digest(user, password) => given
                .strip_prefix("Digest ")
                .and_then(|fields| expected(fields, method, user, password))
                .is_some_and(|(response, wanted)| response == wanted),
            Self::Bearer(token) => given == format!("Bearer {token}"),
        }
    }

    /// What others are asked for.
    pub fn challenge(&self) -> String {
        match self {
            Self::Open => String::new(),
            Self::Basic(..) => format!("Basic realm=\"{REALM}\""),
            Self::Digest(..) => {
                format!(
                    "Digest realm=\"{REALM}\", nonce=\"{NONCE}\", qop=\"auth\", algorithm=SHA-256"
                )
            }
            Self::Bearer(_) => format!("Bearer realm=\"{REALM}\""),
        }
    }

    /// Whether the client adds what it makes up at random.
    pub fn is_random(&self) -> bool {
        matches!(self, Self::Digest(..))
    }
}

/// The response of a Digest, and what RFC 7616, section 3.4.1, makes it.
fn expected(fields: &str, method: &str, user: &str, password: &str) -> Option<(String, String)> {
    let get = |name: &str| field(fields, name);
    let hash = |text: String| Sha256::digest(text.as_bytes()).ok().map(|it| it.to_string());
    let is_ours = get("username")? == user && get("realm")? == REALM && get("nonce")? == NONCE;
    let secret = hash(format!("{user}:{REALM}:{password}"))?;
    let request = hash(format!("{method}:{}", get("uri")?))?;
    let wanted = hash(format!(
        "{secret}:{NONCE}:{}:{}:{}:{request}",
        get("nc")?,
        get("cnonce")?,
        get("qop")?
    ))?;
    is_ours.then_some((get("response")?, wanted))
}

/// The value of `name`, without its quotes.
fn field(fields: &str, name: &str) -> Option<String> {
    let (_, rest) = format!(" {fields}")
        .split_once(&format!(" {name}="))
        .map(|(a, b)| (a.to_owned(), b.to_owned()))?;
    let Some(quoted) = rest.strip_prefix('"') else {
        return rest.split([',', ' ']).next().map(str::to_owned);
    };
    let mut text = String::new();
    let mut letters = quoted.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => return Some(text),
            '\\' => text.push(letters.next()?),
            other => text.push(other),
        }
    }
    None
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Case {
    scheme: usize,
    user: String,
    password: String,
    is_right: bool,
    body: Option<Bytes>,
}

pub fn authentication(session: &mut Session) -> Result<(), Failure> {
    let server = Watched::plain();
    let cases = (
        0..SCHEMES.len(),
        "[a-z0-9 @.\"\\\\-]{1,12}",
        "[a-zA-Z0-9 :@.\"\\\\-]{1,12}",
        prop::bool::weighted(0.7),
        prop::option::of(Bytes::any()),
    )
        .prop_map(|(scheme, user, password, is_right, body)| Case {
            scheme,
            user,
            password,
            is_right,
            body,
        });
    session.generated("authentication", count(), &cases, |session, case| {
        let (scheme, own) = SCHEMES[case.scheme];
        let known = if case.is_right { case.password.clone() } else { case.password.clone() + "x" };
        // A token is one word.
        let token = |text: &str| text.replace([' ', '"', '\\', ':', '@'], "~");
        let (guard, password) = match scheme {
            "basic" => (Guard::Basic(case.user.clone(), known), case.password.clone()),
            "digest" => (Guard::Digest(case.user.clone(), known), case.password.clone()),
            _ => (Guard::Bearer(token(&known)), token(&case.password)),
        };
        let answer = Answer { guard, body: b"for you".to_vec(), ..Answer::default() };
        server.answer([("/guarded".to_owned(), answer)]);
        let calls = [Call {
            auth: scheme,
            user: case.user.clone(),
            password,
            body: case.body.map(|it| it.make().into()),
            ..server.call(if case.body.is_some() { "POST" } else { "GET" }, "/guarded")
        }];
        let status = super::sides::easy(&calls)[0].status;
        session.same(
            "the right password opens",
            &if case.is_right { 200 } else { 401 },
            &status,
        )?;
        server.seen();
        compare(session, &server, &calls, Others { own, client: false })
    })
}

/// The schemes, and whether Go's own net/http has them.
const SCHEMES: [(&str, bool); 3] = [("basic", true), ("digest", false), ("bearer", true)];
