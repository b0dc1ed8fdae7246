//! Who the client is: certificates that servers ask for.

#![cfg(feature = "http")]

mod common;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use common::executor::block_on;
use common::nginx::Nginx;
use common::server::Authority;
use ffence::ErrorKind;
use ffence::http::{CancelHandle, Client, Identity, Response, Tls, TlsVersion};
use openssl::pkcs12::Pkcs12;
use openssl::pkey::PKey;
use openssl::ssl::{SslAcceptor, SslMethod, SslVerifyMode};
use openssl::symm::Cipher;
use openssl::x509::X509;

/// A certificate and its key, in all forms.
struct Forms {
    chain: String,
    key: String,
    certificate_der: Vec<u8>,
    key_der: Vec<u8>,
    encrypted: Vec<u8>,
    pkcs12: Vec<u8>,
}

fn forms(authority: &Authority) -> Forms {
    let (chain, key) = authority.client_pem("client.example");
    let certificate = X509::from_pem(chain.as_bytes()).unwrap();
    let parsed = PKey::private_key_from_pem(key.as_bytes()).unwrap();
    let encrypted =
        parsed.private_key_to_pem_pkcs8_passphrase(Cipher::aes_256_cbc(), b"open sesame").unwrap();
    let mut pkcs12 = Pkcs12::builder();
    pkcs12.name("me").pkey(&parsed).cert(&certificate);
    let pkcs12 = pkcs12.build2("open sesame").unwrap().to_der().unwrap();
    Forms {
        certificate_der: certificate.to_der().unwrap(),
        key_der: parsed.private_key_to_der().unwrap(),
        encrypted,
        pkcs12,
        chain,
        key,
    }
}

fn with(authority: &Authority, identity: Identity) -> Client {
    let tls = Tls::new().ca_pem(authority.pem()).identity(identity);
    Client::builder().tls(tls).build().unwrap()
}

fn page(response: ffence::Result<Response<Vec<u8>>>) -> String {
    response.unwrap().text().unwrap().to_owned()
}

#[test]
fn a_server_sees_the_identity_in_every_form() {
    let Some(nginx) = Nginx::start() else { return };
    let forms = forms(nginx.authority());
    let url = nginx.tls_url("/client");
    let identities = [
        Identity::pem(&forms.chain, &forms.key).unwrap(),
        Identity::pem_with_passphrase(&forms.chain, &forms.encrypted, "open sesame").unwrap(),
        Identity::der(&forms.certificate_der, &forms.key_der).unwrap(),
        Identity::pkcs12(&forms.pkcs12, "open sesame").unwrap(),
    ];
    for identity in identities {
        let client = with(nginx.authority(), identity);
        let blocking = page(client.get(&url).send());
        let waited = page(block_on(client.get(&url).send_async()));
        for text in [blocking, waited] {
            assert!(text.starts_with("SUCCESS"), "{text}");
        }
    }
    let tls = Tls::new().ca_pem(nginx.authority().pem());
    let nobody = Client::builder().tls(tls).build().unwrap();
    let text = page(nobody.get(&url).send());
    assert!(text.starts_with("NONE"), "{text}");
}

/// Clients of several identities use the same server from the same thread: nobody is taken for
/// another.
#[test]
fn clients_are_not_taken_for_each_other() {
    let Some(nginx) = Nginx::start() else { return };
    let authority = nginx.authority();
    let url = nginx.tls_url("/client");
    let known = with(authority, {
        let (chain, key) = authority.client_pem("known.example");
        Identity::pem(chain, key).unwrap()
    });
    let tls = Tls::new().ca_pem(authority.pem());
    let nobody = Client::builder().tls(tls).build().unwrap();
    for _ in 0..3 {
        for (client, verdict) in [(&known, "SUCCESS"), (&nobody, "NONE")] {
            let cancel = CancelHandle::new();
            cancel.cancel();
            // One that was given up before leaves nothing behind either.
            let given_up = client.get(&url).cancel_with(&cancel).send().unwrap_err();
            assert_eq!(given_up.kind(), ErrorKind::Cancelled);
            let text = page(client.get(&url).send());
            assert!(text.starts_with(verdict), "{text}");
            let text = page(block_on(client.get(&url).send_async()));
            assert!(text.starts_with(verdict), "{text}");
        }
    }
}

/// What is wrong is known before anything is sent, and named. Only its form where there is no
/// OpenSSL to ask.
#[test]
fn what_is_no_identity_is_refused() {
    let authority = Authority::new();
    let forms = forms(&authority);
    let Forms { chain, key, certificate_der, key_der, .. } = &forms;
    let malformed = [
        Identity::pem("no certificate", key),
        Identity::pem(chain, "no key"),
        Identity::pem(chain, chain),
        Identity::der(&certificate_der[..50], key_der),
        Identity::der(certificate_der, &key_der[..50]),
        Identity::pkcs12(b"no file", "open sesame"),
        Identity::pkcs12(&forms.pkcs12[..50], "open sesame"),
    ];
    for (at, identity) in malformed.into_iter().enumerate() {
        let error = identity.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed, "case {at}: {error}");
        let text = error.to_string();
        assert!(text.contains("client's") || text.contains("PKCS #12"), "case {at}: {text}");
    }
}

#[cfg(feature = "crypto")]
#[test]
fn a_wrong_passphrase_a_foreign_key_and_a_time_that_is_over_are_told_apart() {
    let authority = Authority::new();
    let forms = forms(&authority);
    let chain = &forms.chain;
    let foreign = authority.client_pem("other").1;
    let cases = [
        (Identity::pem(chain, &forms.encrypted), ErrorKind::Parameter, "no passphrase"),
        (
            Identity::pem_with_passphrase(chain, &forms.encrypted, "wrong"),
            ErrorKind::Authentication,
            "does not open",
        ),
        (Identity::pkcs12(&forms.pkcs12, "wrong"), ErrorKind::Authentication, "does not open"),
        (Identity::pkcs12(&forms.pkcs12, "o\0o"), ErrorKind::InteriorNul, "passphrase"),
        (Identity::pem(chain, foreign), ErrorKind::Parameter, "not its certificate's"),
    ];
    for (identity, kind, named) in cases {
        let error = identity.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(named), "{error}");
    }
    let long = "x".repeat(5000);
    let error = Identity::pem_with_passphrase(chain, &forms.encrypted, long).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);

    for (from, until, named) in [(2001, 2002, "expired"), (2120, 2121, "not valid yet")] {
        let (chain, key) = authority.client_pem_valid("late.example", from, until);
        let tls = Tls::new().identity(Identity::pem(chain, key).unwrap());
        let error = Client::builder().tls(tls).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Parameter);
        assert!(error.to_string().contains(named), "{error}");
    }
}

/// A passphrase from memory for secrets.
#[cfg(all(feature = "crypto", unix))]
#[test]
fn a_secret_lends_its_passphrase() {
    let forms = forms(&Authority::new());
    let secret = ffence::secret::Secret::take_from(&mut { *b"open sesame" }).unwrap();
    let identity = secret.expose(|passphrase| Identity::pkcs12(&forms.pkcs12, passphrase));
    identity.unwrap().unwrap();
}

/// A server that lets in only whom `authority` vouches for; it hears the client out before it goes, so
/// that no reset overtakes the reason.
fn strict(authority: &Authority) -> String {
    let (certificate, key) = authority.server_pem(&["127.0.0.1"]);
    let mut tls = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls()).unwrap();
    tls.set_certificate(&X509::from_pem(certificate.as_bytes()).unwrap()).unwrap();
    tls.set_private_key(&PKey::private_key_from_pem(key.as_bytes()).unwrap()).unwrap();
    tls.cert_store_mut().add_cert(X509::from_pem(authority.pem().as_bytes()).unwrap()).unwrap();
    tls.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
    let (tls, listener) = (tls.build(), TcpListener::bind("127.0.0.1:0").unwrap());
    let url = format!("https://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut beside = stream.try_clone().unwrap();
            if let Ok(mut stream) = tls.accept(stream) {
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n");
            } else {
                let _ = beside.shutdown(std::net::Shutdown::Write);
                let _ = beside.read_to_end(&mut Vec::new());
            }
        }
    });
    url
}

#[test]
fn a_server_that_refuses_the_client_is_an_error_of_tls() {
    let (authority, other) = (Authority::named("one"), Authority::named("two"));
    let url = strict(&authority);
    let identity = |authority: &Authority| {
        let (chain, key) = authority.client_pem("client.example");
        Identity::pem(chain, key).unwrap()
    };
    for version in [TlsVersion::V1_2, TlsVersion::V1_3] {
        let trust = || Tls::new().ca_pem(authority.pem()).max_version(version);
        let let_in = Client::builder().tls(trust().identity(identity(&authority))).build().unwrap();
        assert_eq!(let_in.get(&url).send().unwrap().status(), 204);
        for tls in [trust(), trust().identity(identity(&other))] {
            let client = Client::builder().tls(tls).build().unwrap();
            let errors = [client.get(&url).send(), block_on(client.get(&url).send_async())];
            for error in errors.map(Result::unwrap_err) {
                assert_eq!(error.kind(), ErrorKind::Tls, "{version:?}: {error}");
                assert!(error.to_string().contains("alert"), "{error}");
                // Of TLS 1.3 the client hears it when its part of the handshake is done.
                assert_eq!(error.is_connect(), version == TlsVersion::V1_2, "{error}");
            }
        }
    }
}

#[test]
fn nothing_of_an_identity_is_shown() {
    let (chain, key) = Authority::new().client_pem("somebody.example");
    let tls = Tls::new().identity(Identity::pem(chain, key).unwrap());
    let text = format!("{tls:?} {:?}", Client::builder().tls(tls.clone()));
    assert!(!text.contains("BEGIN") && !text.contains("somebody"), "{text}");
}
