//! What an answer of libcurl's becomes. `None` is an answer that the linked libcurl does not have.

use std::ffi::{CStr, c_long};
use std::time::Duration;

use crate::curl::option::value::{Auth, HttpVersion};
use crate::ffi::curl::curl_off_t;

pub(super) fn text(answer: Option<&CStr>) -> Option<&CStr> {
    answer
}

pub(super) fn number(answer: Option<c_long>) -> u32 {
    answer.and_then(|number| u32::try_from(number).ok()).unwrap_or_default()
}

pub(super) fn port(answer: Option<c_long>) -> u16 {
    answer.and_then(|number| u16::try_from(number).ok()).unwrap_or_default()
}

pub(super) fn signed(answer: Option<c_long>) -> i32 {
    answer.and_then(|number| i32::try_from(number).ok()).unwrap_or_default()
}

pub(super) fn wide(answer: Option<c_long>) -> i64 {
    #[allow(clippy::useless_conversion)] // a long has 32 bits on some systems
    answer.map_or(0, i64::from)
}

pub(super) fn size(answer: Option<c_long>) -> u64 {
    answer.and_then(|number| u64::try_from(number).ok()).unwrap_or_default()
}

pub(super) fn status(answer: Option<c_long>) -> Option<u16> {
    u16::try_from(answer?).ok().filter(|status| *status != 0)
}

pub(super) fn flag(answer: Option<c_long>) -> bool {
    answer.is_some_and(|number| number != 0)
}

pub(super) fn new_flag(answer: Option<c_long>) -> Option<bool> {
    answer.map(|number| number != 0)
}

pub(super) fn auth(answer: Option<c_long>) -> Auth {
    answer.map_or(Auth::NONE, Auth::of)
}

pub(super) fn new_auth(answer: Option<c_long>) -> Option<Auth> {
    answer.map(Auth::of)
}

pub(super) fn version(answer: Option<c_long>) -> Option<HttpVersion> {
    Some(match answer? {
        1 => HttpVersion::Http10,
        2 => HttpVersion::Http11,
        3 => HttpVersion::Http2,
        30 => HttpVersion::Http3,
        _ => return None,
    })
}

pub(super) fn time(answer: Option<curl_off_t>) -> Duration {
    new_time(answer).unwrap_or_default()
}

pub(super) fn new_time(answer: Option<curl_off_t>) -> Option<Duration> {
    new_count(answer).map(Duration::from_micros)
}

pub(super) fn count(answer: Option<curl_off_t>) -> u64 {
    new_count(answer).unwrap_or_default()
}

pub(super) fn new_count(answer: Option<curl_off_t>) -> Option<u64> {
    u64::try_from(answer?).ok()
}

/// -1 is "unknown".
pub(super) fn known(answer: Option<curl_off_t>) -> Option<u64> {
    new_count(answer)
}

pub(super) fn new_signed(answer: Option<curl_off_t>) -> Option<i64> {
    answer
}

/// -1 is "unknown".
pub(super) fn date(answer: Option<curl_off_t>) -> Option<i64> {
    answer.filter(|seconds| *seconds != -1)
}

/// 0 is "none".
pub(super) fn delay(answer: Option<curl_off_t>) -> Option<Duration> {
    new_count(answer).filter(|seconds| *seconds != 0).map(Duration::from_secs)
}
