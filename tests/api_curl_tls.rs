//! The TLS context of a connection, through libcurl.
#![cfg(all(feature = "http", feature = "crypto"))]

mod common;

use common::server::{Authority, Server};
use ffence::capabilities::SharedLibcrypto;
use ffence::curl::{Callbacks, Easy, Flow, Handler, TlsContext, option};
use ffence::{Error, ErrorKind};

/// Trusts one certificate.
struct Trusts {
    der: Vec<u8>,
    calls: u32,
    wrong: Option<Error>,
}

impl Handler for Trusts {
    const CALLBACKS: Callbacks = Callbacks::TLS_CONTEXT;

    fn tls_context(&mut self, context: &mut TlsContext<'_>) -> Flow {
        assert!(!context.as_ptr().is_null());
        self.calls += 1;
        match context.trust_only([&self.der]) {
            Ok(()) => Flow::Continue,
            Err(error) => {
                self.wrong = Some(error);
                Flow::Stop
            }
        }
    }
}

/// The handle, if libcurl can have such a callback here.
fn easy(der: Vec<u8>) -> Option<Easy<Trusts>> {
    let shared = ffence::capabilities().unwrap().shared_libcrypto();
    match Easy::with(Trusts { der, calls: 0, wrong: None }) {
        Ok(easy) => {
            assert_eq!(shared, SharedLibcrypto::Yes);
            Some(easy)
        }
        Err(error) => {
            assert_ne!(shared, SharedLibcrypto::Yes, "{error}");
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            None
        }
    }
}

fn der(pem: &str) -> Vec<u8> {
    openssl::x509::X509::from_pem(pem.as_bytes()).unwrap().to_der().unwrap()
}

#[test]
fn a_context_trusts_what_the_handler_says() {
    let authority = Authority::new();
    let server = Server::tls(&authority);
    let Some(mut easy) = easy(der(authority.pem())) else { return };
    easy.set(option::Url(server.url("/bytes/7"))).unwrap();
    let mut body = Vec::new();
    easy.perform_into(&mut body).unwrap();
    assert_eq!(body.len(), 7);
    assert_eq!(easy.handler().calls, 1);
    easy.perform().unwrap();
    assert_eq!(easy.handler().calls, 1, "once a connection");

    let other = Authority::new();
    let Some(mut easy) = self::easy(der(other.pem())) else { return };
    easy.set(option::Url(server.url("/bytes/7"))).unwrap();
    // What the options say does not count beside it.
    easy.set(option::CaInfoBlob(authority.pem().as_bytes())).unwrap();
    assert_eq!(easy.perform().unwrap_err().kind(), ErrorKind::Tls);
}

#[test]
fn a_handler_can_refuse_a_context() {
    let authority = Authority::new();
    let server = Server::tls(&authority);
    let Some(mut easy) = easy(b"no certificate".to_vec()) else { return };
    easy.set(option::Url(server.url("/bytes/7"))).unwrap();
    let error = easy.perform().unwrap_err();
    assert_eq!(error.code(), Some(42), "CURLE_ABORTED_BY_CALLBACK: {error}");
    let wrong = easy.handler_mut().wrong.take().unwrap();
    assert_eq!(wrong.function(), Some("d2i_X509"), "{wrong}");
}

#[test]
fn a_panic_in_it_is_its_own_transfers_error() {
    struct Panics;
    impl Handler for Panics {
        const CALLBACKS: Callbacks = Callbacks::TLS_CONTEXT;
        fn tls_context(&mut self, _: &mut TlsContext<'_>) -> Flow {
            panic!("in the context")
        }
    }
    let authority = Authority::new();
    let server = Server::tls(&authority);
    let Ok(mut easy) = Easy::with(Panics) else { return };
    easy.set(option::Url(server.url("/bytes/7"))).unwrap();
    for _ in 0..2 {
        assert_eq!(easy.perform().unwrap_err().kind(), ErrorKind::Panicked);
    }
}
