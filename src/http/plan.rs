//! A request in the form that a handle takes.

use std::borrow::Cow;
use std::ffi::CStr;
use std::time::Duration;

use bytes::Bytes;

use super::conduct::Line;
use super::outgoing::Form;
use crate::curl::option::value::{Auth, HttpVersion};
use crate::curl::{List, Mime, may_keep_urls, option};
use crate::error::{Error, ErrorKind, Result};

/// What one transfer sends.
pub(super) struct Plan<'a> {
    pub(super) url: Cow<'a, str>,
    pub(super) form: Form,
    pub(super) headers: List,
    pub(super) payload: Payload,
    pub(super) login: Option<Login>,
    /// For the whole transfer; none without.
    pub(super) timeout: Duration,
    /// Rather wait for a connection that can be shared than make another one.
    pub(super) waits: bool,
    /// The name and the port to connect to in place of the URL's.
    pub(super) through: Option<String>,
    /// HTTP/1.1 alone, though the client would negotiate.
    pub(super) narrows: bool,
    /// Make a new connection.
    pub(super) fresh: bool,
}

/// How a body goes to libcurl.
pub(super) enum Payload {
    None,
    Bytes(Bytes),
    /// By the read callback, as long as this where that is known.
    Upload(Option<u64>),
    /// In parts.
    Form(Mime),
}

/// Whom a request says that it comes from.
#[derive(Clone)]
pub(super) struct Login {
    pub(super) user: String,
    pub(super) password: String,
    pub(super) how: Auth,
}

/// What a handle was told: between two transfers it holds nothing of a request but its URL and its
/// time limit.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools)] // each is an option's
pub(super) struct Applied {
    url: String,
    /// How that URL went to the handle.
    told: Told,
    timeout: Duration,
    waits: bool,
    fresh: bool,
    narrowed: bool,
    /// What has to be taken back.
    named: bool,
    head: bool,
    bytes: bool,
    upload: bool,
    form: bool,
    login: bool,
    headers: bool,
    through: bool,
    /// The size of its buffer; 0 for libcurl's default.
    pub(super) buffer: u32,
    /// An option was refused on the way: the handle must not be used again.
    spoilt: bool,
    /// See [`Applied::retire`].
    retired: bool,
}

impl Applied {
    /// The handle has logged in by an exchange of messages, or was asked to. It keeps a part of that (the
    /// realm and the nonce of Digest), which no option takes back: a later log-in would begin with it, at
    /// another server as well, and libcurl would take the challenge that answers for a refusal
    /// (`Curl_auth_decode_digest_http_message`: another nonce that is not said to be stale).
    pub(super) fn retire(&mut self) {
        self.retired = true;
    }

    /// Nothing is wrong with the handle, but it is not for other requests.
    pub(super) fn is_retired(&self) -> bool {
        self.retired && !self.spoilt
    }
}

/// How a URL went to a handle.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Told {
    /// As text, once.
    #[default]
    Text,
    /// As text for good.
    Plain,
    /// Parsed: it was used again.
    Parsed,
}

/// Whether a URL may be parsed once for many transfers. Left out is what one version of libcurl or
/// another loses when it copies a parsed URL (a zone, an empty query), and what says who logs in.
fn may_be_kept(url: &str) -> bool {
    !url.contains(['[', '@', '#', ' ']) && !url.ends_with('?') && url.is_ascii() && may_keep_urls()
}

impl Plan<'_> {
    /// Sets exactly what the request has; the handle was plain before.
    ///
    /// # Errors
    /// What libcurl refuses; the handle is spoilt then.
    #[inline]
    pub(super) fn apply(self, line: &mut Line) -> Result<()> {
        let mut applied = std::mem::take(&mut line.handler_mut().applied);
        if applied.spoilt {
            return Err(Error::of(ErrorKind::Poisoned));
        }
        applied.spoilt = true;
        let outcome = self.set(line, &mut applied);
        applied.spoilt = outcome.is_err();
        line.handler_mut().applied = applied;
        outcome
    }

    #[inline]
    fn set(self, line: &mut Line, applied: &mut Applied) -> Result<()> {
        // libcurl copies the text; the one that it has already is not set again.
        if applied.url != self.url {
            applied.url.clear();
            if applied.told == Told::Parsed {
                line.keep_url(None)?;
            }
            applied.told = Told::Text;
            line.set(option::Url(&*self.url))?;
            applied.url.push_str(&self.url);
        } else if applied.told == Told::Text {
            applied.told = Told::Plain;
            if may_be_kept(&self.url) {
                match line.keep_url(Some(&self.url)) {
                    Ok(()) => applied.told = Told::Parsed,
                    // Refused by the transfer, in its own words.
                    Err(error) if error.kind() == ErrorKind::InvalidRequest => {}
                    Err(error) => return Err(error),
                }
            }
        }
        if applied.timeout != self.timeout {
            line.set(option::TimeoutMs(self.timeout))?;
            applied.timeout = self.timeout;
        }
        if applied.waits != self.waits {
            line.set(option::PipeWait(self.waits))?;
            applied.waits = self.waits;
        }
        if let Some(through) = self.through {
            applied.through = true;
            let mut list = List::new();
            // For every host and port, of which there is one.
            list.push(&format!("::{through}"))?;
            line.set(option::ConnectTo(list))?;
        }
        if self.narrows {
            applied.narrowed = true;
            line.set(option::HttpVersion(HttpVersion::Http11))?;
        }
        if applied.fresh != self.fresh {
            line.set(option::FreshConnect(self.fresh))?;
            applied.fresh = self.fresh;
        }
        let uploads = matches!(self.payload, Payload::Upload(_));
        match self.payload {
            Payload::None => {}
            Payload::Bytes(body) => {
                applied.bytes = true;
                line.set(option::PostFields(body))?;
            }
            Payload::Form(form) => {
                applied.form = true;
                line.set(option::MimePost(form))?;
            }
            Payload::Upload(len) => {
                applied.upload = true;
                line.set(option::Upload(true))?.set(option::InFileSizeLarge(len))?;
            }
        }
        if let Some(Login { user, password, how }) = self.login {
            applied.login = true;
            applied.retired |= how != Auth::BASIC;
            line.set(option::Username(user.as_str()))?.set(option::Password(password.as_str()))?;
            line.set(option::HttpAuth(how))?;
        }
        match self.form {
            // An upload is a PUT unless it is named.
            Form::Plain if uploads => {
                applied.named = true;
                line.set(option::CustomRequest(c"POST"))?;
            }
            Form::Plain => {}
            Form::Head => {
                applied.head = true;
                line.set(option::NoBody(true))?;
            }
            Form::Other(name) => {
                applied.named = true;
                line.set(option::CustomRequest(&*name))?;
            }
        }
        if !self.headers.is_empty() {
            applied.headers = true;
            line.set(option::HttpHeader(self.headers))?;
        }
        Ok(())
    }
}

/// Takes back what was set; `false` when the handle must not be used again.
pub(super) fn withdraw(line: &mut Line) -> bool {
    let mut applied = std::mem::take(&mut line.handler_mut().applied);
    if !applied.spoilt {
        applied.spoilt = unset(line, &mut applied).is_err();
    }
    let plain = !applied.spoilt && !applied.retired;
    line.handler_mut().applied = applied;
    plain
}

fn unset(line: &mut Line, applied: &mut Applied) -> Result<()> {
    use std::mem::take;

    if take(&mut applied.named) {
        line.set(option::CustomRequest(None::<&CStr>))?;
    }
    let has_bytes = take(&mut applied.bytes);
    if has_bytes {
        line.set(option::PostFields(None::<Bytes>))?;
    }
    let has_upload = take(&mut applied.upload);
    if has_upload {
        line.set(option::Upload(false))?.set(option::InFileSizeLarge(None))?;
    }
    let has_form = take(&mut applied.form);
    if has_form {
        line.set(option::MimePost(None))?;
    }
    if take(&mut applied.login) {
        line.set(option::Username(None::<&str>))?.set(option::Password(None::<&str>))?;
        // libcurl's default.
        line.set(option::HttpAuth(Auth::BASIC))?;
    }
    if take(&mut applied.head) || has_bytes || has_upload || has_form {
        // CURLOPT_HTTPGET(3): this also takes CURLOPT_NOBODY, CURLOPT_POST and CURLOPT_UPLOAD back.
        line.set(option::HttpGet(true))?;
    }
    if take(&mut applied.through) {
        line.set(option::ConnectTo(List::new()))?;
    }
    if take(&mut applied.narrowed) {
        // As a client that negotiates has it.
        line.set(option::HttpVersion(HttpVersion::Http2OverTls))?;
    }
    if take(&mut applied.headers) {
        line.set(option::HttpHeader(List::new()))?;
    }
    Ok(())
}
