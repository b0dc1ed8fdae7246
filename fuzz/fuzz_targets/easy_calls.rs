//! Sequences of calls on a handle of libcurl, whose server is a list of bytes: the model is the body.
#![no_main]

mod canned;

use arbitrary::Arbitrary;
use ffence::curl::{List, Multi, Share, option};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
enum Call {
    Body(Vec<u8>),
    Close(bool),
    Header(String),
    Post(Option<Vec<u8>>),
    Reset,
    Share(bool),
    Perform,
    PerformInto,
    PerformWith(bool),
    Multi,
    MultiDropped,
    Info,
    Fresh,
}

fuzz_target!(|calls: Vec<Call>| {
    let share = Share::builder().names().build().expect("a share");
    let whole = |body: &[u8]| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
        [head.as_bytes(), body].concat()
    };
    let mut body = b"body".to_vec();
    canned::answer(whole(&body));
    let mut easy = canned::easy().expect("a handle");
    let mut performed = 0;
    for call in calls {
        let mut expected = None;
        // A new connection each time: each hears the whole answer once.
        easy.set(option::FreshConnect(true)).expect("an option");
        easy.set(option::ForbidReuse(true)).expect("an option");
        easy.handler_mut().body.clear();
        canned::settings(&mut easy).expect("options");
        match call {
            Call::Body(other) => {
                body = other;
                canned::answer(whole(&body));
            }
            Call::Close(complete) => {
                let mut all = whole(&body);
                if !complete {
                    all.pop();
                }
                canned::answer(all);
                let outcome = easy.perform().map(drop);
                // An empty body has the end of its head cut off.
                assert_eq!(outcome.is_ok(), complete || body.is_empty());
                canned::answer(whole(&body));
            }
            Call::Header(line) => {
                let mut list = List::new();
                // A length of the fuzzer's own would be another request.
                if !line.to_ascii_lowercase().contains("expect") && list.push(&line).is_ok() {
                    let _ = easy.set(option::HttpHeader(list)).is_ok();
                }
            }
            Call::Post(Some(bytes)) => drop(easy.set(option::PostFields(bytes)).map(drop)),
            Call::Post(None) => drop(easy.set(option::HttpGet(true)).map(drop)),
            Call::Reset => easy.reset().expect("it is reset"),
            Call::Share(on) => drop(easy.share(on.then_some(&share)).map(drop)),
            Call::Perform if performed < 8 => {
                performed += 1;
                easy.perform().expect("the answer is whole");
                expected = Some(easy.handler().body.clone());
            }
            Call::PerformInto if performed < 8 => {
                performed += 1;
                let mut out = Vec::new();
                easy.perform_into(&mut out).expect("the answer is whole");
                expected = Some(out);
            }
            Call::PerformWith(stop) if performed < 8 => {
                performed += 1;
                let mut out = Vec::new();
                let outcome = easy
                    .perform_with(|piece| {
                        out.extend_from_slice(piece);
                        if stop { ffence::curl::Write::Stop } else { ffence::curl::Write::Taken }
                    })
                    .map(drop);
                assert_eq!(outcome.is_ok(), !stop || body.is_empty());
                expected = (!stop).then_some(out);
            }
            Call::Multi if performed < 8 => {
                performed += 1;
                let mut multi = Multi::new().expect("a multi");
                let id = multi.add(easy).expect("it is added");
                while multi.perform().expect("it goes on") > 0 {
                    multi.poll(std::time::Duration::from_secs(10)).expect("it waits");
                }
                multi.next_done().expect("it is done").result.expect("the answer is whole");
                easy = multi.remove(id).expect("it comes back");
                expected = Some(easy.handler().body.clone());
            }
            Call::MultiDropped => {
                let mut multi = Multi::new().expect("a multi");
                multi.add(easy).expect("it is added");
                let _ = multi.perform();
                drop(multi);
                easy = canned::easy().expect("a handle");
            }
            Call::Info => {
                let _ = (easy.info().response_code(), easy.info().cookies().is_ok());
            }
            Call::Fresh => easy = canned::easy().expect("a handle"),
            _ => {}
        }
        if let Some(came) = expected {
            assert_eq!(came, body);
        }
    }
});
