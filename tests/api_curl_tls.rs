//! The TLS context of a connection, through libcurl.
#![cfg(all(feature = "http", feature = "crypto"))]

mod common;

use common::nginx::Nginx;
use common::server::{Authority, Server};
use ffence::capabilities::SharedLibcrypto;
use ffence::curl::option::value::{Follow, HttpVersion, TlsVersion, TlsVersions};
use ffence::curl::{Callbacks, Easy, Flow, Handler, TlsContext, Write, option};
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

/// Does one thing to each context.
struct Does<F>(F);

impl<F: FnMut(&mut TlsContext<'_>) -> Flow> Handler for Does<F> {
    const CALLBACKS: Callbacks = Callbacks::TLS_CONTEXT;

    fn tls_context(&mut self, context: &mut TlsContext<'_>) -> Flow {
        (self.0)(context)
    }
}

/// What a change of the context answered, and how the transfer ended.
type Outcome = (Result<(), ErrorKind>, Result<Vec<u8>, Error>);

type Change<'a> = Box<dyn FnMut(&mut TlsContext<'_>) -> Result<(), Error> + 'a>;

/// What `change` answers for a context, and how a transfer with it ends.
fn with(
    url: &str,
    authority: Option<&Authority>,
    change: impl FnMut(&mut TlsContext<'_>) -> Result<(), Error>,
) -> Option<Outcome> {
    let (mut change, mut said) = (change, None);
    let mut easy = Easy::with(Does(|context: &mut TlsContext<'_>| {
        said = Some(change(context).map_err(|error| error.kind()));
        Flow::Continue
    }))
    .ok()?;
    easy.set(option::Url(url)).unwrap().set(option::NoProxy("*")).unwrap();
    if let Some(authority) = authority {
        easy.set(option::CaInfoBlob(authority.pem().as_bytes())).unwrap();
    }
    let mut body = Vec::new();
    let outcome = easy.perform_into(&mut body).map(drop);
    drop(easy);
    Some((said.expect("a context was made"), outcome.map(|()| body)))
}

#[test]
fn trust_is_added_to_what_the_options_say() {
    let (one, two) = (Authority::named("one"), Authority::named("two"));
    let (of_one, of_two) = (Server::tls(&one), Server::tls(&two));
    let both = format!("{}{}", one.pem(), two.pem());
    for certificates in [two.pem().as_bytes().to_vec(), der(two.pem()), both.into_bytes()] {
        for server in [&of_one, &of_two] {
            let Some((said, outcome)) =
                with(&server.url("/bytes/7"), Some(&one), |it| it.trust(&certificates))
            else {
                return;
            };
            assert_eq!(said, Ok(()));
            assert_eq!(outcome.unwrap().len(), 7);
        }
    }
    // Whoever does not add it does not trust it: nothing is left of it anywhere.
    let (_, outcome) = with(&of_two.url("/bytes/7"), Some(&one), |_| Ok(())).unwrap();
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Tls);
}

/// Handles of one multi use one store of certificates, unless they have this callback.
#[test]
fn what_one_handle_trusts_another_of_its_multi_does_not() {
    let (one, two) = (Authority::named("one"), Authority::named("two"));
    let server = Server::tls(&two);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, one.pem()).unwrap();
    let easy = |trusts: bool| {
        let pem = two.pem().to_owned();
        let change = move |context: &mut TlsContext<'_>| {
            if trusts {
                context.trust(pem.as_bytes()).unwrap();
            }
            Flow::Continue
        };
        let change: Box<dyn FnMut(&mut TlsContext<'_>) -> Flow> = Box::new(change);
        let mut easy = Easy::with(Does(change)).ok()?;
        easy.set(option::Url(server.url("/bytes/7"))).unwrap();
        easy.set(option::NoProxy("*")).unwrap().set(option::FreshConnect(true)).unwrap();
        // A session that is resumed is not verified again, and libcurl does not ask by whom it was.
        easy.set(option::SslSessionIdCache(false)).unwrap();
        // With a file and without a folder libcurl keeps the store for the next connection.
        easy.set(option::CaInfo(file.path())).unwrap().set(option::CaPath(None::<&str>)).unwrap();
        Some(easy)
    };
    for mut multi in common::transfers::engines() {
        for trusts in [true, false, true, false] {
            let Some(easy) = easy(trusts) else { return };
            let (_, outcome) = common::transfers::one(&mut multi, easy);
            assert_eq!(
                outcome.map_err(|error| error.kind()),
                if trusts { Ok(()) } else { Err(ErrorKind::Tls) }
            );
        }
    }
}

#[test]
fn bytes_that_are_no_certificate_are_errors_and_change_nothing() {
    let authority = Authority::new();
    let server = Server::tls(&authority);
    let url = server.url("/bytes/7");
    let (chain, key) = authority.client_pem("somebody");
    let other_key = authority.client_pem("other").1;
    let broken = authority.pem().replacen("MI", "??", 1);
    let cases: Vec<(Change<'_>, ErrorKind)> = vec![
        (Box::new(|it| it.trust(b"")), ErrorKind::OpenSsl),
        (Box::new(|it| it.trust(b"\x30\x82\xff\xff")), ErrorKind::OpenSsl),
        (Box::new(|it| it.trust(broken.as_bytes())), ErrorKind::OpenSsl),
        (Box::new(|it| it.trust(key.as_bytes())), ErrorKind::Malformed),
        (Box::new(|it| it.trust_only([&broken])), ErrorKind::OpenSsl),
        (Box::new(|it| it.revoke(chain.as_bytes())), ErrorKind::OpenSsl),
        // No decoder knows it.
        (Box::new(|it| it.identity(chain.as_bytes(), b"")), ErrorKind::Unsupported),
        (Box::new(|it| it.identity(b"", key.as_bytes())), ErrorKind::OpenSsl),
        (Box::new(|it| it.identity(chain.as_bytes(), other_key.as_bytes())), ErrorKind::OpenSsl),
    ];
    for (at, (change, kind)) in cases.into_iter().enumerate() {
        let Some((said, outcome)) = with(&url, Some(&authority), change) else { return };
        assert_eq!(said, Err(kind), "case {at}");
        assert_eq!(outcome.unwrap().len(), 7, "case {at}");
    }
}

#[test]
fn an_encrypted_key_is_an_error_and_asks_nobody() {
    let authority = Authority::new();
    let server = Server::tls(&authority);
    let (chain, key) = authority.client_pem("somebody");
    let key = openssl::pkey::PKey::private_key_from_pem(key.as_bytes()).unwrap();
    let cipher = openssl::symm::Cipher::aes_256_cbc();
    let key = key.private_key_to_pem_pkcs8_passphrase(cipher, b"secret").unwrap();
    let change = |it: &mut TlsContext<'_>| it.identity(chain.as_bytes(), &key);
    let Some((said, _)) = with(&server.url("/bytes/7"), Some(&authority), change) else { return };
    assert_eq!(said, Err(ErrorKind::OpenSsl));
}

#[test]
fn an_identity_is_shown_in_pem_and_der() {
    let Some(nginx) = Nginx::start() else { return };
    let (chain, key) = nginx.authority().client_pem("client.example");
    let key_der = openssl::pkey::PKey::private_key_from_pem(key.as_bytes())
        .unwrap()
        .private_key_to_der()
        .unwrap();
    let url = nginx.tls_url("/client");
    let (pem, der) = ((chain.as_bytes().to_vec(), key.as_bytes().to_vec()), (der(&chain), key_der));
    for (chain, key) in [pem, der] {
        let change = |it: &mut TlsContext<'_>| it.identity(&chain, &key);
        let Some((said, outcome)) = with(&url, Some(nginx.authority()), change) else { return };
        assert_eq!(said, Ok(()));
        let body = String::from_utf8(outcome.unwrap()).unwrap();
        assert!(body.contains("SUCCESS"), "{body}");
    }
    let (_, outcome) = with(&url, Some(nginx.authority()), |_| Ok(())).unwrap();
    assert!(!String::from_utf8(outcome.unwrap_or_default()).unwrap().contains("SUCCESS"));
}

#[test]
fn versions_are_bounded() {
    let Some(nginx) = Nginx::start() else { return };
    let of = |from, up_to| TlsVersions::new().from(from).up_to(up_to);
    let (v1_2, v1_3) = (TlsVersion::V1_2, TlsVersion::V1_3);
    for (versions, spoken) in [(of(v1_2, v1_2), "TLSv1.2"), (of(v1_2, v1_3), "TLSv1.3")] {
        let url = nginx.tls_url("/protocol");
        let change = |it: &mut TlsContext<'_>| it.versions(versions);
        let Some((said, outcome)) = with(&url, Some(nginx.authority()), change) else { return };
        assert_eq!(said, Ok(()));
        let body = String::from_utf8(outcome.unwrap()).unwrap();
        assert!(body.contains(spoken), "{body}");
    }
    let url = nginx.tls_1_2_url("/protocol");
    let change = |it: &mut TlsContext<'_>| it.versions(of(v1_3, v1_3));
    let (_, outcome) = with(&url, Some(nginx.authority()), change).unwrap();
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Tls);
}

#[test]
fn a_revoked_certificate_is_refused() {
    let Some(nginx) = Nginx::start() else { return };
    let certificate = openssl::x509::X509::from_pem(nginx.certificate().as_bytes()).unwrap();
    let serial = certificate.serial_number().to_bn().unwrap().to_vec();
    // One list of the authority's that names nobody, and one that names the server.
    for (revoked, kind) in [(vec![], None), (vec![serial], Some(ErrorKind::Tls))] {
        let list = nginx.authority().revocations(&revoked);
        let der = openssl::x509::X509Crl::from_pem(list.as_bytes()).unwrap().to_der().unwrap();
        for list in [list.as_bytes(), &der] {
            let url = nginx.tls_url("/protocol");
            let change = |it: &mut TlsContext<'_>| it.revoke(list);
            let Some((said, outcome)) = with(&url, Some(nginx.authority()), change) else { return };
            assert_eq!(said, Ok(()));
            assert_eq!(outcome.err().map(|error| error.kind()), kind, "{revoked:?}");
        }
    }
}

#[test]
fn a_panic_in_it_is_its_own_transfers_error() {
    /// Survives some contexts.
    struct Panics(u32, Vec<u8>);
    impl Handler for Panics {
        const CALLBACKS: Callbacks = Callbacks::TLS_CONTEXT.and(Callbacks::WRITE);
        fn write(&mut self, bytes: &[u8]) -> Write {
            self.1.extend_from_slice(bytes);
            Write::Taken
        }
        fn tls_context(&mut self, _: &mut TlsContext<'_>) -> Flow {
            assert!(self.0 > 0, "in the context");
            self.0 -= 1;
            Flow::Continue
        }
    }
    let authority = Authority::new();
    let server = Server::tls(&authority);
    let prepared = |survives, path: &str| {
        let mut easy = Easy::with(Panics(survives, Vec::new())).ok()?;
        easy.set(option::Url(server.url(path))).unwrap().set(option::NoProxy("*")).unwrap();
        easy.set(option::CaInfoBlob(authority.pem().as_bytes())).unwrap();
        easy.set(option::FollowLocation(Follow::All)).unwrap();
        // Each step of a redirect makes its own connection: nobody leaves one behind.
        easy.set(option::ForbidReuse(true)).unwrap();
        easy.set(option::HttpVersion(HttpVersion::Http11)).unwrap();
        Some(easy)
    };
    for survives in [0, 1] {
        let Some(mut easy) = prepared(survives, "/redirect/307/bytes/7") else { return };
        assert_eq!(easy.perform().unwrap_err().kind(), ErrorKind::Panicked);
        assert_eq!(easy.perform().unwrap_err().kind(), ErrorKind::Panicked, "each time");
        for mut multi in common::transfers::engines() {
            let others =
                [(); 4].map(|()| multi.add(prepared(u32::MAX, "/bytes/200000").unwrap()).unwrap());
            let bad = multi.add(prepared(survives, "/redirect/307/bytes/7").unwrap()).unwrap();
            let mut done = common::transfers::drive(&mut multi);
            let error = done.remove(&bad).unwrap().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Panicked, "{error}");
            for id in others {
                assert!(done[&id].is_ok(), "{:?}", done[&id]);
                let body = multi.remove(id).unwrap().into_handler().1;
                assert!(body == common::server::bytes(200_000));
            }
        }
    }
}
