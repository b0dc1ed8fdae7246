//! One request and its answer: methods, targets, headers and bodies of any kind.

use ffence_hazards::call::{Call, Header};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use super::super::session::{Failure, Session};
use super::server::{Answer, Watched};
use super::{Bytes, Others, compare, count};

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Case {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Option<Bytes>,
    status: u16,
    answered: Vec<(String, String)>,
    answer: Bytes,
}

/// A few headers, each name perhaps more than once. A value has no spaces at its ends, which nobody
/// would see, and may have letters of any alphabet.
fn headers() -> impl Strategy<Value = Vec<(String, String)>> {
    let name = "x-[a-z0-9!#$%&*+.^_|~-]{1,12}";
    let value = prop_oneof![
        1 => Just(String::new()),
        8 => "[!-~]([ -~]{0,30}[!-~])?",
        2 => "[!-~äß猫]([ -~é]{0,9}[!-~ø])?",
    ];
    prop::collection::vec((name, value), 0..6).prop_map(|mut all| {
        if let [(first, _), .., (last, _)] = &mut all[..]
            && first.len() % 2 == 0
        {
            last.clone_from(first);
        }
        all
    })
}

fn cases() -> impl Strategy<Value = Case> {
    let methods = ["GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"];
    let statuses = vec![200_u16, 201, 202, 203, 204, 304, 400, 404, 410, 500, 503];
    let target =
        "(/[a-zA-Z0-9_~!$&'()*+,;=:@-]{1,8}(%[2-7][0-9A-E])?){1,3}(\\?[a-z0-9=&/?%+-]{1,12})?";
    (
        prop::sample::select(methods.to_vec()),
        target.prop_filter("a whole escape", |it: &String| !has_half_escape(it)),
        headers(),
        prop::option::of(Bytes::any()),
        prop::sample::select(statuses),
        headers(),
        Bytes::any(),
    )
        .prop_map(|(method, target, headers, body, status, answered, answer)| {
            let body = match method {
                "HEAD" => None,
                "POST" | "PUT" | "PATCH" => body.or(Some(Bytes { length: 0, seed: 0 })),
                _ => body,
            };
            Case { method: method.to_owned(), target, headers, body, status, answered, answer }
        })
}

/// Go's net/http refuses such a URL.
fn has_half_escape(target: &str) -> bool {
    target
        .split('%')
        .skip(1)
        .any(|it| it.len() < 2 || !it.bytes().take(2).all(|byte| byte.is_ascii_hexdigit()))
}

fn exchange(
    session: &mut Session,
    server: &Watched,
    version: &'static str,
    case: &Case,
) -> Result<(), Failure> {
    let answer = Answer {
        status: case.status,
        headers: case.answered.clone(),
        body: case.answer.make(),
        ..Answer::default()
    };
    server.answer([(case.target.clone(), answer)]);
    let headers = case.headers.iter();
    let headers =
        headers.map(|(name, value)| Header { name: name.clone(), value: value.into() }).collect();
    let body = case.body.map(|it| it.make().into());
    let call = Call { headers, body, version, ..server.call(&case.method, &case.target) };
    compare(session, server, &[call], Others { own: true, client: true })
}

pub fn in_the_clear(session: &mut Session) -> Result<(), Failure> {
    let server = Watched::plain();
    session.generated("in the clear", 2 * count(), &cases(), |session, case| {
        exchange(session, &server, "1.1", &case)
    })
}

pub fn over_tls(session: &mut Session) -> Result<(), Failure> {
    let server = Watched::tls()?;
    session.generated("over TLS", count(), &cases(), |session, case| {
        exchange(session, &server, "1.1", &case)
    })
}

pub fn http2(session: &mut Session) -> Result<(), Failure> {
    if !ffence::capabilities()?.libcurl().http2() {
        println!("http::http2: this libcurl has no HTTP/2");
        return Ok(());
    }
    let server = Watched::tls()?;
    session.generated("HTTP/2", count(), &cases(), |session, case| {
        exchange(session, &server, "2", &case)
    })
}
