//! How far a transfer came that a limit ended, also where libcurl does not tell.
#![cfg(feature = "http")]

mod common;

use std::net::TcpListener;
use std::sync::OnceLock;
use std::time::Duration;

use common::phases::{Held, Until};
use common::server::Authority;
use ffence::curl::{Easy, option};
use ffence::error::Phase;
use ffence::{Error, ErrorKind};

/// Too short for a peer that holds a transfer for ever, and long enough to come so far.
const LIMIT: Duration = Duration::from_secs(1);

/// A handle that trusts one authority: to read the system's many takes minutes under AddressSanitizer.
fn easy() -> Easy {
    static PEM: OnceLock<String> = OnceLock::new();
    let pem = PEM.get_or_init(|| Authority::new().pem().to_owned());
    let mut easy = Easy::new().unwrap();
    easy.set(option::CaInfoBlob(pem.as_bytes())).unwrap();
    easy
}

fn phase(error: &Error) -> Phase {
    error.transfer().unwrap().phase
}

#[test]
fn a_limit_within_a_handshake_names_it_and_the_peer() {
    let held = Held::new(Until::Tls);
    let mut easy = easy();
    easy.set(option::Url(held.url())).unwrap();
    for limits in [(LIMIT, Duration::ZERO), (LIMIT * 100, LIMIT)] {
        easy.set(option::ConnectTimeoutMs(limits.0)).unwrap();
        easy.set(option::TimeoutMs(limits.1)).unwrap();
        let error = easy.perform().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error:?}");
        assert_eq!(phase(&error), Phase::Tls, "{error:?}");
        let url = format!("https://{}/", error.transfer().unwrap().peer.unwrap());
        assert_eq!(url, held.url());
        held.wait_until_reached();
        held.wait_until_gone();
    }

    // It was that transfer's, and is not the next one's.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = listener.local_addr().unwrap();
    drop(listener);
    easy.set(option::Url(format!("https://{nobody}/"))).unwrap();
    let error = easy.perform().unwrap_err();
    assert_eq!((error.kind(), phase(&error)), (ErrorKind::Connect, Phase::Connect), "{error:?}");
}

/// With a server for names libcurl has a handshake of its own, with the options of the handle.
#[test]
fn the_handshake_of_who_is_asked_for_a_name_is_not_the_transfers() {
    let names = Held::new(Until::Tls);
    let mut easy = easy();
    easy.set(option::DohUrl(names.url())).unwrap();
    easy.set(option::TimeoutMs(LIMIT)).unwrap();
    easy.set(option::Url("https://name.test/")).unwrap();
    let error = easy.perform().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error:?}");
    assert_eq!(phase(&error), Phase::Name, "{error:?}");
    names.wait_until_reached();
}
