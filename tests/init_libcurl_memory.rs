//! An executable of its own: whom libcurl asks for memory is settled once a process. The cases that
//! need another beginning run in a child of this program.
#![cfg(feature = "http")]

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use common::server::{Server, bytes};
use ffence::curl::{Easy, List, Multi, option};
use ffence::{ErrorKind, Init};

/// Counts what is out, and answers nothing while it is told to.
struct Counting {
    blocks: AtomicI64,
    calls: AtomicI64,
    refuses: AtomicBool,
}

impl Counting {
    const fn new() -> Self {
        Self {
            blocks: AtomicI64::new(0),
            calls: AtomicI64::new(0),
            refuses: AtomicBool::new(false),
        }
    }
}

static COUNTING: Counting = Counting::new();
static OTHER: Counting = Counting::new();

// SAFETY: the system's allocator does the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.calls.fetch_add(1, Ordering::Relaxed);
        if self.refuses.load(Ordering::Relaxed) {
            return std::ptr::null_mut();
        }
        self.blocks.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        self.blocks.fetch_sub(1, Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(block, layout) }
    }
}

/// What a child of this program does, by its argument in the environment.
fn child(case: &str) {
    // SAFETY: nothing that libcurl allocated before is freed after it: a list, where there is one,
    // makes the set-up fail.
    let counting = || unsafe { Init::new().libcurl_memory(&COUNTING) }.run();
    match case {
        "too late" => {
            let mut list = List::new();
            list.push("a line").unwrap();
            let error = counting().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Init, "{error}");
            drop(list);
            // What was set up stays.
            Easy::new().unwrap();
        }
        "another was first" => {
            // As a crate that knows nothing of this one does.
            unsafe extern "C" {
                fn curl_global_init(flags: std::ffi::c_long) -> std::ffi::c_int;
            }
            // SAFETY: CURL_GLOBAL_ALL, on the only thread that uses libcurl.
            assert_eq!(unsafe { curl_global_init(3) }, 0);
            let error = counting().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Init);
            assert!(error.to_string().contains("set up before with other memory"), "{error}");
            assert_eq!(Easy::new().unwrap_err().kind(), ErrorKind::Init, "as it was asked");
        }
        "no memory at all" => {
            COUNTING.refuses.store(true, Ordering::Relaxed);
            let error = counting().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Init, "{error}");
            COUNTING.refuses.store(false, Ordering::Relaxed);
            assert_eq!(Easy::new().unwrap_err().kind(), ErrorKind::Init, "and that for ever");
        }
        other => panic!("no such case: {other}"),
    }
}

#[test]
fn libcurl_takes_its_memory_from_rust() {
    if let Ok(case) = std::env::var("FFENCE_CASE") {
        return child(&case);
    }
    for case in ["too late", "another was first", "no memory at all"] {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "libcurl_takes_its_memory_from_rust", "--nocapture"])
            .env("FFENCE_CASE", case)
            .output()
            .unwrap();
        assert!(output.status.success(), "{case}: {}", String::from_utf8_lossy(&output.stderr));
    }

    // SAFETY: nothing has used libcurl yet.
    unsafe { Init::new().libcurl_memory(&COUNTING) }.run().unwrap();
    // The same again changes nothing; another one cannot be had any more.
    // SAFETY: as above: nothing of before is around.
    unsafe { Init::new().libcurl_memory(&COUNTING) }.run().unwrap();
    // SAFETY: as above.
    let error = unsafe { Init::new().libcurl_memory(&OTHER) }.run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Init);
    assert_eq!(Init::new().run().unwrap_err().kind(), ErrorKind::Init);

    let before = COUNTING.blocks.load(Ordering::Relaxed);
    let server = Server::plain();
    {
        let mut headers = List::new();
        headers.push("X-Of: Rust's memory").unwrap();
        let mut easy = Easy::new().unwrap();
        // By name: a thread of libcurl's own asks for memory as well.
        let url = server.url("/bytes/100000").replace("127.0.0.1", "localhost");
        easy.set(option::Url(&url)).unwrap().set(option::HttpHeader(headers)).unwrap();
        easy.set(option::IpResolve(option::value::IpResolve::V4)).unwrap();
        let mut body = Vec::new();
        easy.perform_into(&mut body).unwrap();
        assert!(body == bytes(100_000));
        assert!(COUNTING.blocks.load(Ordering::Relaxed) > before + 5, "it was asked");

        // Memory that fails is an error value, and no more.
        COUNTING.refuses.store(true, Ordering::Relaxed);
        let errors = [
            Easy::new().map(drop).unwrap_err(),
            Multi::<()>::new().map(drop).unwrap_err(),
            List::new().push("a line").unwrap_err(),
            easy.perform().map(drop).unwrap_err(),
            easy.set(option::Url(&url)).map(drop).unwrap_err(),
        ];
        COUNTING.refuses.store(false, Ordering::Relaxed);
        for error in errors {
            assert_eq!(error.kind(), ErrorKind::OutOfMemory, "{error}");
        }
        easy.set(option::Url(&url)).unwrap();
        body.clear();
        easy.perform_into(&mut body).unwrap();
        assert!(body == bytes(100_000));
    }
    assert_eq!(COUNTING.blocks.load(Ordering::Relaxed), before, "all of it was given back");
}
