//! libcurl as a program in C would use it.

use std::ffi::{CString, c_char, c_int, c_long, c_void};
use std::ptr;

use curl_sys as sys;

use crate::case::{Case, LARGE, SMALL, Task, many, repeat};
use crate::sockets::{Sockets, Wish};
use crate::system;

/// What the callbacks of a handle count.
#[derive(Default)]
struct Count {
    received: usize,
    to_send: usize,
}

extern "C" fn receive(_: *mut c_char, size: usize, count: usize, to: *mut c_void) -> usize {
    // SAFETY: `handle` passes a `Count` that nothing else touches during the transfer.
    unsafe { (*to.cast::<Count>()).received += size * count };
    size * count
}

extern "C" fn give(out: *mut c_char, size: usize, count: usize, of: *mut c_void) -> usize {
    // SAFETY: as above.
    let count_of = unsafe { &mut *of.cast::<Count>() };
    let len = count_of.to_send.min(size * count);
    // SAFETY: CURLOPT_READFUNCTION(3): so many bytes are writable.
    unsafe { ptr::write_bytes(out.cast::<u8>(), b'x', len) };
    count_of.to_send -= len;
    len
}

extern "C" fn ignore(_: *mut c_char, size: usize, count: usize, _: *mut c_void) -> usize {
    size * count
}

fn text(text: &str) -> CString {
    CString::new(text).expect("no zero byte")
}

macro_rules! set {
    ($easy:expr, $($option:ident = $value:expr),+ $(,)?) => {
        $(
            // SAFETY: the handle is live and idle, and the option takes a value of this type.
            let code = unsafe { sys::curl_easy_setopt($easy, sys::$option, $value) };
            assert_eq!(code, sys::CURLE_OK, stringify!($option));
        )+
    };
}

/// `CURLOPT_SSL_SESSIONID_CACHE` and others that curl-sys has no name for here.
const PIPEWAIT: sys::CURLoption = 237;

fn handle(case: &Case) -> (*mut sys::CURL, *mut Count) {
    curl::init(); // curl_global_init, once
    // SAFETY: libcurl is initialised.
    let easy = unsafe { sys::curl_easy_init() };
    assert!(!easy.is_null());
    let count: *mut Count = Box::into_raw(Box::default());
    let receive: extern "C" fn(*mut c_char, usize, usize, *mut c_void) -> usize = receive;
    let url = text(&case.url());
    set!(
        easy,
        CURLOPT_URL = url.as_ptr(),
        CURLOPT_NOSIGNAL = c_long::from(true),
        CURLOPT_WRITEFUNCTION = receive,
        CURLOPT_WRITEDATA = count,
        CURLOPT_PRIVATE = count,
        CURLOPT_CONNECTTIMEOUT_MS = 30_000 as c_long,
    );
    if case.base.starts_with("https") {
        let authority = text(&case.authority);
        // Without a directory libcurl keeps the store that it has read.
        let none: *const c_char = ptr::null();
        set!(easy, CURLOPT_CAINFO = authority.as_ptr(), CURLOPT_CAPATH = none);
    }
    (easy, count)
}

pub fn one(case: &Case) {
    let (easy, count) = handle(case);
    let body = text(&"y".repeat(SMALL));
    match case.task {
        Task::Post => {
            let kind = text("Content-Type: application/json");
            // SAFETY: a list of one, and libcurl copies the text.
            let headers = unsafe { sys::curl_slist_append(ptr::null_mut(), kind.as_ptr()) };
            set!(
                easy,
                CURLOPT_POSTFIELDSIZE = SMALL as c_long,
                CURLOPT_POSTFIELDS = body.as_ptr(),
                CURLOPT_HTTPHEADER = headers,
            );
        }
        Task::Upload => {
            let give: extern "C" fn(*mut c_char, usize, usize, *mut c_void) -> usize = give;
            let (expect, method) = (text("Expect:"), text("POST"));
            // SAFETY: as above.
            let headers = unsafe { sys::curl_slist_append(ptr::null_mut(), expect.as_ptr()) };
            set!(
                easy,
                CURLOPT_UPLOAD = c_long::from(true),
                CURLOPT_CUSTOMREQUEST = method.as_ptr(),
                CURLOPT_READFUNCTION = give,
                CURLOPT_READDATA = count,
                CURLOPT_INFILESIZE_LARGE = LARGE as sys::curl_off_t,
                CURLOPT_HTTPHEADER = headers,
            );
        }
        _ => {
            let ignore: extern "C" fn(*mut c_char, usize, usize, *mut c_void) -> usize = ignore;
            set!(easy, CURLOPT_HEADERFUNCTION = ignore);
        }
    }
    repeat(case, || {
        // SAFETY: no transfer runs.
        unsafe { *count = Count { received: 0, to_send: LARGE } };
        // SAFETY: the handle is live and used by this thread alone.
        assert_eq!(unsafe { sys::curl_easy_perform(easy) }, sys::CURLE_OK);
        let mut status: c_long = 0;
        // SAFETY: this information is a long.
        unsafe { sys::curl_easy_getinfo(easy, sys::CURLINFO_RESPONSE_CODE, &raw mut status) };
        // SAFETY: the transfer is over.
        let received = unsafe { (*count).received };
        assert!(status == 200 && received == expected(case.task));
    });
}

/// How much comes back.
pub fn expected(task: Task) -> usize {
    match task {
        Task::Download => LARGE,
        Task::Upload => LARGE.to_string().len(),
        _ => SMALL,
    }
}

struct Engine {
    multi: *mut sys::CURLM,
    sockets: Sockets,
}

extern "C" fn on_socket(
    _: *mut sys::CURL,
    socket: sys::curl_socket_t,
    what: c_int,
    engine: *mut c_void,
    _: *mut c_void,
) -> c_int {
    // SAFETY: `Engine::new` passes one that is never freed, and nothing borrows it meanwhile.
    let engine = unsafe { &mut *engine.cast::<Engine>() };
    engine.sockets.want(
        socket,
        Wish {
            input: what == sys::CURL_POLL_IN || what == sys::CURL_POLL_INOUT,
            output: what == sys::CURL_POLL_OUT || what == sys::CURL_POLL_INOUT,
        },
    );
    0
}

extern "C" fn on_timer(_: *mut sys::CURLM, timeout: c_long, engine: *mut c_void) -> c_int {
    // SAFETY: as above.
    unsafe { (*engine.cast::<Engine>()).sockets.set_timer(u64::try_from(timeout).ok()) };
    0
}

impl Engine {
    fn new(case: &Case) -> *mut Self {
        curl::init();
        // SAFETY: libcurl is initialised.
        let multi = unsafe { sys::curl_multi_init() };
        let this = Box::into_raw(Box::new(Self { multi, sockets: Sockets::new() }));
        let socket: sys::curl_socket_callback = on_socket;
        let timer: sys::curl_multi_timer_callback = on_timer;
        let most = c_long::try_from(case.at_once).expect("a small number");
        // SAFETY: the options take a pointer, which is never freed, functions of these types, and a long.
        let codes = unsafe {
            [
                sys::curl_multi_setopt(multi, sys::CURLMOPT_SOCKETDATA, this),
                sys::curl_multi_setopt(multi, sys::CURLMOPT_TIMERDATA, this),
                sys::curl_multi_setopt(multi, sys::CURLMOPT_SOCKETFUNCTION, socket),
                sys::curl_multi_setopt(multi, sys::CURLMOPT_TIMERFUNCTION, timer),
                sys::curl_multi_setopt(multi, sys::CURLMOPT_MAXCONNECTS, most),
            ]
        };
        assert_eq!(codes, [sys::CURLM_OK; 5]);
        this
    }
}

/// The socket API on epoll; handles are kept and used again at once.
pub fn all(case: &Case) {
    system::allow_descriptors();
    let engine = Engine::new(case);
    // SAFETY: it is never freed.
    let multi = unsafe { (*engine).multi };
    let handles: Vec<_> = (0..case.at_once).map(|_| handle(case)).collect();
    for (easy, _) in &handles {
        if case.task == Task::Many2 {
            set!(*easy, CURLOPT_HTTP_VERSION = 4 as c_long,);
            // SAFETY: the option takes a long.
            let code = unsafe { sys::curl_easy_setopt(*easy, PIPEWAIT, c_long::from(true)) };
            assert_eq!(code, sys::CURLE_OK);
        }
    }
    many(case, |url, each| {
        let url = text(url);
        for (easy, count) in &handles {
            set!(*easy, CURLOPT_URL = url.as_ptr());
            // SAFETY: no transfer runs; the handle is in no multi.
            unsafe { **count = Count { received: 0, to_send: each } };
            // SAFETY: as above.
            assert_eq!(unsafe { sys::curl_multi_add_handle(multi, *easy) }, sys::CURLM_OK);
        }
        let mut left = handles.len();
        act(multi, sys::CURL_SOCKET_BAD, 0);
        while left > 0 {
            // SAFETY: libcurl does not run.
            let due = unsafe { (*engine).sockets.wait() };
            // SAFETY: as above.
            while let Some((socket, wish)) = unsafe { (*engine).sockets.next() } {
                let mut action = 0;
                if wish.input {
                    action |= sys::CURL_CSELECT_IN;
                }
                if wish.output {
                    action |= sys::CURL_CSELECT_OUT;
                }
                act(multi, socket, action);
            }
            if due {
                act(multi, sys::CURL_SOCKET_BAD, 0);
            }
            left -= take(multi);
        }
    });
}

fn act(multi: *mut sys::CURLM, socket: sys::curl_socket_t, action: c_int) {
    let mut running = 0;
    // SAFETY: the multi and its handles are live.
    let code = unsafe { sys::curl_multi_socket_action(multi, socket, action, &raw mut running) };
    assert_eq!(code, sys::CURLM_OK);
}

/// Takes out what is over, and begins it again unless it was the last; answers how many were.
fn take(multi: *mut sys::CURLM) -> usize {
    let mut over = 0;
    loop {
        let mut left = 0;
        // SAFETY: the multi is live.
        let message = unsafe { sys::curl_multi_info_read(multi, &raw mut left) };
        if message.is_null() {
            return over;
        }
        // SAFETY: valid until the next call.
        let (easy, data) = unsafe { ((*message).easy_handle, (*message).data) };
        // The union's code is in the lower half.
        assert_eq!(data as usize & 0xFFFF_FFFF, 0, "CURLE_OK");
        let mut count: *mut Count = ptr::null_mut();
        // SAFETY: this information is a pointer, the one that was set, whose box is never freed.
        let count = unsafe {
            sys::curl_easy_getinfo(easy, sys::CURLINFO_PRIVATE, &raw mut count);
            &mut *count
        };
        assert_eq!(std::mem::take(&mut count.received), SMALL);
        // SAFETY: the handle is in this multi.
        assert_eq!(unsafe { sys::curl_multi_remove_handle(multi, easy) }, sys::CURLM_OK);
        count.to_send -= 1;
        if count.to_send == 0 {
            over += 1;
        } else {
            // SAFETY: the handle is in no multi now.
            assert_eq!(unsafe { sys::curl_multi_add_handle(multi, easy) }, sys::CURLM_OK);
        }
    }
}
