//! Whom the client trusts: the system, others besides, or others alone.

#![cfg(feature = "http")]

mod common;

use common::executor::block_on;
use common::server::{Authority, Server, bytes};
use ffence::ErrorKind;
use ffence::http::{Client, Pin, Tls, TlsVersion};

fn with(tls: Tls) -> Client {
    Client::builder().tls(tls).build().unwrap()
}

fn der(pem: &str) -> Vec<u8> {
    openssl::x509::X509::from_pem(pem.as_bytes()).unwrap().to_der().unwrap()
}

/// What a client answers, blocking and asynchronously: the same.
fn both(client: &Client, url: &str) -> Result<(), ErrorKind> {
    let blocking = client.get(url).send();
    let waited = block_on(client.get(url).send_async());
    let kinds = [blocking, waited].map(|it| {
        it.map(|response| assert!(*response.body() == bytes(100))).map_err(|error| error.kind())
    });
    assert_eq!(kinds[0], kinds[1]);
    kinds[0]
}

#[test]
fn an_authority_in_der_is_trusted_as_in_pem() {
    let authority = Authority::new();
    let server = Server::tls(&authority);
    let url = server.url("/bytes/100");
    let der = der(authority.pem());
    for tls in [Tls::new().ca_der(&der), Tls::new().add_ca_der(&der)] {
        assert_eq!(both(&with(tls), &url), Ok(()));
    }
}

#[test]
fn what_is_added_counts_beside_what_is_there() {
    let (one, two) = (Authority::named("one"), Authority::named("two"));
    let servers = [Server::tls(&one), Server::tls(&two)];
    let outcomes = |tls: Tls| {
        let client = with(tls);
        servers.each_ref().map(|server| both(&client, &server.url("/bytes/100")))
    };
    let refused = Err(ErrorKind::Tls);
    let system = Tls::new();
    assert_eq!(outcomes(system.clone()), [refused, refused]);
    assert_eq!(outcomes(system.clone().add_ca_pem(one.pem())), [Ok(()), refused]);
    assert_eq!(outcomes(system.add_ca_pem(one.pem()).add_ca_pem(two.pem())), [Ok(()), Ok(())]);
    let only = Tls::new().ca_pem(one.pem());
    assert_eq!(outcomes(only.clone()), [Ok(()), refused]);
    assert_eq!(outcomes(only.clone().add_ca_der(der(two.pem()))), [Ok(()), Ok(())]);
    // What takes the others' place takes that of what was added, too.
    assert_eq!(outcomes(only.ca_pem(two.pem())), [refused, Ok(())]);
}

/// An intermediate one that is trusted needs nobody above it, as with libcurl's own options.
#[test]
fn whoever_is_trusted_need_not_have_signed_itself() {
    let authority = Authority::new();
    let (certificate, key) = authority.server_pem(&["127.0.0.1"]);
    let server = Server::tls_with(&certificate, &key);
    assert_eq!(both(&with(Tls::new().ca_pem(&certificate)), &server.url("/bytes/100")), Ok(()));
}

#[test]
fn two_clients_never_share_what_one_of_them_trusts() {
    let (trusted, other) = (Authority::named("trusted"), Authority::named("other"));
    let server = Server::tls(&trusted);
    let url = server.url("/bytes/100");
    let good = with(Tls::new().ca_pem(trusted.pem()));
    let bad = with(Tls::new().ca_pem(other.pem()));
    let system = with(Tls::new());
    for _ in 0..3 {
        // On the same threads, with connections and sessions of the good one's at hand.
        assert_eq!(both(&good, &url), Ok(()));
        assert_eq!(both(&bad, &url), Err(ErrorKind::Tls));
        assert_eq!(both(&system, &url), Err(ErrorKind::Tls));
    }
}

#[test]
fn what_is_no_certificate_is_refused_when_the_client_is_built() {
    let pem = Authority::new().pem().to_owned();
    let cut = &der(&pem)[..100];
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, "no certificate").unwrap();
    let cases = [
        (Tls::new().ca_pem("no certificate"), "bytes of PEM"),
        (Tls::new().add_ca_pem(pem.replacen("MI", "??", 1)), "bytes of PEM"),
        (Tls::new().ca_pem(&pem).add_ca_pem(""), "0 bytes of PEM"),
        (Tls::new().ca_der(cut), "100 bytes of DER"),
        (Tls::new().add_ca_der("text"), "4 bytes of DER"),
        (Tls::new().ca_file(file.path()), file.path().to_str().unwrap()),
    ];
    for (tls, named) in cases {
        let error = Client::builder().tls(tls).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed, "{error}");
        // The form is looked at without OpenSSL, too, where all of DER looks the same.
        assert!(error.to_string().contains(named) || cfg!(not(feature = "crypto")), "{error}");
    }
    let gone = Tls::new().ca_file("/nonexistent/ca.pem");
    let error = Client::builder().tls(gone).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::System);
    assert!(error.to_string().contains("/nonexistent/ca.pem"), "{error}");
}

#[test]
fn versions_have_an_upper_bound() {
    let authority = Authority::new();
    let trust = Tls::new().ca_pem(authority.pem());
    let only_1_2 = trust.clone().max_version(TlsVersion::V1_2);
    let server = Server::tls_1_2(&authority);
    assert_eq!(both(&with(only_1_2.clone()), &server.url("/bytes/100")), Ok(()));
    let crossed = only_1_2.min_version(TlsVersion::V1_3);
    let error = Client::builder().tls(crossed).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Parameter);
}

/// They are looked at by OpenSSL, where that is here.
#[cfg(feature = "crypto")]
#[test]
fn ciphers_and_groups_are_chosen_or_refused() {
    let authority = Authority::new();
    let server = Server::tls(&authority);
    let trust = || Tls::new().ca_pem(authority.pem());
    let chosen =
        trust().cipher_suites("TLS_AES_128_GCM_SHA256").ciphers("ECDHE+AESGCM").groups("X25519");
    assert_eq!(both(&with(chosen), &server.url("/bytes/100")), Ok(()));
    let shared = ffence::capabilities().unwrap().shared_libcrypto();
    if shared != ffence::capabilities::SharedLibcrypto::Yes {
        return;
    }
    let wrong = [
        (trust().ciphers("NO-SUCH-CIPHER"), "list of ciphers"),
        (trust().cipher_suites("TLS_NO_SUCH"), "list of cipher suites"),
        (trust().groups("no-such-group"), "list of groups"),
    ];
    for (tls, named) in wrong {
        let error = Client::builder().tls(tls).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Parameter, "{error}");
        assert!(error.to_string().contains(named), "{error}");
    }
}

#[test]
fn pins_are_text_and_back() {
    let digest: [u8; 32] = std::array::from_fn(|at| u8::try_from(at).unwrap());
    let pin = Pin::sha256(digest);
    assert_eq!(pin.to_string(), "sha256//AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    assert_eq!(pin.to_string().parse::<Pin>().unwrap(), pin);
    for text in ["", "sha256//", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "sha256//AAEC"] {
        assert_eq!(text.parse::<Pin>().unwrap_err().kind(), ErrorKind::Malformed, "{text}");
    }
}

#[cfg(feature = "crypto")]
#[test]
fn a_server_with_another_key_than_the_pinned_one_is_refused() {
    let authority = Authority::new();
    let (certificate, key) = authority.server_pem(&["127.0.0.1"]);
    let server = Server::tls_with(&certificate, &key);
    let url = server.url("/bytes/100");
    let pin = Pin::of_certificate(&certificate).unwrap();
    assert_eq!(pin, Pin::of_certificate(der(&certificate)).unwrap());
    let spki = openssl::x509::X509::from_pem(certificate.as_bytes()).unwrap();
    let spki = spki.public_key().unwrap().public_key_to_der().unwrap();
    assert_eq!(pin, Pin::of_public_key(spki).unwrap());

    let trust = || Tls::new().ca_pem(authority.pem());
    let other = Pin::sha256([7; 32]);
    for tls in [trust().pin(pin), trust().pin(other).pin(pin)] {
        assert_eq!(both(&with(tls), &url), Ok(()));
    }
    let error = with(trust().pin(other)).get(&url).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls);
    assert_eq!(error.code(), Some(90), "CURLE_SSL_PINNEDPUBKEYNOTMATCH: {error}");
    assert!(error.is_connect(), "{error:?}");
    // A pin takes nothing away from what else has to be right.
    assert_eq!(both(&with(Tls::new().pin(pin)), &url), Err(ErrorKind::Tls));
    assert_eq!(Pin::of_certificate("no certificate").unwrap_err().kind(), ErrorKind::Malformed);
}
