//! The headers that came, each with where it came from.

#![allow(unsafe_code)]

use std::ffi::{CStr, c_int};
use std::fmt;
use std::ops::BitOr;
use std::ptr;

use super::Info;
use crate::cstr::{copied, lend};
use crate::curl::handle::Handle;
use crate::curl::newer::{self, NextHeader};
use crate::error::Result;
use crate::error::libcurl::header_refused;
use crate::ffi::curl as ffi;

impl<'a> Info<'a> {
    /// The headers of the last transfer: of all its requests and responses, as libcurl took them
    /// apart.
    ///
    /// [`curl_easy_nextheader`](https://curl.se/libcurl/c/curl_easy_nextheader.html)
    ///
    /// # Errors
    /// [`Unsupported`](crate::ErrorKind::Unsupported) before libcurl 7.83, and where it was built without.
    ///
    /// They do not outlive the next transfer:
    /// ```compile_fail,E0499
    /// # fn f(mut easy: ffence::curl::Easy) -> ffence::Result<()> {
    /// let server = easy.perform()?.headers()?.get("server")?;
    /// easy.perform()?; // cannot borrow `easy` as mutable more than once at a time
    /// println!("{server:?}");
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "curl_easy_header")]
    pub fn headers(self) -> Result<Headers<'a>> {
        newer::header()?;
        let next = newer::next_header()?;
        let headers = Headers { handle: self.handle, next, origin: Origin::ANY, request: LAST };
        // A library that was built without answers so to any question.
        headers.get("x")?;
        Ok(Headers { origin: Origin::RESPONSE, ..headers })
    }
}

/// `curl_easy_header(3)`: the last request.
const LAST: c_int = -1;

/// Headers of a transfer: those of the last response, unless [`origin`](Headers::origin) or
/// [`request`](Headers::request) asks for others.
///
/// ```
/// # let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
/// # let url = format!("http://{}", server.local_addr().unwrap());
/// # let serving = std::thread::spawn(move || {
/// #     use std::io::{Read, Write};
/// #     let (mut peer, _) = server.accept().unwrap();
/// #     let _ = peer.read(&mut [0; 4096]);
/// #     let text = "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nContent-Length: 0\r\n\r\n";
/// #     peer.write_all(text.as_bytes()).unwrap();
/// # });
/// # if ffence::capabilities()?.libcurl().number() < ffence::capabilities::Version::new(7, 83, 0) {
/// #     return Ok(());
/// # }
/// use ffence::curl::{Easy, option};
///
/// let mut easy = Easy::new()?;
/// # easy.set(option::NoProxy("*"))?;
/// easy.set(option::Url(&url))?;
/// let done = easy.perform()?;
/// let headers = done.headers()?;
/// let cookies: Vec<_> = headers.all("Set-Cookie").filter_map(|it| it.text()).collect();
/// assert_eq!(cookies, ["a=1", "b=2"]);
/// for header in headers {
///     println!("{header:?}");
/// }
/// # serving.join().unwrap();
/// # Ok::<(), ffence::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Headers<'a> {
    handle: &'a Handle,
    next: NextHeader,
    origin: Origin,
    request: c_int,
}

/// Where a header came from; `|` joins origins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin(u32);

impl Origin {
    /// The response.
    #[doc(alias = "CURLH_HEADER")]
    pub const RESPONSE: Self = Self(ffi::CURLH_HEADER);
    /// What came behind the response's body.
    #[doc(alias = "CURLH_TRAILER")]
    pub const TRAILER: Self = Self(ffi::CURLH_TRAILER);
    /// The proxy's answer to `CONNECT`.
    #[doc(alias = "CURLH_CONNECT")]
    pub const CONNECT: Self = Self(ffi::CURLH_CONNECT);
    /// Responses before the response, such as `103 Early Hints`.
    #[doc(alias = "CURLH_1XX")]
    pub const INTERIM: Self = Self(ffi::CURLH_1XX);
    /// What HTTP/2 and later send in place of the status line, such as `:status`.
    #[doc(alias = "CURLH_PSEUDO")]
    pub const PSEUDO: Self = Self(ffi::CURLH_PSEUDO);
    /// All of them.
    pub const ANY: Self = Self(
        ffi::CURLH_HEADER
            | ffi::CURLH_TRAILER
            | ffi::CURLH_CONNECT
            | ffi::CURLH_1XX
            | ffi::CURLH_PSEUDO,
    );

    /// Whether all of `others` are among these.
    pub const fn contains(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }
}

impl BitOr for Origin {
    type Output = Self;

    fn bitor(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }
}

impl<'a> Headers<'a> {
    /// Those that came from `origin`.
    #[must_use]
    pub fn origin(self, origin: Origin) -> Self {
        Self { origin, ..self }
    }

    /// Those of the response to one request of the transfer: 0 is the first, and each redirect and
    /// each round of an authentication is one more. There are none where there was no such request.
    #[must_use]
    pub fn request(self, number: u16) -> Self {
        Self { request: number.into(), ..self }
    }

    /// The first header of this name, in whatever case.
    ///
    /// [`curl_easy_header`](https://curl.se/libcurl/c/curl_easy_header.html)
    ///
    /// # Errors
    /// [`InteriorNul`](crate::ErrorKind::InteriorNul); [`OutOfMemory`](crate::ErrorKind::OutOfMemory).
    pub fn get(&self, name: &str) -> Result<Option<Header<'a>>> {
        let easy_header = newer::header()?;
        let name = lend(copied(name.as_bytes())?, "the name of a header")?;
        let mut found = ptr::null_mut();
        // SAFETY: the handle is alive and not in use: `'a` borrows it. The name ends in NUL.
        let code = unsafe {
            easy_header(
                self.handle.as_ptr(),
                name.as_ptr(),
                0,
                self.origin.0,
                self.request,
                &raw mut found,
            )
        };
        match code {
            ffi::CURLHE_OK if !found.is_null() => {
                // SAFETY: curl_easy_header(3): a structure of the handle.
                Ok(Some(unsafe { Header::copied(found) }))
            }
            ffi::CURLHE_OK
            | ffi::CURLHE_BADINDEX
            | ffi::CURLHE_MISSING
            | ffi::CURLHE_NOHEADERS
            | ffi::CURLHE_NOREQUEST => Ok(None),
            code => Err(header_refused("curl_easy_header", code)),
        }
    }

    /// All headers of this name, in whatever case, in the order in which they came.
    pub fn all(&self, name: &str) -> impl Iterator<Item = Header<'a>> {
        self.into_iter().filter(move |header| header.name().eq_ignore_ascii_case(name.as_bytes()))
    }

    /// All headers, in the order in which they came.
    pub fn iter(&self) -> HeaderIter<'a> {
        HeaderIter { headers: *self, last: None, done: false }
    }
}

impl fmt::Debug for Headers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

impl<'a> IntoIterator for Headers<'a> {
    type Item = Header<'a>;
    type IntoIter = HeaderIter<'a>;

    fn into_iter(self) -> HeaderIter<'a> {
        self.iter()
    }
}

impl<'a> IntoIterator for &Headers<'a> {
    type Item = Header<'a>;
    type IntoIter = HeaderIter<'a>;

    fn into_iter(self) -> HeaderIter<'a> {
        self.iter()
    }
}

/// The headers of a transfer, one after the other.
#[derive(Clone, Debug)]
pub struct HeaderIter<'a> {
    headers: Headers<'a>,
    last: Option<Header<'a>>,
    done: bool,
}

impl<'a> Iterator for HeaderIter<'a> {
    type Item = Header<'a>;

    fn next(&mut self) -> Option<Header<'a>> {
        if self.done {
            return None;
        }
        // The structure that libcurl answers is overwritten by its next answer; a copy tells it as
        // well where to go on.
        let mut last = self.last.map(|header| header.raw);
        let last = last.as_mut().map_or(ptr::null_mut(), ptr::from_mut);
        let Headers { handle, next, origin, request } = self.headers;
        // SAFETY: the handle is alive and not in use: `'a` borrows it. `last` is NULL, or what the
        // handle answered since its last transfer.
        let found = unsafe { next(handle.as_ptr(), origin.0, request, last) };
        self.done = found.is_null();
        // SAFETY: curl_easy_nextheader(3): NULL, or a structure of the handle.
        self.last = (!self.done).then(|| unsafe { Header::copied(found) });
        self.last
    }
}

/// One header.
#[derive(Clone, Copy)]
pub struct Header<'a> {
    raw: ffi::curl_header,
    name: &'a CStr,
    value: &'a CStr,
}

impl<'a> Header<'a> {
    /// # Safety
    /// `raw` points to a header of a handle that `'a` borrows.
    unsafe fn copied(raw: *const ffi::curl_header) -> Self {
        // SAFETY: as the caller promises.
        let raw = unsafe { *raw };
        // SAFETY: curl_easy_header(3): name and value are text that stays until the next transfer.
        let name = unsafe { CStr::from_ptr(raw.name) };
        // SAFETY: as above.
        let value = unsafe { CStr::from_ptr(raw.value) };
        Self { raw, name, value }
    }

    /// Its name, as it came.
    pub fn name(&self) -> &'a [u8] {
        self.name.to_bytes()
    }

    /// Its value, without the blanks around it.
    pub fn value(&self) -> &'a [u8] {
        // Of an empty one, old versions keep the carriage return.
        self.value.to_bytes().trim_ascii()
    }

    /// Its value as text, where that is UTF-8.
    pub fn text(&self) -> Option<&'a str> {
        std::str::from_utf8(self.value()).ok()
    }

    /// How many headers have this name, among those that were asked for.
    pub fn amount(&self) -> usize {
        self.raw.amount
    }

    /// Which of them this is; the first is 0.
    pub fn index(&self) -> usize {
        self.raw.index
    }

    /// Where it came from.
    pub fn origin(&self) -> Origin {
        // The highest bits are of use to libcurl alone.
        Origin(self.raw.origin & Origin::ANY.0)
    }
}

impl fmt::Debug for Header<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name.to_string_lossy(), String::from_utf8_lossy(self.value()))
    }
}
