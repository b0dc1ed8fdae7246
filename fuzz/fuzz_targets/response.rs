//! A hostile server's bytes, read as HTTP/1 by libcurl and by what this crate makes of it.
#![no_main]

mod canned;

use ffence::curl::option;
use ffence::curl::option::value::Follow;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|answer: &[u8]| {
    let mut easy = canned::easy().expect("a handle");
    canned::answer(answer.to_vec());
    easy.set(option::AcceptEncoding("")).expect("decompression");
    easy.set(option::CookieFile("")).expect("cookies");
    easy.set(option::FollowLocation(Follow::All)).expect("redirects");
    let outcome = easy.perform().map(drop);
    let info = easy.info();
    let _ = (info.response_code(), info.content_type(), info.redirect_url(), info.effective_url());
    let _ =
        (info.retry_after(), info.filetime(), info.size_download(), info.content_length_download());
    let cookies = info.cookies().expect("there is memory");
    assert!(cookies.iter().all(|line| !line.to_bytes().is_empty()));
    if let Ok(headers) = info.headers() {
        for header in headers.iter().take(1000) {
            assert!(header.index() < header.amount());
            if let Some(name) = std::str::from_utf8(header.name()).ok().filter(|it| !it.is_empty())
            {
                let _ = headers.get(name).map(|found| found.map(|it| it.value().len()));
                let _ = headers.all(name).count();
            }
        }
    }
    // An answer that was taken may still have no status: libcurl 7.88 takes "HTTP/200 OK" for a line.
    // A line as RFC 9112 has it, of an answer that is final and no redirect, is what is told.
    if outcome.is_ok()
        && let Some(status) = final_status(answer)
    {
        assert_eq!(easy.info().response_code().map(u32::from), Some(status));
    }
});

/// The status of an answer with a whole head, whose first line is right, where it is 2xx, 4xx or 5xx.
fn final_status(answer: &[u8]) -> Option<u32> {
    let line = answer.strip_prefix(b"HTTP/1.1 ").or(answer.strip_prefix(b"HTTP/1.0 "))?;
    let (status, rest) = line.split_at_checked(3)?;
    let whole = rest.starts_with(b" ") && rest.windows(4).any(|it| it == b"\r\n\r\n");
    let status: u32 = std::str::from_utf8(status).ok()?.parse().ok()?;
    (whole && matches!(status, 200..300 | 400..600)).then_some(status)
}
