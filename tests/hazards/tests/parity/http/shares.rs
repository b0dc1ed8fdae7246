//! Names that one thread knows and the others with it, by a share.

use std::thread;

use ffence::curl::Share;
use ffence_hazards::call::{Call, Fetched};
use ffence_hazards::parity::Request;

use super::super::session::{Failure, Session};
use super::server::{Answer, Watched};
use super::{Bytes, count, exact, fetch, sides};

/// As many at a time.
const THREADS: usize = 6;

pub fn share(session: &mut Session) -> Result<(), Failure> {
    let server = Watched::plain();
    let bodies = proptest::collection::vec(Bytes::any(), THREADS + 1);
    session.generated("share", count() / 4, &bodies, |session, bodies| {
        let bodies = bodies.iter().enumerate();
        let answers = bodies.map(|(at, body)| {
            (format!("/page/{at}"), Answer { body: body.make(), ..Answer::default() })
        });
        server.answer(answers);
        let calls: Vec<_> = (0..=THREADS)
            .map(|at| {
                let call = server.call("GET", &format!("/page/{at}"));
                let port = call.url.split([':', '/']).nth(4).unwrap_or_default().to_owned();
                let address = (at == 0).then(|| format!("known.invalid:{port}:127.0.0.1"));
                Call {
                    url: call.url.replace("127.0.0.1", "known.invalid"),
                    addresses: address.into_iter().collect(),
                    ..call
                }
            })
            .collect();

        let here = at_once(&calls)?;
        let mut seen = server.seen();
        let asked = Request { op: "http-share", calls: calls.clone(), ..Request::default() };
        let there = session.reply(&asked)?.results;
        let mut seen_there = server.seen();
        session.same("how many", &here.len(), &there.len())?;
        for (at, (here, there)) in here.iter().zip(&there).enumerate() {
            session.same(&format!("thread {at}"), &exact(here), &exact(there))?;
            session.same(&format!("thread {at}"), &200, &here.status)?;
        }
        // Threads ask in any order.
        seen.sort();
        seen_there.sort();
        session.same("what the server saw", &seen, &seen_there)
    })?;

    // Without the share nobody else knows the name.
    let calls = [Call { url: "http://known.invalid/".to_owned(), ..server.call("GET", "/") }];
    let (here, there) = (sides::easy(&calls), fetch(session, "http", &calls)?);
    session.same("without the share", &exact(&here[0]), &exact(&there[0]))?;
    let class = here[0].error.as_ref().map(|it| it.class.as_str());
    session.same("without the share", &Some("resolve"), &class)
}

/// The first call alone, and then the others at the same time, all with one share.
fn at_once(calls: &[Call]) -> Result<Vec<Fetched>, Failure> {
    let share = Share::builder().names().build()?;
    let (first, others) = calls.split_first().ok_or("no calls")?;
    let mut done = vec![sides::sharing(first, &share)];
    thread::scope(|scope| {
        let threads: Vec<_> =
            others.iter().map(|call| scope.spawn(|| sides::sharing(call, &share))).collect();
        done.extend(threads.into_iter().filter_map(|it| it.join().ok()));
    });
    Ok(done)
}
