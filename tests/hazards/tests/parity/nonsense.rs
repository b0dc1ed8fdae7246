//! What is no request gets a reply too, and the next request is answered as if nothing had been.

use ffence::crypto::Sha256;
use ffence_hazards::parity::{Reply, Request};

use super::Test;
use super::session::{Failure, Session};

pub const TESTS: &[Test] = &[("nonsense", nonsense)];

fn nonsense(session: &mut Session) -> Result<(), Failure> {
    let lines: [&[u8]; 9] = [
        b"{",
        b"null",
        b"[1]",
        b"\xff\0",
        br#"{"op":"unseal"}"#,
        br#"{"op":"seal","key":"zz"}"#,
        br#"{"op":"seal","key":"AAAA","colour":"green"}"#,
        br#"{"op":"http","calls":1}"#,
        br#"{"op":"go-http"}"#,
    ];
    for line in lines {
        let outcome = session.reply_to_line(line).map(Reply::outcome)?;
        session.same(&line.escape_ascii().to_string(), &Err("request".to_owned()), &outcome)?;
    }
    let asked =
        Request { op: "digest", algorithm: "SHA2-256", data: b"abc".into(), ..Request::default() };
    session.demand(&asked, &Ok(Sha256::digest(b"abc")?.as_bytes().to_vec()))
}
