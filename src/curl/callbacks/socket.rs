//! Sockets.

#![allow(unsafe_code)]
#![allow(clippy::cast_possible_wrap)] // libcurl's constants are small

use std::ffi::{c_int, c_void};
use std::mem;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::{BorrowedFd, IntoRawFd, RawFd};
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
    callback!(handle, state: CURLOPT_OPENSOCKETDATA,
        ffence_easy_setopt_opensocket(
            CURLOPT_OPENSOCKETFUNCTION, open_for_this_program::<H>));
    Ok(())
}

/// What libcurl does itself, but that the socket is closed when another program is executed, which
/// libcurl does only from 8.17 on: a child must not hold connections open, nor speak on them.
extern "C" fn open_for_this_program<H: Handler>(
    state: *mut c_void,
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
    if socket < 0 {
        return ffi::CURL_SOCKET_BAD;
    }
    // SAFETY: the invariant of `Transfer`; nothing else uses the state while a callback runs.
    let State { calls, .. } = unsafe { &mut *state.cast::<State<H>>() };
    // SAFETY: as above: libcurl's address.
    let raw = unsafe { bytes_of(address) };
    calls.attempts.opened(socket, internet(family, raw));
    socket
}

/// The bytes of an address of libcurl's.
///
/// # Safety
/// It is one that `CURLOPT_OPENSOCKETFUNCTION(3)` hands over, and the bytes are used during that call.
unsafe fn bytes_of<'a>(address: *mut ffi::curl_sockaddr) -> &'a [u8] {
    // SAFETY: as the caller promises.
    let len = unsafe { (*address).addrlen };
    // SAFETY: the address is the last field, and may be longer than that field is declared.
    let raw = unsafe { ptr::addr_of!((*address).addr) };
    // SAFETY: libcurl fills `addrlen` bytes of it.
    unsafe { slice::from_raw_parts(raw.cast::<u8>(), len as usize) }
}

/// With whom a socket is connected, if it is one of the Internet.
pub(in crate::curl) fn peer_of(socket: RawFd) -> Option<SocketAddr> {
    // SAFETY: of this structure every pattern is a value, zeros among them.
    let mut storage: libc::sockaddr_storage = unsafe { mem::zeroed() };
    let size = mem::size_of_val(&storage);
    let mut len = libc::socklen_t::try_from(size).ok()?;
    let place = (&raw mut storage).cast::<libc::sockaddr>();
    // SAFETY: getpeername(2) writes at most `len` bytes there, and refuses what is not connected.
    let answer = unsafe { libc::getpeername(socket, place, &raw mut len) };
    if answer != 0 {
        return None;
    }
    // SAFETY: the structure's own bytes, all of which are written.
    let raw = unsafe { slice::from_raw_parts((&raw const storage).cast::<u8>(), size) };
    internet(storage.ss_family.into(), raw.get(..len as usize)?)
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
    let (family, kind, protocol) = unsafe {
        let address = &*address;
        (address.family, address.socktype, address.protocol)
    };
    // SAFETY: as above.
    let raw = unsafe { bytes_of(address) };
    let address = Address {
        purpose: purpose(of),
        family,
        kind,
        protocol,
        internet: internet(family, raw),
        raw,
    };
    let internet = address.internet;
    match guard(&mut calls.slot, None, || handler.open_socket(&address)) {
        None => ffi::CURL_SOCKET_BAD,
        Some(socket) => {
            let socket = socket.into_raw_fd();
            calls.attempts.opened(socket, internet);
            socket
        }
    }
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
