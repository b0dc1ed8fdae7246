//! A body of parts as libcurl has it, and what its parts read from.

#![allow(unsafe_code)]
#![allow(clippy::cast_possible_wrap)] // libcurl's constants are small

use std::ffi::{CStr, c_char, c_int, c_void};
use std::fmt;
use std::io;
use std::mem::MaybeUninit;
use std::slice;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use libc::size_t;

use super::source::Memory;
use super::{Content, Encoder, Mime, Part, Source, one_line};
use crate::cstr::{copied, lend};
use crate::curl::handle::Handle;
use crate::curl::kept::Kept;
use crate::curl::list::List;
use crate::curl::upload::Upload;
use crate::error::libcurl::{check, out_of_memory};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::curl as ffi;
use crate::owned::Owned;
use crate::unwind::{Panic, Slot, guard};

/// # Invariants
/// The parts point into `streams` alone, and to nothing else of ours.
pub(in crate::curl) struct Built {
    // Dropped in this order: the parts go before what they read from.
    mime: Owned<ffi::curl_mime>,
    streams: Vec<Kept<Stream>>,
}

/// What a part's callbacks work on; C holds a pointer to it.
struct Stream {
    slot: Slot,
    source: Box<dyn Source>,
    /// How many bytes there must be, and how many were given since the last rewinding.
    len: Option<u64>,
    given: u64,
    failure: Option<io::Error>,
    /// The handle's, see `Calls::pauses`.
    waits: Arc<AtomicBool>,
}

impl Built {
    /// Makes parts of the description; the handle lends its random numbers for the boundary.
    pub(super) fn new(handle: &Handle, mime: Mime) -> Result<Self> {
        let mut streams = Vec::new();
        let mime = build(handle, mime, &mut streams)?;
        Ok(Self { mime, streams })
    }

    pub(in crate::curl) fn as_ptr(&self) -> *mut ffi::curl_mime {
        self.mime.as_ptr()
    }

    /// The panic of a part's source, if one waits.
    pub(in crate::curl) fn take_panic(&mut self) -> Option<Panic> {
        self.streams().find_map(|stream| stream.slot.take())
    }

    /// Why a part's source failed, if one did.
    pub(in crate::curl) fn take_failure(&mut self) -> Option<io::Error> {
        self.streams().find_map(|stream| stream.failure.take())
    }

    fn streams(&mut self) -> impl Iterator<Item = &mut Stream> {
        self.streams.iter_mut().map(|stream| {
            // SAFETY: `Kept` keeps the value alive, and `&mut self` keeps callbacks away.
            unsafe { &mut *stream.as_ptr() }
        })
    }
}

impl fmt::Debug for Built {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mime").finish_non_exhaustive()
    }
}

/// [`curl_mime_init`](https://curl.se/libcurl/c/curl_mime_init.html)
fn build(
    handle: &Handle,
    description: Mime,
    streams: &mut Vec<Kept<Stream>>,
) -> Result<Owned<ffi::curl_mime>> {
    // SAFETY: the handle is alive; the parts are kept by it, see `Handle::set_mime`.
    let mime = unsafe { ffi::curl_mime_init(handle.as_ptr()) };
    // SAFETY: curl_mime_init(3): NULL, or a mime structure that is the caller's.
    let mime = unsafe { Owned::from_raw(mime) };
    let mime = mime.ok_or_else(|| out_of_memory("curl_mime_init"))?;
    for part in description.parts {
        // SAFETY: curl_mime_addpart(3): the part belongs to the structure, which is ours.
        let raw = unsafe { ffi::curl_mime_addpart(mime.as_ptr()) };
        if raw.is_null() {
            return Err(out_of_memory("curl_mime_addpart"));
        }
        add(handle, raw, part, streams)?;
    }
    Ok(mime)
}

/// Fills one part; `raw` is a part of a structure that is alive.
fn add(
    handle: &Handle,
    raw: *mut ffi::curl_mimepart,
    part: Part,
    streams: &mut Vec<Kept<Stream>>,
) -> Result<()> {
    let Part { content, name, filename, content_type, encoder, headers } = part;
    match content {
        Content::Memory(bytes) => {
            let memory = Memory::new(bytes);
            let len = memory.len();
            stream(handle, raw, Box::new(memory), Some(len), streams)?;
        }
        Content::Stream(source, len) => stream(handle, raw, source, len, streams)?,
        Content::File(path) => {
            let path = lend(copied(path.as_os_str().as_encoded_bytes())?, "the path of a part")?;
            // SAFETY: the part is alive, and the path is copied.
            let code = unsafe { ffi::curl_mime_filedata(raw, path.as_ptr()) };
            check("curl_mime_filedata", code)?;
        }
        Content::Parts(description) => {
            let parts = build(handle, description, streams)?;
            let mut code = ffi::CURLE_OK;
            let given = parts.give(|parts| {
                // SAFETY: curl_mime_subparts(3): on success the part owns what it is given.
                code = unsafe { ffi::curl_mime_subparts(raw, parts) };
                code == ffi::CURLE_OK
            });
            given.map_err(drop).or_else(|()| check("curl_mime_subparts", code))?;
        }
    }
    set_text(raw, "curl_mime_name", ffi::curl_mime_name, name, "the name of a part")?;
    set_text(
        raw,
        "curl_mime_filename",
        ffi::curl_mime_filename,
        filename,
        "the file name of a part",
    )?;
    set_text(raw, "curl_mime_type", ffi::curl_mime_type, content_type, "the type of a part")?;
    if let Some(encoder) = encoder {
        // SAFETY: the part is alive; the name is looked up, and not kept.
        let code = unsafe { ffi::curl_mime_encoder(raw, encoder.name().as_ptr()) };
        check("curl_mime_encoder", code)?;
    }
    if !headers.is_empty() {
        let list = headers.into_raw();
        // SAFETY: curl_mime_headers(3): with 1 the part owns the list; it is refused only without a
        // part.
        let code = unsafe { ffi::curl_mime_headers(raw, list, 1) };
        if code != ffi::CURLE_OK {
            // SAFETY: it was refused, and is still ours.
            drop(unsafe { List::from_raw(list) });
        }
        check("curl_mime_headers", code)?;
    }
    Ok(())
}

type SetText = unsafe extern "C" fn(*mut ffi::curl_mimepart, *const c_char) -> ffi::CURLcode;

fn set_text(
    raw: *mut ffi::curl_mimepart,
    function: &'static str,
    set: SetText,
    text: Option<String>,
    what: &'static str,
) -> Result<()> {
    let Some(text) = text else { return Ok(()) };
    let text = lend(copied(one_line(&text, what)?.as_bytes())?, what)?;
    // SAFETY: the part is alive, and the text is copied.
    let code = unsafe { set(raw, text.as_ptr()) };
    check(function, code)
}

fn stream(
    handle: &Handle,
    raw: *mut ffi::curl_mimepart,
    source: Box<dyn Source>,
    len: Option<u64>,
    streams: &mut Vec<Kept<Stream>>,
) -> Result<()> {
    let size = match len {
        None => -1,
        Some(len) => ffi::curl_off_t::try_from(len).map_err(|_| {
            Error::ours(ErrorKind::Length, format!("a part cannot be {len} bytes long"))
        })?,
    };
    let waits = Arc::clone(handle.source_waits());
    let stream = Stream { slot: Slot::new(), source, len, given: 0, failure: None, waits };
    let stream = Kept::new(stream);
    let data = stream.as_ptr().cast();
    streams.push(stream);
    // SAFETY: the part is alive; the callbacks take the pointer for a `Stream`, which is kept until
    // the parts are gone, also where building them fails.
    let code = unsafe { ffi::curl_mime_data_cb(raw, size, on_read, on_seek, on_free, data) };
    check("curl_mime_data_cb", code)
}

/// `curl_mime_data_cb`: "readfunc"
extern "C" fn on_read(out: *mut c_char, size: size_t, count: size_t, data: *mut c_void) -> size_t {
    const ABORT: size_t = ffi::CURL_READFUNC_ABORT as size_t;

    // SAFETY: the pointer that was registered with this callback; nothing else uses the stream while
    // libcurl runs.
    let Stream { slot, source, len, given, failure, waits } =
        unsafe { &mut *data.cast::<Stream>() };
    let Some(mut room) = size.checked_mul(count) else { return ABORT };
    if let Some(len) = len {
        room = usize::try_from(*len - *given).map_or(room, |left| left.min(room));
    }
    if room == 0 {
        return 0;
    }
    // SAFETY: curl_mime_data_cb(3), as CURLOPT_READFUNCTION(3): room for `size * count` bytes, ours
    // during the call.
    let out = unsafe { slice::from_raw_parts_mut(out.cast::<MaybeUninit<u8>>(), room) };
    let mut upload = Upload::new(out);
    let outcome = guard(slot, None, || Some(source.read(&mut upload)));
    let read = upload.len();
    *given += read as u64;
    match outcome {
        None => return ABORT,
        Some(Err(error)) if error.kind() == io::ErrorKind::WouldBlock => {
            if read > 0 {
                return read;
            }
            waits.store(true, Ordering::Relaxed);
            return ffi::CURL_READFUNC_PAUSE as size_t;
        }
        Some(Err(error)) => *failure = Some(error),
        Some(Ok(())) if read == 0 && len.is_some_and(|len| *given < len) => {
            let text = format!("the source of a part ended after {given} bytes");
            *failure = Some(io::Error::new(io::ErrorKind::UnexpectedEof, text));
        }
        Some(Ok(())) => return read,
    }
    ABORT
}

/// `curl_mime_data_cb`: "seekfunc"; libcurl only ever goes back to the start.
extern "C" fn on_seek(data: *mut c_void, offset: ffi::curl_off_t, origin: c_int) -> c_int {
    const FAIL: c_int = ffi::CURL_SEEKFUNC_FAIL as c_int;

    // SAFETY: as in `on_read`.
    let Stream { slot, source, given, failure, .. } = unsafe { &mut *data.cast::<Stream>() };
    if (offset, origin) != (0, libc::SEEK_SET) {
        return ffi::CURL_SEEKFUNC_CANTSEEK as c_int;
    }
    match guard(slot, None, || Some(source.rewind())) {
        None => return FAIL,
        Some(Err(error)) => *failure = Some(error),
        Some(Ok(())) => {
            *given = 0;
            return ffi::CURL_SEEKFUNC_OK as c_int;
        }
    }
    FAIL
}

/// `curl_mime_data_cb`: "freefunc"; the stream is dropped by [`Built`], after the parts.
extern "C" fn on_free(_: *mut c_void) {}

impl Encoder {
    fn name(self) -> &'static CStr {
        match self {
            Self::Binary => c"binary",
            Self::EightBit => c"8bit",
            Self::SevenBit => c"7bit",
            Self::Base64 => c"base64",
            Self::QuotedPrintable => c"quoted-printable",
        }
    }
}
