//! Rust's own memory, where Rust lets its failure be an error: buffers that grow by what a peer sends,
//! and copies as long as what a caller or C hands over. Large requests of one thread are refused.
//!
//! Small ones are not: most of Rust (`Box`, `String`, collections that are not asked before they grow)
//! ends the process when they fail, by design. A process of its own, so that an abort is told as such.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::process::ExitCode;

use ffence::ErrorKind;
use ffence::curl::{Easy, escape, option, unescape};
use ffence::http::Client;

use crate::common::executor::block_on;
use crate::common::server::{Server, bytes};
use crate::supervise::{HANG, Process, Stacks};

/// What is refused is as large or larger.
const LARGE: usize = 400_000;
/// More than that.
const LEN: usize = 3_000_000;

thread_local! {
    static REFUSES: Cell<bool> = const { Cell::new(false) };
    static REFUSED: Cell<u32> = const { Cell::new(0) };
}

/// Rust's memory, of which a thread may be refused large pieces.
struct Gate;

#[global_allocator]
static GATE: Gate = Gate;

fn refused(len: usize) -> bool {
    let refused = len >= LARGE && REFUSES.try_with(Cell::get).unwrap_or(false);
    if refused {
        REFUSED.with(|it| it.set(it.get() + 1));
    }
    refused
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

/// It works; with large requests of this thread refused it says so; and then it works again.
fn check(name: &str, mut work: impl FnMut() -> ffence::Result<Vec<u8>>) {
    let expected = work().unwrap_or_else(|error| panic!("{name}: {error}"));
    REFUSES.set(true);
    let outcome = work();
    REFUSES.set(false);
    assert_ne!(REFUSED.replace(0), 0, "{name}: nothing was refused");
    let error = outcome.expect_err(name);
    assert_eq!(error.kind(), ErrorKind::OutOfMemory, "{name}: {error}");
    assert!(work().expect(name) == expected, "{name}: other bytes");
    println!("ours {name}");
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
    println!("end");
    ExitCode::SUCCESS
}

/// Runs it; what is not allowed.
pub fn supervise() -> Vec<String> {
    let process = Process::start("ours", "", Stacks::Usual);
    let mut passed = 0;
    loop {
        match process.line(HANG) {
            Ok(Some(line)) if line == "end" => break,
            Ok(Some(_)) => passed += 1,
            Ok(None) => return vec![format!("Rust's own memory: {}", process.end(false))],
            Err(()) => return vec![format!("Rust's own memory, hung: {}", process.end(true))],
        }
    }
    let end = process.end(false);
    println!("torture: Rust's own memory: {passed} operations answered an error for it");
    if end.starts_with("exit status: 0") { Vec::new() } else { vec![end] }
}
