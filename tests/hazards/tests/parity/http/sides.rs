//! The calls through ffence.

use std::time::Duration;

use ffence::Error;
use ffence::curl::option::value::{Auth, Follow, HttpVersion};
use ffence::curl::{Callbacks, Easy, Flow, Handler, List, Mime, Part, Share, Write, option};
use ffence::http::{Client, HttpVersion as ClientVersion, Timeouts, Tls};
use ffence_hazards::call::{Call, Fetched, Header};
use ffence_hazards::parity::Failure as Refused;

use super::super::session::{Failure, class};

/// Keeps a response.
#[derive(Debug, Default)]
struct Gathered {
    head: Vec<u8>,
    body: Vec<u8>,
}

impl Handler for Gathered {
    const CALLBACKS: Callbacks = Callbacks::WRITE.and(Callbacks::HEADER);

    fn write(&mut self, bytes: &[u8]) -> Write {
        self.body.extend_from_slice(bytes);
        Write::Taken
    }

    fn header(&mut self, line: &[u8]) -> Flow {
        self.head.extend_from_slice(line);
        Flow::Continue
    }
}

/// The calls one after the other, on one handle.
pub fn easy(calls: &[Call]) -> Vec<Fetched> {
    match Easy::with(Gathered::default()) {
        Ok(mut easy) => calls.iter().map(|call| came(perform(&mut easy, call, None))).collect(),
        Err(error) => vec![came(Err(error))],
    }
}

/// A call on a handle of its own, with a share.
pub fn sharing(call: &Call, share: &Share) -> Fetched {
    came(Easy::with(Gathered::default()).and_then(|mut it| perform(&mut it, call, Some(share))))
}

fn came(outcome: ffence::Result<Fetched>) -> Fetched {
    outcome.unwrap_or_else(|error| Fetched { error: Some(refused(&error)), ..Fetched::default() })
}

fn refused(error: &Error) -> Refused {
    let code = error.code().and_then(|it| it.try_into().ok()).unwrap_or_default();
    Refused { class: class(error.kind()), code, text: error.to_string() }
}

fn perform(
    easy: &mut Easy<Gathered>,
    call: &Call,
    share: Option<&Share>,
) -> ffence::Result<Fetched> {
    easy.reset()?;
    *easy.handler_mut() = Gathered::default();
    if share.is_some() {
        easy.share(share)?;
    }
    easy.set(option::NoProxy("*"))?.set(option::Url(&call.url))?;
    easy.set(option::HttpVersion(match call.version {
        "2" => HttpVersion::Http2OverTls,
        _ => HttpVersion::Http11,
    }))?;
    only_http(easy)?;
    if !call.ca_file.is_empty() {
        easy.set(option::CaInfo(&call.ca_file))?;
    }
    if call.timeout_ms > 0 {
        easy.set(option::TimeoutMs(Duration::from_millis(call.timeout_ms)))?;
    }
    send(easy, call)?;
    let mut lines = List::new();
    for header in &call.headers {
        let value = String::from_utf8_lossy(&header.value.0);
        lines.push(&match &*value {
            "" => format!("{};", header.name),
            value => format!("{}: {value}", header.name),
        })?;
    }
    if !lines.is_empty() {
        easy.set(option::HttpHeader(lines))?;
    }
    let mut addresses = List::new();
    call.addresses.iter().try_for_each(|it| addresses.push(it))?;
    if !addresses.is_empty() {
        easy.set(option::Resolve(addresses))?;
    }
    match call.auth {
        "" => {}
        "bearer" => {
            easy.set(option::HttpAuth(Auth::BEARER))?;
            easy.set(option::XOAuth2Bearer(&call.password))?;
        }
        scheme => {
            let scheme = if scheme == "basic" { Auth::BASIC } else { Auth::DIGEST };
            easy.set(option::HttpAuth(scheme))?;
            easy.set(option::Username(&call.user))?.set(option::Password(&call.password))?;
        }
    }
    if call.redirects > 0 {
        easy.set(option::FollowLocation(Follow::All))?;
        easy.set(option::MaxRedirs(Some(call.redirects.into())))?;
    }
    if call.cookies {
        // A comment, which switches them on: of CURLOPT_COOKIEFILE, curl_easy_reset(3) of libcurl 7.88
        // leaks the list.
        easy.set(option::CookieList("# on"))?;
    }
    if let Some(encodings) = call.encoding {
        easy.set(option::AcceptEncoding(encodings))?;
    }
    let info = easy.perform()?;
    let url = info.effective_url().map(|it| it.to_string_lossy().into_owned());
    let version = if info.http_version() == Some(HttpVersion::Http2) { "2" } else { "1.1" };
    let told = Fetched {
        status: info.response_code().unwrap_or_default(),
        version: version.to_owned(),
        url: url.unwrap_or_default(),
        redirects: info.redirect_count(),
        ..Fetched::default()
    };
    let Gathered { head, body } = std::mem::take(easy.handler_mut());
    Ok(Fetched { head: head.into(), body: body.into(), ..told })
}

fn only_http(easy: &mut Easy<Gathered>) -> ffence::Result<()> {
    use ffence::curl::option::value::Protocols;
    match easy.set(option::ProtocolsStr("http,https")) {
        // The names came with 7.85.
        Err(error) if error.kind() == ffence::ErrorKind::Unsupported => {
            easy.set(option::Protocols(Protocols::HTTP | Protocols::HTTPS)).map(|_| ())
        }
        set => set.map(|_| ()),
    }
}

/// The method, and what is sent.
fn send(easy: &mut Easy<Gathered>, call: &Call) -> ffence::Result<()> {
    if !call.form.is_empty() {
        let parts = call.form.iter().map(|it| {
            let mut part = Part::new(it.data.0.clone()).name(&it.name);
            if !it.filename.is_empty() {
                part = part.filename(&it.filename);
            }
            if !it.kind.is_empty() {
                part = part.content_type(&it.kind);
            }
            part
        });
        easy.set(option::MimePost(parts.fold(Mime::new(), Mime::part)))?;
    } else if let Some(body) = &call.body {
        easy.set(option::PostFields(body.0.clone()))?;
    }
    let is_sent = call.body.is_some() || !call.form.is_empty();
    match (call.method.as_str(), is_sent) {
        ("HEAD", _) => _ = easy.set(option::NoBody(true))?,
        ("GET", false) | ("POST", true) => {}
        (other, _) => _ = easy.set(option::CustomRequest(other))?,
    }
    Ok(())
}

/// The calls through `http::Client`, all with the settings of the first.
///
/// # Errors
/// When no client can be made.
pub fn client(calls: &[Call]) -> Result<Vec<Fetched>, Failure> {
    let first = calls.first().ok_or("no calls")?;
    let mut tls = Tls::new();
    if !first.ca_file.is_empty() {
        tls = tls.ca_file(&first.ca_file);
    }
    let mut timeouts = Timeouts::new();
    if first.timeout_ms > 0 {
        timeouts = timeouts.total(Duration::from_millis(first.timeout_ms));
    }
    let version = match first.version {
        "2" => ClientVersion::Negotiate,
        _ => ClientVersion::Http1,
    };
    let builder = Client::builder().tls(tls).timeouts(timeouts).http_version(version);
    let client = builder.redirects(first.redirects).build()?;
    let send = |call: &Call| -> ffence::Result<Fetched> {
        let method = call.method.parse().unwrap_or(http::Method::TRACE);
        let mut request = client.request(method, &call.url);
        for header in &call.headers {
            request = request.header(&header.name, &header.value.0[..]);
        }
        if let Some(body) = &call.body {
            request = request.body(body.0.clone());
        }
        let response = request.send()?;
        let version = if response.version() == http::Version::HTTP_2 { "2" } else { "1.1" };
        let headers = response.headers().iter();
        let headers = headers
            .map(|(name, value)| Header { name: name.to_string(), value: value.as_bytes().into() });
        Ok(Fetched {
            status: response.status().as_u16(),
            version: version.to_owned(),
            headers: headers.collect(),
            body: response.into_body().into(),
            ..Fetched::default()
        })
    };
    Ok(calls.iter().map(|call| came(send(call))).collect())
}
