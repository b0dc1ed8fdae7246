//! GET over HTTP/1.1 on a connection that is kept, the body collected in memory.
//!
//! Every contender sends the same request, byte for byte (the server checks that), and limits the
//! time to connect as the client does. Only the client keeps the response's headers.

use std::ffi::{CString, c_char, c_long, c_void};
use std::hint::black_box;
use std::slice;
use std::time::Duration;

use curl::easy::{Easy2, Handler, WriteError};
use curl_sys as sys;
use ffence::curl::{Easy, option};
use ffence::http::Client;

use super::{Op, lacking_curl, server};

/// Collects a body in the `Vec` that `to` points to.
pub(super) extern "C" fn collect(
    data: *mut c_char,
    size: usize,
    count: usize,
    to: *mut c_void,
) -> usize {
    // SAFETY: `raw` passes a `Vec` that nothing else touches during the transfer.
    let to = unsafe { &mut *to.cast::<Vec<u8>>() };
    // SAFETY: CURLOPT_WRITEFUNCTION(3): so many bytes are readable.
    to.extend_from_slice(unsafe { slice::from_raw_parts(data.cast(), size * count) });
    size * count
}

/// For connecting: the client's default.
const LIMIT: Duration = Duration::from_secs(30);

pub fn raw(bytes: usize) -> Op {
    performed(raw_handle(bytes), bytes)
}

/// The same, with its URL parsed once.
pub fn raw_parsed(bytes: usize) -> Op {
    performed(parsed(bytes), bytes)
}

fn parsed(bytes: usize) -> (*mut sys::CURL, *mut Vec<u8>) {
    let (easy, body) = raw_handle(bytes);
    let text = CString::new(server::url(bytes)).expect("a URL");
    // SAFETY: takes nothing; libcurl is initialised.
    let url = unsafe { lacking_curl::curl_url() };
    let part = lacking_curl::CURLUPART_URL;
    // SAFETY: the handle is live, and copies the text.
    let parsed = unsafe { lacking_curl::curl_url_set(url, part, text.as_ptr(), 0) };
    // SAFETY: the option takes a parsed URL, which is never freed.
    let with_url = unsafe { sys::curl_easy_setopt(easy, lacking_curl::CURLOPT_CURLU, url) };
    assert!(parsed == 0 && with_url == sys::CURLE_OK);
    (easy, body)
}

/// The same, and it keeps the response's header lines, each as it came.
pub fn raw_lines(bytes: usize) -> Op {
    let (easy, body) = parsed(bytes);
    let lines: *mut Vec<u8> = Box::into_raw(Box::default());
    let callback: extern "C" fn(*mut c_char, usize, usize, *mut c_void) -> usize = collect;
    // SAFETY: the option takes a function of this type.
    let to_us = unsafe { sys::curl_easy_setopt(easy, sys::CURLOPT_HEADERFUNCTION, callback) };
    // SAFETY: the option takes a pointer; the box is never freed.
    let to_lines = unsafe { sys::curl_easy_setopt(easy, sys::CURLOPT_HEADERDATA, lines) };
    assert!([to_us, to_lines] == [sys::CURLE_OK; 2]);
    let mut get = performed((easy, body), bytes);
    Box::new(move || {
        // SAFETY: no transfer runs.
        unsafe { (*lines).clear() };
        get();
        // SAFETY: the transfer is over.
        assert!(!black_box(unsafe { &*lines }).is_empty());
    })
}

/// A handle, and where it collects bodies.
fn raw_handle(bytes: usize) -> (*mut sys::CURL, *mut Vec<u8>) {
    let url = CString::new(server::url(bytes)).expect("a URL");
    curl::init(); // curl_global_init, once
    // SAFETY: takes nothing; libcurl is initialised.
    let easy = unsafe { sys::curl_easy_init() };
    assert!(!easy.is_null());
    let body: *mut Vec<u8> = Box::into_raw(Box::default());
    // SAFETY: the option takes text, and copies it.
    let with_url = unsafe { sys::curl_easy_setopt(easy, sys::CURLOPT_URL, url.as_ptr()) };
    // SAFETY: the option takes a long.
    let calm = unsafe { sys::curl_easy_setopt(easy, sys::CURLOPT_NOSIGNAL, c_long::from(true)) };
    let callback: extern "C" fn(*mut c_char, usize, usize, *mut c_void) -> usize = collect;
    // SAFETY: the option takes a function of this type.
    let to_us = unsafe { sys::curl_easy_setopt(easy, sys::CURLOPT_WRITEFUNCTION, callback) };
    // SAFETY: the option takes a pointer; the box is never freed.
    let to_body = unsafe { sys::curl_easy_setopt(easy, sys::CURLOPT_WRITEDATA, body) };
    let limit = c_long::try_from(LIMIT.as_millis()).expect("a short time");
    // SAFETY: the option takes a long.
    let limited = unsafe { sys::curl_easy_setopt(easy, sys::CURLOPT_CONNECTTIMEOUT_MS, limit) };
    assert!([with_url, calm, to_us, to_body, limited] == [sys::CURLE_OK; 5]);
    (easy, body)
}

fn performed((easy, body): (*mut sys::CURL, *mut Vec<u8>), bytes: usize) -> Op {
    Box::new(move || {
        let mut status: c_long = 0;
        // SAFETY: no transfer runs.
        unsafe { (*body).clear() };
        // SAFETY: the handle is live and used by this thread alone.
        let done = unsafe { sys::curl_easy_perform(easy) };
        // SAFETY: this information is a long.
        let told =
            unsafe { sys::curl_easy_getinfo(easy, sys::CURLINFO_RESPONSE_CODE, &raw mut status) };
        // SAFETY: the transfer is over.
        let body = unsafe { &*body };
        assert!(done == sys::CURLE_OK && told == sys::CURLE_OK);
        assert!(status == 200 && black_box(body).len() == bytes);
    })
}

/// A client's ordinary call: the response's headers in a map, its body in a new `Vec`.
pub fn ffence(bytes: usize) -> Op {
    clients([server::url(bytes), server::url(bytes)], bytes)
}

/// The same, and no URL is that of the request before it.
pub fn ffence_new_url(bytes: usize) -> Op {
    let other = server::url(bytes).replace(&format!("/{bytes}"), &format!("//{bytes}"));
    clients([server::url(bytes), other], bytes)
}

fn clients(mut urls: [String; 2], bytes: usize) -> Op {
    let client = Client::new().expect("a client");
    Box::new(move || {
        urls.swap(0, 1);
        let response = client.get(black_box(urls[0].as_str())).send().expect("a response");
        assert_eq!(response.status().as_u16(), 200);
        assert_eq!(response.headers().len(), 8);
        assert_eq!(black_box(response.into_body()).len(), bytes);
    })
}

/// The expert layer's handle, kept with all its options and only performed, as `raw`.
pub fn easy(bytes: usize) -> Op {
    kept(easy_with(bytes), bytes)
}

/// The same with a buffer of the size that pays for long bodies.
pub fn easy_buffered(bytes: usize) -> Op {
    let mut easy = easy_with(bytes);
    easy.set(option::BufferSize(256 * 1024)).expect("a size");
    kept(easy, bytes)
}

fn easy_with(bytes: usize) -> Easy {
    let mut easy = Easy::new().expect("a handle");
    easy.set(option::Url(server::url(bytes))).expect("a URL");
    easy.set(option::ConnectTimeoutMs(LIMIT)).expect("a limit");
    easy
}

fn kept(mut easy: Easy, bytes: usize) -> Op {
    let mut body = Vec::new();
    Box::new(move || {
        body.clear();
        let done = easy.perform_into(&mut body).expect("performed");
        assert_eq!(done.response_code(), Some(200));
        assert_eq!(black_box(&body).len(), bytes);
    })
}

struct Collect(Vec<u8>);

impl Handler for Collect {
    fn write(&mut self, data: &[u8]) -> Result<usize, WriteError> {
        self.0.extend_from_slice(data);
        Ok(data.len())
    }
}

pub fn curl(bytes: usize) -> Op {
    let mut easy = Easy2::new(Collect(Vec::new()));
    easy.url(&server::url(bytes)).expect("a URL");
    easy.signal(false).expect("no signals");
    easy.connect_timeout(LIMIT).expect("a limit");
    Box::new(move || {
        easy.get_mut().0.clear();
        easy.perform().expect("performed");
        assert_eq!(easy.response_code().expect("a status"), 200);
        assert_eq!(black_box(&easy.get_ref().0).len(), bytes);
    })
}
