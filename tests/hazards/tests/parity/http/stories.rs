//! What takes more than one request, or more than one part: redirects, cookies, forms.

use ffence_hazards::call::{Call, Part};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use super::super::session::{Failure, Session};
use super::server::{Answer, Watched};
use super::{Bytes, Others, compare, count};

/// Where a redirect leads, as its `Location` says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Location {
    Url,
    Path,
    Beside,
    Above,
    Dots,
    /// The same server by another name: no place for secrets.
    Elsewhere,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Journey {
    method: String,
    body: Bytes,
    hops: Vec<(u16, Location)>,
    limit: u8,
    has_password: bool,
}

pub fn redirects(session: &mut Session) -> Result<(), Failure> {
    let server = Watched::plain();
    let statuses = prop::sample::select(vec![301_u16, 302, 303, 307, 308]);
    let locations = prop::sample::select(vec![
        Location::Url,
        Location::Path,
        Location::Beside,
        Location::Above,
        Location::Dots,
        Location::Elsewhere,
    ]);
    let journeys = (
        prop::sample::select(vec!["GET", "HEAD", "POST"]),
        Bytes::any(),
        prop::collection::vec((statuses, locations), 1..5),
        0_u8..6,
        prop::bool::weighted(0.3),
    )
        .prop_map(|(method, body, hops, limit, has_password)| Journey {
            method: method.to_owned(),
            body,
            hops,
            limit,
            has_password,
        });
    session.generated("redirects", count(), &journeys, |session, journey| {
        let mut answers = Vec::new();
        for (at, (status, location)) in journey.hops.iter().enumerate() {
            let next = format!("/stops/{}?from={at}", at + 1);
            let url = server.call("GET", &next).url;
            let location = match location {
                Location::Url => url,
                Location::Path => next.clone(),
                Location::Beside => format!("{}?from={at}", at + 1),
                Location::Above => format!("../stops/{}?from={at}", at + 1),
                Location::Dots => format!("./../../stops/./{}?from={at}", at + 1),
                Location::Elsewhere => url.replace("127.0.0.1", "localhost"),
            };
            let here = match at {
                0 => "/stops/0".to_owned(),
                _ => format!("/stops/{at}?from={}", at - 1),
            };
            let answer = Answer {
                status: *status,
                headers: vec![("location".to_owned(), location)],
                body: b"elsewhere".to_vec(),
                ..Answer::default()
            };
            answers.push((here, answer));
        }
        server.answer(answers);
        let is_post = journey.method == "POST";
        let call = Call {
            body: is_post.then(|| journey.body.make().into()),
            redirects: journey.limit,
            auth: if journey.has_password { "basic" } else { "" },
            user: "user".to_owned(),
            password: "secret".to_owned(),
            ..server.call(&journey.method, "/stops/0")
        };
        // Who has left the first host gets its password again on the way back from libcurl, and not
        // from Go; and the client has no password of its own.
        let others =
            Others { own: !journey.has_password, client: !journey.has_password && !is_post };
        compare(session, &server, &[call], others)
    })
}

/// A page that sets cookies, and is asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Visit {
    path: String,
    set: Vec<String>,
}

pub fn cookies(session: &mut Session) -> Result<(), Failure> {
    let server = Watched::plain();
    let paths = ["/", "/a", "/a/b", "/a/bc", "/a/b/c"];
    let cookie = (
        "[abc]",
        "[a-z0-9]{0,8}",
        prop::sample::select(vec!["", "; Path=/", "; Path=/a", "; Path=/a/b", "; path=/a/b/"]),
        prop::sample::select(vec![
            "",
            "; Max-Age=1000",
            "; Max-Age=0",
            "; max-age=-1",
            "; Expires=Thu, 01 Jan 1970 00:00:10 GMT",
            "; Expires=Fri, 01 Jan 2100 00:00:00 GMT",
        ]),
        prop::sample::select(vec!["", "; HttpOnly", "; SameSite=Lax", "; httponly; Other=thing"]),
    )
        .prop_map(|(name, value, path, age, more)| format!("{name}={value}{path}{age}{more}"));
    let visit = (prop::sample::select(paths.to_vec()), prop::collection::vec(cookie, 0..3))
        .prop_map(|(path, set)| Visit { path: path.to_owned(), set });
    let visits = prop::collection::vec(visit, 2..7);
    session.generated("cookies", count(), &visits, |session, visits| {
        let target = |at: usize, visit: &Visit| format!("{}?{at}", visit.path);
        server.answer(visits.iter().enumerate().map(|(at, visit)| {
            let set = visit.set.iter().map(|it| ("set-cookie".to_owned(), it.clone()));
            let headers = set.collect();
            (target(at, visit), Answer { headers, body: b"a page".to_vec(), ..Answer::default() })
        }));
        let calls = visits.iter().enumerate();
        let calls = calls
            .map(|(at, visit)| Call { cookies: true, ..server.call("GET", &target(at, visit)) });
        // libcurl takes the slash at the end of a path away.
        let own = visits.iter().flat_map(|it| &it.set).all(|it| !it.contains("path=/a/b/"));
        compare(session, &server, &calls.collect::<Vec<_>>(), Others { own, client: false })
    })
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Field {
    name: String,
    filename: String,
    kind: String,
    data: Bytes,
}

pub fn forms(session: &mut Session) -> Result<(), Failure> {
    let server = Watched::plain();
    let field = (
        "[a-z0-9_ é]{1,10}[\"\\\\]?",
        prop::option::of("[a-z0-9_]{1,8}\\.(txt|png|html|bin)"),
        prop::sample::select(vec!["text/plain", "application/json", "image/png; q=1"]),
        Bytes::any(),
    )
        .prop_map(|(name, filename, kind, data)| Field {
            // Of a file without a kind, libcurl guesses it by the name's end.
            kind: if filename.is_some() { kind.to_owned() } else { String::new() },
            filename: filename.unwrap_or_default(),
            name,
            data,
        });
    let forms = prop::collection::vec(field, 1..5);
    session.generated("forms", count(), &forms, |session, fields| {
        // Each library has its own way to write these in a name.
        let own = fields.iter().all(|it| !it.name.contains(['"', '\\']));
        let form = fields.into_iter().map(|it| Part {
            name: it.name,
            filename: it.filename,
            kind: it.kind,
            data: it.data.make().into(),
        });
        server.answer([]);
        let call = Call { form: form.collect(), ..server.call("POST", "/form") };
        compare(session, &server, &[call], Others { own, client: false })
    })
}
