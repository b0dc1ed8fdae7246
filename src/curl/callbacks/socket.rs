//! Sockets.

#![allow(unsafe_code)]
#![allow(clippy::cast_possible_wrap)] // libcurl's constants are small

use std::ffi::{c_int, c_void};
use std::mem;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::{BorrowedFd, IntoRawFd};
use std::ptr;
use std::slice;

use crate::curl::handle::{Handle, answered};
use crate::curl::handler::{Address, Callbacks, Handler, Purpose, Socket};
use crate::curl::state::State;
use crate::error::Result;
use crate::ffi::curl as ffi;
use crate::unwind::guard;

pub(super) fn register<H: Handler>(handle: &mut Handle, state: *mut c_void) -> Result<()> {
    if H::CALLBACKS.contains(Callbacks::SOCKET) {
        callback!(handle, state: CURLOPT_SOCKOPTDATA,
            ffence_easy_setopt_sockopt(CURLOPT_SOCKOPTFUNCTION, Some(on_socket::<H>)));
    }
    if H::CALLBACKS.contains(Callbacks::OPEN_SOCKET) {
        callback!(handle, state: CURLOPT_OPENSOCKETDATA,
            ffence_easy_setopt_opensocket(CURLOPT_OPENSOCKETFUNCTION, on_open_socket::<H>));
        return Ok(());
    }
    // SAFETY: the callback is the one that CURLOPT_OPENSOCKETFUNCTION(3) describes, and does not look
    // at its data.
    let code = unsafe {
        ffi::ffence_easy_setopt_opensocket(
            handle.as_ptr(),
            ffi::CURLOPT_OPENSOCKETFUNCTION,
            open_for_this_program,
        )
    };
    answered("CURLOPT_OPENSOCKETFUNCTION", code)
}

/// What libcurl does itself, but that the socket is closed when another program is executed, which
/// libcurl does only from 8.17 on: a child must not hold connections open, nor speak on them.
extern "C" fn open_for_this_program(
    _: *mut c_void,
    _: ffi::curlsocktype,
    address: *mut ffi::curl_sockaddr,
) -> ffi::curl_socket_t {
    // SAFETY: CURLOPT_OPENSOCKETFUNCTION(3): an address, for the time of the call.
    let (family, kind, protocol) = unsafe {
        let address = &*address;
        (address.family, address.socktype, address.protocol)
    };
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    // SAFETY: socket(2) takes any numbers.
    let socket = unsafe { libc::socket(family, kind | libc::SOCK_CLOEXEC, protocol) };
    #[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
    let socket = {
        // SAFETY: as above.
        let socket = unsafe { libc::socket(family, kind, protocol) };
        if socket >= 0 {
            // SAFETY: the descriptor was just made. A refusal leaves what libcurl would have.
            unsafe { libc::fcntl(socket, libc::F_SETFD, libc::FD_CLOEXEC) };
        }
        socket
    };
    if socket < 0 { ffi::CURL_SOCKET_BAD } else { socket }
}

fn purpose(purpose: ffi::curlsocktype) -> Purpose {
    match purpose {
        ffi::CURLSOCKTYPE_ACCEPT => Purpose::Accepted,
        _ => Purpose::Connection,
    }
}

/// `CURLOPT_SOCKOPTFUNCTION`
extern "C" fn on_socket<H: Handler>(
    state: *mut c_void,
    socket: ffi::curl_socket_t,
    of: ffi::curlsocktype,
) -> c_int {
    // SAFETY: the invariant of `Transfer`; nothing else uses the state while a callback runs.
    let State { calls, handler } = unsafe { &mut *state.cast::<State<H>>() };
    // SAFETY: CURLOPT_SOCKOPTFUNCTION(3): an open socket of libcurl's.
    let socket = unsafe { BorrowedFd::borrow_raw(socket) };
    let answer = guard(&mut calls.slot, Socket::Stop, || handler.socket(socket, purpose(of)));
    let answer = match answer {
        Socket::Connect => ffi::CURL_SOCKOPT_OK,
        Socket::Connected => ffi::CURL_SOCKOPT_ALREADY_CONNECTED,
        Socket::Stop => ffi::CURL_SOCKOPT_ERROR,
    };
    answer as c_int
}

/// `CURLOPT_OPENSOCKETFUNCTION`: the descriptor is libcurl's from then on.
extern "C" fn on_open_socket<H: Handler>(
    state: *mut c_void,
    of: ffi::curlsocktype,
    address: *mut ffi::curl_sockaddr,
) -> ffi::curl_socket_t {
    // SAFETY: the invariant of `Transfer`; nothing else uses the state while a callback runs.
    let State { calls, handler } = unsafe { &mut *state.cast::<State<H>>() };
    // SAFETY: CURLOPT_OPENSOCKETFUNCTION(3): an address, for the time of the call.
    let (family, kind, protocol, len) = unsafe {
        let address = &*address;
        (address.family, address.socktype, address.protocol, address.addrlen)
    };
    // SAFETY: the address is the last field, and may be longer than that field is declared.
    let raw = unsafe { ptr::addr_of!((*address).addr) };
    // SAFETY: libcurl fills `addrlen` bytes of it.
    let raw = unsafe { slice::from_raw_parts(raw.cast::<u8>(), len as usize) };
    let address = Address {
        purpose: purpose(of),
        family,
        kind,
        protocol,
        internet: internet(family, raw),
        raw,
    };
    let socket = guard(&mut calls.slot, None, || handler.open_socket(&address));
    socket.map_or(ffi::CURL_SOCKET_BAD, IntoRawFd::into_raw_fd)
}

/// The address, where it is one of the Internet.
fn internet(family: c_int, raw: &[u8]) -> Option<SocketAddr> {
    match family {
        libc::AF_INET if raw.len() >= mem::size_of::<libc::sockaddr_in>() => {
            // SAFETY: as many bytes as the structure has, of which every pattern is a value.
            let of = unsafe { ptr::read_unaligned(raw.as_ptr().cast::<libc::sockaddr_in>()) };
            let ip = Ipv4Addr::from(u32::from_be(of.sin_addr.s_addr));
            Some(SocketAddr::V4(SocketAddrV4::new(ip, u16::from_be(of.sin_port))))
        }
        libc::AF_INET6 if raw.len() >= mem::size_of::<libc::sockaddr_in6>() => {
            // SAFETY: as above.
            let of = unsafe { ptr::read_unaligned(raw.as_ptr().cast::<libc::sockaddr_in6>()) };
            Some(SocketAddr::V6(SocketAddrV6::new(
                Ipv6Addr::from(of.sin6_addr.s6_addr),
                u16::from_be(of.sin6_port),
                of.sin6_flowinfo,
                of.sin6_scope_id,
            )))
        }
        _ => None,
    }
}
