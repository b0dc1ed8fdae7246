//! Options with any value: taken, or refused with an error; never more.
#![no_main]

use std::time::Duration;

use arbitrary::Arbitrary;
use ffence::curl::option::value::{Auth, HttpVersion, Protocols};
use ffence::curl::{Easy, List, Mime, Part, option};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
enum Call<'a> {
    Url(&'a str),
    UserAgent(Option<&'a str>),
    Username(&'a str),
    Cookie(&'a str),
    CustomRequest(&'a str),
    Range(&'a str),
    Referer(&'a str),
    Proxy(&'a str),
    Interface(&'a str),
    CipherList(&'a str),
    AcceptEncoding(&'a str),
    PostFields(&'a [u8]),
    CaInfoBlob(&'a [u8]),
    Headers(Vec<&'a str>),
    Resolve(Vec<&'a str>),
    Form(Vec<(&'a str, &'a [u8])>),
    Timeout(u64, u32),
    ConnectTimeout(u64, u32),
    BufferSize(u32),
    MaxRedirs(Option<u32>),
    LowSpeedLimit(u32),
    Port(u16),
    Http(bool),
    Auth(bool),
    Protocols(bool),
    Flag(bool),
    Reset,
}

fn apply(easy: &mut Easy, call: Call<'_>) -> ffence::Result<()> {
    let list = |lines: Vec<&str>| -> ffence::Result<List> {
        let mut list = List::new();
        for line in lines {
            list.push(line)?;
        }
        Ok(list)
    };
    match call {
        Call::Url(text) => easy.set(option::Url(text))?,
        Call::UserAgent(text) => easy.set(option::UserAgent(text))?,
        Call::Username(text) => easy.set(option::Username(text))?,
        Call::Cookie(text) => easy.set(option::Cookie(text))?,
        Call::CustomRequest(text) => easy.set(option::CustomRequest(text))?,
        Call::Range(text) => easy.set(option::Range(text))?,
        Call::Referer(text) => easy.set(option::Referer(text))?,
        Call::Proxy(text) => easy.set(option::Proxy(text))?,
        Call::Interface(text) => easy.set(option::Interface(text))?,
        Call::CipherList(text) => easy.set(option::SslCipherList(text))?,
        Call::AcceptEncoding(text) => easy.set(option::AcceptEncoding(text))?,
        Call::PostFields(bytes) => easy.set(option::PostFields(bytes.to_vec()))?,
        Call::CaInfoBlob(bytes) => easy.set(option::CaInfoBlob(bytes))?,
        Call::Headers(lines) => easy.set(option::HttpHeader(list(lines)?))?,
        Call::Resolve(lines) => easy.set(option::Resolve(list(lines)?))?,
        Call::Form(parts) => {
            let parts = parts.into_iter().map(|(name, bytes)| Part::new(bytes.to_vec()).name(name));
            easy.set(option::MimePost(parts.fold(Mime::new(), Mime::part)))?
        }
        Call::Timeout(seconds, nanos) => {
            easy.set(option::Timeout(Duration::new(seconds >> 1, nanos % 1_000_000_000)))?
        }
        Call::ConnectTimeout(seconds, nanos) => {
            easy.set(option::ConnectTimeout(Duration::new(seconds >> 1, nanos % 1_000_000_000)))?
        }
        Call::BufferSize(size) => easy.set(option::BufferSize(size))?,
        Call::MaxRedirs(number) => easy.set(option::MaxRedirs(number))?,
        Call::LowSpeedLimit(number) => easy.set(option::LowSpeedLimit(number))?,
        Call::Port(number) => easy.set(option::Port(number))?,
        Call::Http(two) => easy.set(option::HttpVersion(if two {
            HttpVersion::Http2
        } else {
            HttpVersion::Http10
        }))?,
        Call::Auth(both) => {
            easy.set(option::HttpAuth(if both { Auth::BASIC | Auth::DIGEST } else { Auth::ANY }))?
        }
        Call::Protocols(both) => easy.set(option::Protocols(if both {
            Protocols::HTTP | Protocols::HTTPS
        } else {
            Protocols::FTP
        }))?,
        Call::Flag(on) => easy.set(option::TcpKeepAlive(on))?,
        Call::Reset => return easy.reset(),
    };
    Ok(())
}

fuzz_target!(|calls: Vec<Call<'_>>| {
    let mut easy = Easy::new().expect("a handle");
    for call in calls {
        if let Err(error) = apply(&mut easy, call) {
            // A message is made of what was given.
            assert!(!error.to_string().is_empty());
        }
        let _ = easy.info().effective_url();
    }
});
