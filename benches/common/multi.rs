//! Many GETs at a time over kept connections: each operation is one response on every handle.
//!
//! Every contender keeps its handles, adds all of them, drives until all are over, and takes them
//! out again. `poll` looks at all sockets each turn, `events` asks epoll.

use std::collections::HashMap;
use std::ffi::{CString, c_char, c_int, c_long, c_void};
use std::hint::black_box;
use std::ptr;
use std::time::Duration;

use curl::easy::{Easy2, Handler as CurlHandler, WriteError};
use curl_sys as sys;
use ffence::curl::{Callbacks, Easy, Handler, Multi, Write, option};

use super::{Op, lacking_curl, server};

const BYTES: usize = 1024;
const LONG: Duration = Duration::from_secs(10);

extern "C" fn count(_: *mut c_char, size: usize, count: usize, to: *mut c_void) -> usize {
    // SAFETY: `handles` passes a number that nothing else touches during the transfer.
    unsafe { *to.cast::<usize>() += size * count };
    size * count
}

/// Raw handles with the number of bytes that each received.
fn handles(count_of: usize) -> Vec<(*mut sys::CURL, *mut usize)> {
    let url = CString::new(server::url(BYTES)).expect("a URL");
    curl::init(); // curl_global_init, once
    (0..count_of)
        .map(|_| {
            // SAFETY: libcurl is initialised.
            let easy = unsafe { sys::curl_easy_init() };
            let received: *mut usize = Box::into_raw(Box::default());
            let callback: extern "C" fn(*mut c_char, usize, usize, *mut c_void) -> usize = count;
            // SAFETY: the option takes text, and copies it.
            let with_url = unsafe { sys::curl_easy_setopt(easy, sys::CURLOPT_URL, url.as_ptr()) };
            // SAFETY: the option takes a long.
            let calm =
                unsafe { sys::curl_easy_setopt(easy, sys::CURLOPT_NOSIGNAL, c_long::from(true)) };
            // SAFETY: the option takes a function of this type.
            let to_us =
                unsafe { sys::curl_easy_setopt(easy, sys::CURLOPT_WRITEFUNCTION, callback) };
            // SAFETY: the option takes a pointer; the box is never freed.
            let to_place = unsafe { sys::curl_easy_setopt(easy, sys::CURLOPT_WRITEDATA, received) };
            // SAFETY: the option takes a pointer.
            let known = unsafe { sys::curl_easy_setopt(easy, sys::CURLOPT_PRIVATE, received) };
            assert_eq!([with_url, calm, to_us, to_place, known], [sys::CURLE_OK; 5]);
            (easy, received)
        })
        .collect()
}

/// Adds all handles.
fn add(multi: *mut sys::CURLM, handles: &[(*mut sys::CURL, *mut usize)]) {
    for (easy, received) in handles {
        // SAFETY: the box is never freed, and no transfer runs.
        unsafe { **received = 0 };
        // SAFETY: both are live, and the handle is in no multi.
        assert_eq!(unsafe { sys::curl_multi_add_handle(multi, *easy) }, sys::CURLM_OK);
    }
}

/// Takes out what is over; answers how many handles that was.
fn take(multi: *mut sys::CURLM) -> usize {
    let mut taken = 0;
    loop {
        let mut left = 0;
        // SAFETY: the multi is live.
        let message = unsafe { lacking_curl::curl_multi_info_read(multi, &raw mut left) };
        if message.is_null() {
            return taken;
        }
        // SAFETY: valid until the next call.
        let message = unsafe { *message };
        // SAFETY: of this kind of message, the code is what is set.
        assert_eq!(unsafe { message.data.result }, sys::CURLE_OK);
        let mut received: *mut usize = ptr::null_mut();
        // SAFETY: this information is a pointer.
        let told = unsafe {
            sys::curl_easy_getinfo(message.easy_handle, sys::CURLINFO_PRIVATE, &raw mut received)
        };
        // SAFETY: the pointer that was set, whose box is never freed.
        assert!(told == sys::CURLE_OK && unsafe { *received } == BYTES);
        // SAFETY: the handle is in this multi.
        let out = unsafe { sys::curl_multi_remove_handle(multi, message.easy_handle) };
        assert_eq!(out, sys::CURLM_OK);
        taken += 1;
    }
}

pub fn raw_poll(handles_count: usize) -> Op {
    let handles = handles(handles_count);
    // SAFETY: libcurl is initialised.
    let multi = unsafe { sys::curl_multi_init() };
    Box::new(move || {
        add(multi, &handles);
        let mut taken = 0;
        while taken < handles.len() {
            let mut running = 0;
            // SAFETY: the multi and its handles are live.
            let code = unsafe { sys::curl_multi_perform(multi, &raw mut running) };
            assert_eq!(code, sys::CURLM_OK);
            taken += take(multi);
            if running > 0 {
                let none = ptr::null_mut();
                let long = c_int::try_from(LONG.as_millis()).expect("a short time");
                // SAFETY: the multi is live; no descriptors are passed.
                let code =
                    unsafe { lacking_curl::curl_multi_poll(multi, none, 0, long, ptr::null_mut()) };
                assert_eq!(code, sys::CURLM_OK);
            }
        }
        black_box(&handles);
    })
}

/// What the raw callbacks keep: as an application in C would.
struct Loop {
    epoll: c_int,
    /// Milliseconds; below 0 for none.
    timeout: c_long,
}

extern "C" fn on_socket(
    _: *mut sys::CURL,
    socket: sys::curl_socket_t,
    what: c_int,
    data: *mut c_void,
    known: *mut c_void,
) -> c_int {
    // SAFETY: `raw_events` passes a `Loop`.
    let of = unsafe { &*data.cast::<(Loop, *mut sys::CURLM)>() };
    let events = match what {
        sys::CURL_POLL_IN => libc::EPOLLIN,
        sys::CURL_POLL_OUT => libc::EPOLLOUT,
        sys::CURL_POLL_INOUT => libc::EPOLLIN | libc::EPOLLOUT,
        _ => 0,
    };
    let mut event = libc::epoll_event {
        events: u32::from_ne_bytes(events.to_ne_bytes()),
        u64: u64::try_from(socket).expect("a socket"),
    };
    let action = if events == 0 {
        libc::EPOLL_CTL_DEL
    } else if known.is_null() {
        libc::EPOLL_CTL_ADD
    } else {
        libc::EPOLL_CTL_MOD
    };
    // SAFETY: both descriptors are open.
    unsafe { libc::epoll_ctl(of.0.epoll, action, socket, &raw mut event) };
    if known.is_null() {
        // SAFETY: any pointer but NULL will do.
        unsafe { sys::curl_multi_assign(of.1, socket, data) };
    }
    0
}

extern "C" fn on_timer(_: *mut sys::CURLM, timeout: c_long, data: *mut c_void) -> c_int {
    // SAFETY: `raw_events` passes a `Loop`.
    unsafe { (*data.cast::<(Loop, *mut sys::CURLM)>()).0.timeout = timeout };
    0
}

#[cfg(target_os = "linux")]
pub fn raw_events(handles_count: usize) -> Op {
    let handles = handles(handles_count);
    // SAFETY: libcurl is initialised.
    let multi = unsafe { sys::curl_multi_init() };
    // SAFETY: takes a flag.
    let epoll = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
    let data = Box::into_raw(Box::new((Loop { epoll, timeout: -1 }, multi)));
    let socket: sys::curl_socket_callback = on_socket;
    let timer: sys::curl_multi_timer_callback = on_timer;
    // SAFETY: the option takes a pointer; the box is never freed.
    let a = unsafe { sys::curl_multi_setopt(multi, sys::CURLMOPT_SOCKETDATA, data) };
    // SAFETY: as above.
    let b = unsafe { sys::curl_multi_setopt(multi, sys::CURLMOPT_TIMERDATA, data) };
    // SAFETY: the option takes a function of this type.
    let c = unsafe { sys::curl_multi_setopt(multi, sys::CURLMOPT_SOCKETFUNCTION, socket) };
    // SAFETY: the option takes a function of this type.
    let d = unsafe { sys::curl_multi_setopt(multi, sys::CURLMOPT_TIMERFUNCTION, timer) };
    assert_eq!([a, b, c, d], [sys::CURLM_OK; 4]);
    Box::new(move || {
        add(multi, &handles);
        let mut taken = 0;
        let mut ready = [libc::epoll_event { events: 0, u64: 0 }; 128];
        while taken < handles.len() {
            // SAFETY: the box is never freed.
            let timeout = unsafe { (*data).0.timeout };
            let timeout = c_int::try_from(timeout).unwrap_or(-1);
            // SAFETY: so many events are writable.
            let count = unsafe { libc::epoll_wait(epoll, ready.as_mut_ptr(), 128, timeout) };
            let ready = &ready[..usize::try_from(count).expect("waited")];
            let mut running = 0;
            for event in ready {
                let (mut action, events) = (0, i32::from_ne_bytes({ event.events }.to_ne_bytes()));
                if events & (libc::EPOLLIN | libc::EPOLLHUP | libc::EPOLLERR) != 0 {
                    action |= sys::CURL_CSELECT_IN;
                }
                if events & libc::EPOLLOUT != 0 {
                    action |= sys::CURL_CSELECT_OUT;
                }
                let socket = c_int::try_from(event.u64).expect("a socket");
                // SAFETY: the multi and its handles are live.
                let code = unsafe {
                    sys::curl_multi_socket_action(multi, socket, action, &raw mut running)
                };
                assert_eq!(code, sys::CURLM_OK);
            }
            if ready.is_empty() {
                // SAFETY: as above.
                let code = unsafe {
                    sys::curl_multi_socket_action(multi, sys::CURL_SOCKET_BAD, 0, &raw mut running)
                };
                assert_eq!(code, sys::CURLM_OK);
            }
            taken += take(multi);
        }
        black_box(&handles);
    })
}

#[derive(Default)]
struct Count(usize);

impl Handler for Count {
    const CALLBACKS: Callbacks = Callbacks::WRITE;

    fn write(&mut self, bytes: &[u8]) -> Write {
        self.0 += bytes.len();
        Write::Taken
    }
}

fn ffence(handles: usize, mut multi: Multi<Count>) -> Op {
    let url = server::url(BYTES);
    let mut idle: Vec<_> = (0..handles)
        .map(|_| {
            let mut easy = Easy::with(Count::default()).expect("a handle");
            easy.set(option::Url(&url)).expect("a URL");
            easy
        })
        .collect();
    Box::new(move || {
        for mut easy in idle.drain(..) {
            easy.handler_mut().0 = 0;
            multi.add(easy).expect("added");
        }
        while idle.len() < handles {
            let running = multi.perform().expect("performed");
            while let Some(done) = multi.next_done() {
                done.result.expect("a response");
                let easy = multi.remove(done.id).expect("the handle");
                assert_eq!(black_box(easy.handler().0), BYTES);
                idle.push(easy);
            }
            if running > 0 {
                multi.poll(LONG).expect("polled");
            }
        }
    })
}

pub fn ffence_poll(handles: usize) -> Op {
    ffence(handles, Multi::new().expect("a multi"))
}

#[cfg(target_os = "linux")]
pub fn ffence_events(handles: usize) -> Op {
    ffence(handles, Multi::event_driven().expect("a multi"))
}

impl CurlHandler for Count {
    fn write(&mut self, data: &[u8]) -> Result<usize, WriteError> {
        self.0 += data.len();
        Ok(data.len())
    }
}

pub fn curl(handles: usize) -> Op {
    let url = server::url(BYTES);
    let multi = curl::multi::Multi::new();
    let mut idle: Vec<_> = (0..handles)
        .map(|_| {
            let mut easy = Easy2::new(Count::default());
            easy.url(&url).expect("a URL");
            easy.signal(false).expect("no signals");
            easy
        })
        .collect();
    Box::new(move || {
        let mut busy = HashMap::with_capacity(handles);
        for (token, mut easy) in idle.drain(..).enumerate() {
            easy.get_mut().0 = 0;
            let mut handle = multi.add2(easy).expect("added");
            handle.set_token(token).expect("a token");
            busy.insert(token, handle);
        }
        while !busy.is_empty() {
            let running = multi.perform().expect("performed");
            let mut done = Vec::new();
            multi.messages(|message| {
                message.result().expect("over").expect("a response");
                done.push(message.token().expect("a token"));
            });
            for token in done {
                let easy = multi.remove2(busy.remove(&token).expect("busy")).expect("taken out");
                assert_eq!(black_box(easy.get_ref().0), BYTES);
                idle.push(easy);
            }
            if running > 0 {
                multi.wait(&mut [], LONG).expect("waited");
            }
        }
    })
}
