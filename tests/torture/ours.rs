//! Rust's own memory, where Rust lets its failure be an error: buffers that grow by what a peer sends,
//! and copies as long as what a caller or C hands over. The large requests of one thread are refused, one
//! after the other, each alone.
//!
//! Small ones are not: most of Rust (`Box`, `String`, collections that are not asked before they grow)
//! ends the process when they fail, by design. A process of its own, so that an abort is told as such.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io::{Read as _, Write as _};
use std::process::ExitCode;

use ffence::ErrorKind;
use ffence::crypto::Library;
use ffence::curl::{Easy, List, Mime, Part, Url, escape, option, unescape};
use ffence::http::Client;
use http::HeaderValue;

use crate::common::executor::block_on;
use crate::common::raw::Raw;
use crate::common::server::{Server, bytes};
use crate::supervise::{HANG, Process, Stacks};

/// What is refused is as large or larger.
const LARGE: usize = 400_000;
/// More than that.
const LEN: usize = 3_000_000;

thread_local! {
    /// So many large requests from now one is refused; 0: none is.
    static LEFT: Cell<u32> = const { Cell::new(0) };
    static REFUSED: Cell<bool> = const { Cell::new(false) };
}

/// Rust's memory, of which a thread may be refused large pieces.
struct Gate;

#[global_allocator]
static GATE: Gate = Gate;

fn refused(len: usize) -> bool {
    if len < LARGE {
        return false;
    }
    let left = LEFT.try_with(|left| left.replace(left.get().saturating_sub(1)));
    let refused = left == Ok(1);
    if refused {
        REFUSED.set(true);
    }
    refused
}

/// What the operation is handed, and no request of its own.
fn given<T>(make: impl FnOnce() -> T) -> T {
    let left = LEFT.take();
    let made = make();
    LEFT.set(left);
    made
}

// SAFETY: the system's allocator, which keeps what the trait asks for, or NULL.
unsafe impl GlobalAlloc for Gate {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if refused(layout.size()) {
            return std::ptr::null_mut();
        }
        // SAFETY: the caller's layout.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if refused(layout.size()) {
            return std::ptr::null_mut();
        }
        // SAFETY: the caller's layout.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, len: usize) -> *mut u8 {
        if refused(len) {
            return std::ptr::null_mut();
        }
        // SAFETY: the caller's block and layout.
        unsafe { System.realloc(block, layout, len) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's block and layout.
        unsafe { System.dealloc(block, layout) };
    }
}

/// It works; with each of its large requests refused it says so; and each time it works again.
fn check(name: &str, mut work: impl FnMut() -> ffence::Result<Vec<u8>>) {
    let expected = work().unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut k = 0;
    loop {
        k += 1;
        LEFT.set(k);
        let outcome = work();
        LEFT.set(0);
        if !REFUSED.replace(false) {
            assert!(outcome.expect(name) == expected, "{name}: other bytes");
            break;
        }
        let error = outcome.expect_err(name);
        assert_eq!(error.kind(), ErrorKind::OutOfMemory, "{name}, {k}: {error}");
        assert!(work().expect(name) == expected, "{name}: other bytes");
    }
    assert_ne!(k, 1, "{name}: nothing was refused");
    println!("ours {} {name}", k - 1);
}

/// Reads the head of a request, as long as it may be, and answers.
fn patient() -> Raw {
    Raw::with(|mut stream| {
        let (mut piece, mut last) = ([0; 16_384], [0; 4]);
        while let Ok(len @ 1..) = stream.read(&mut piece) {
            let all = [&last[..], &piece[..len]].concat();
            last.copy_from_slice(&all[all.len() - 4..]);
            if last == *b"\r\n\r\n" {
                let answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";
                // A peer that gave up hears nothing.
                let _ = stream.write_all(answer);
                return;
            }
        }
    })
}

pub fn run() -> ExitCode {
    let server = Server::plain();
    let url = server.url(&format!("/bytes/{LEN}"));
    let mut easy = Easy::new().expect("a handle");
    easy.set(option::Url(&url)).and_then(|it| it.set(option::NoProxy("*"))).expect("options");
    check("a body that a handle collects", || {
        let mut body = Vec::new();
        easy.perform_into(&mut body)?;
        Ok(body)
    });
    let client = Client::new().expect("a client");
    check("a body that a client collects", || Ok(client.get(&url).send()?.into_body()));
    check("a body that a task collects", || {
        block_on(async { client.get(&url).open_async().await?.into_body().bytes().await })
    });
    let escaped = escape(bytes(LEN)).expect("bytes are escaped");
    check("bytes that are unescaped", || unescape(&escaped));
    let plain = bytes(LARGE);
    check("bytes that are escaped", || Ok(escape(&plain)?.into_bytes()));
    let long = "a".repeat(LARGE + 1);
    let address = format!("http://127.0.0.1/{long}?{long}");
    check("a URL that is parsed", || {
        let url = Url::parse(&address)?;
        Ok(url.path()?.len().to_be_bytes().to_vec())
    });
    check("text for an option", || {
        let mut easy = Easy::new()?;
        easy.set(option::UserAgent(&long))?;
        Ok(Vec::new())
    });
    check("a line of a list", || {
        let mut list = List::new();
        list.push(&long)?;
        Ok(list.iter().flat_map(|line| line.to_bytes().iter().copied()).take(10).collect())
    });
    check("the names of a form's part", || {
        let part = given(|| Part::new("text").name(long.clone()).filename(long.clone()));
        let mut easy = Easy::new()?;
        easy.set(option::MimePost(Mime::new().part(part)))?;
        Ok(Vec::new())
    });
    let patient = patient();
    let value = HeaderValue::from_str(&long).expect("it is text");
    check("a request's header", || {
        let request = given(|| client.get(patient.url("/")).header("x-long", value.clone()));
        Ok(request.send()?.into_body())
    });
    let properties = format!("?{}=yes", &long);
    check("the properties of a library", || {
        let builder = given(|| Library::builder().provider("default").properties(&*properties));
        match builder.build() {
            // OpenSSL has no room for such a name.
            Err(error) if error.kind() != ErrorKind::OutOfMemory => Ok(Vec::new()),
            outcome => outcome.map(|_| Vec::new()),
        }
    });
    println!("end");
    ExitCode::SUCCESS
}

/// Runs it; what is not allowed.
pub fn supervise() -> Vec<String> {
    let process = Process::start("ours", "", Stacks::Usual);
    let (mut passed, mut refused) = (0, 0_u32);
    loop {
        match process.line(HANG) {
            Ok(Some(line)) if line == "end" => break,
            Ok(Some(line)) => {
                passed += 1;
                refused += line.split(' ').nth(1).and_then(|it| it.parse().ok()).unwrap_or(0);
            }
            Ok(None) => return vec![format!("Rust's own memory: {}", process.end(false))],
            Err(()) => return vec![format!("Rust's own memory, hung: {}", process.end(true))],
        }
    }
    let end = process.end(false);
    println!(
        "torture: Rust's own memory: {passed} operations, {refused} fail points, each an error"
    );
    if end.starts_with("exit status: 0") { Vec::new() } else { vec![end] }
}
