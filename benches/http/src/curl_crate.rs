//! The curl crate.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use curl::easy::{Easy2, Handler, HttpVersion, List, ReadError, WriteError};
use curl::multi::{Easy2Handle, Events, Multi};

use crate::case::{Case, LARGE, SMALL, Task, many, repeat};
use crate::raw::expected;
use crate::sockets::{Sockets, Wish};
use crate::system;

#[derive(Default)]
struct Count {
    received: usize,
    to_send: usize,
}

impl Handler for Count {
    fn write(&mut self, data: &[u8]) -> Result<usize, WriteError> {
        self.received += data.len();
        Ok(data.len())
    }

    fn read(&mut self, out: &mut [u8]) -> Result<usize, ReadError> {
        let len = self.to_send.min(out.len());
        out[..len].fill(b'x');
        self.to_send -= len;
        Ok(len)
    }
}

fn handle(case: &Case) -> Result<Easy2<Count>, curl::Error> {
    let mut easy = Easy2::new(Count::default());
    easy.url(&case.url())?;
    easy.signal(false)?;
    if case.base.starts_with("https") {
        easy.cainfo(&case.authority)?;
    }
    Ok(easy)
}

pub fn one(case: &Case) {
    let mut easy = handle(case).expect("a handle");
    let mut headers = List::new();
    match case.task {
        Task::Post => {
            headers.append("Content-Type: application/json").expect("a header");
            easy.http_headers(headers).expect("a list");
            easy.post(true).expect("an option");
            easy.post_fields_copy("y".repeat(SMALL).as_bytes()).expect("a body");
        }
        Task::Upload => {
            headers.append("Expect:").expect("a header");
            easy.http_headers(headers).expect("a list");
            easy.upload(true).expect("an option");
            easy.custom_request("POST").expect("a method");
            easy.in_filesize(LARGE as u64).expect("a length");
        }
        _ => {}
    }
    repeat(case, || {
        *easy.get_mut() = Count { received: 0, to_send: LARGE };
        easy.perform().expect("performed");
        assert_eq!(easy.response_code().expect("a status"), 200);
        assert_eq!(easy.get_ref().received, expected(case.task));
    });
}

/// The socket API on epoll, as for raw libcurl.
pub fn all(case: &Case) {
    system::allow_descriptors();
    let mut multi = Multi::new();
    multi.set_max_connects(case.at_once).expect("a limit");
    multi.pipelining(false, true).expect("an option");
    let sockets = Arc::new(Mutex::new(Sockets::new()));
    let of_sockets = Arc::clone(&sockets);
    multi
        .socket_function(move |socket, events, _| {
            let wish = Wish { input: events.input(), output: events.output() };
            let wish = if events.remove() { Wish::default() } else { wish };
            of_sockets.lock().expect("no panic").want(socket, wish);
        })
        .expect("a callback");
    let of_timer = Arc::clone(&sockets);
    multi
        .timer_function(move |timeout| {
            let millis = timeout.map(|it| u64::try_from(it.as_millis()).unwrap_or(u64::MAX));
            of_timer.lock().expect("no panic").set_timer(millis);
            true
        })
        .expect("a callback");
    let mut idle: Vec<_> = (0..case.at_once)
        .map(|_| {
            let mut easy = handle(case).expect("a handle");
            if case.task == Task::Many2 {
                easy.http_version(HttpVersion::V2TLS).expect("an option");
                easy.pipewait(true).expect("an option");
            }
            easy
        })
        .collect();
    many(case, |url, each| {
        let mut busy: HashMap<usize, Easy2Handle<Count>> = HashMap::new();
        for (token, mut easy) in idle.drain(..).enumerate() {
            easy.url(url).expect("a URL");
            *easy.get_mut() = Count { received: 0, to_send: each };
            begin(&multi, &mut busy, token, easy);
        }
        multi.timeout().expect("acted");
        while !busy.is_empty() {
            let due = sockets.lock().expect("no panic").wait();
            loop {
                let next = sockets.lock().expect("no panic").next();
                let Some((socket, wish)) = next else { break };
                let mut events = Events::new();
                events.input(wish.input).output(wish.output);
                multi.action(socket, &events).expect("acted");
            }
            if due {
                multi.timeout().expect("acted");
            }
            let mut done = Vec::new();
            multi.messages(|message| {
                message.result().expect("over").expect("a response");
                done.push(message.token().expect("a token"));
            });
            for token in done {
                let easy = busy.remove(&token).expect("busy");
                let mut easy = multi.remove2(easy).expect("taken out");
                let count = easy.get_mut();
                assert_eq!(std::mem::take(&mut count.received), SMALL);
                count.to_send -= 1;
                if count.to_send == 0 {
                    idle.push(easy);
                } else {
                    begin(&multi, &mut busy, token, easy);
                }
            }
        }
    });
}

fn begin(
    multi: &Multi,
    busy: &mut HashMap<usize, Easy2Handle<Count>>,
    token: usize,
    easy: Easy2<Count>,
) {
    let mut handle = multi.add2(easy).expect("added");
    handle.set_token(token).expect("a token");
    busy.insert(token, handle);
}
