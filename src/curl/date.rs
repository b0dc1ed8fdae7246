//! Dates as peers write them, by libcurl.

#![allow(unsafe_code)]

use std::ffi::CString;
use std::ptr;
use std::time::{Duration, SystemTime};

use crate::ffi::curl as ffi;

/// The time that `text` names: a date of HTTP (RFC 9110 section 5.6.7) in any of its three forms, or
/// nearly one, as in cookies (RFC 6265 section 5.1.1). `None` when it is none, or before 1970.
pub(crate) fn date(text: &str) -> Option<SystemTime> {
    let text = CString::new(text).ok()?;
    // SAFETY: curl_getdate(3) reads text that ends with a NUL byte; its second argument is not used.
    let seconds = unsafe { ffi::curl_getdate(text.as_ptr(), ptr::null()) };
    let seconds = u64::try_from(seconds).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

/// A time as libcurl's files have it, and [`date`] reads it: `YYYYMMDD HH:MM:SS` in UTC.
pub(crate) fn calendar(time: SystemTime) -> String {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let (mut days, rest) = (seconds / 86_400, seconds % 86_400);
    let is_leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let mut year = 1970;
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let february = 28 + u64::from(is_leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}{month:02}{:02} {hour:02}:{minute:02}:{second:02}", days + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_forms_of_http_and_those_of_cookies() {
        let then = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "Sun, 06-Nov-1994 08:49:37 GMT",
            "19941106 08:49:37",
        ] {
            assert_eq!(date(text), Some(then), "{text}");
        }
        for text in ["", "soon", "7 and more", "Sun, 06 Nov 1994 08:49:37 GMT\0"] {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        for text in
            ["19700101 00:00:00", "20000229 23:59:59", "20271231 12:30:01", "21000301 00:00:00"]
        {
            assert_eq!(calendar(date(text).unwrap()), text);
        }
    }
}
