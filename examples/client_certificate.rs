//! Says who it is: a client with a certificate, a server that asks for one, and an authority that both
//! trust, all made here.
//!
//! `cargo run --example client_certificate`

use std::error::Error;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use ffence::http::{Client, Identity, Tls};
use openssl::ssl::{SslAcceptor, SslMethod, SslVerifyMode};
use openssl::{pkey::PKey, x509::X509};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

fn main() -> Outcome {
    let authority = authority()?;
    let (certificate, key) = issue(&authority.1, "127.0.0.1")?;
    let url = serve(&authority.0, &certificate, &key)?;

    let (certificate, key) = issue(&authority.1, "alice.test")?;
    let identity = Identity::pem(certificate, key)?;
    let trust = Tls::new().ca_pem(&authority.0);
    let alice = Client::builder().tls(trust.clone().identity(identity)).build()?;
    println!("with a certificate: {}", alice.get(&url).send()?.text()?);

    let nobody = Client::builder().tls(trust).build()?;
    match nobody.get(&url).send() {
        Ok(response) => println!("without one, but let in: {}", response.status()),
        Err(error) => println!("without one: {error}"),
    }
    Ok(())
}

/// An authority: its certificate in PEM, and what it signs with.
fn authority() -> Outcome<(String, Issuer<'static, KeyPair>)> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate()?;
    Ok((params.self_signed(&key)?.pem(), Issuer::new(params, key)))
}

/// A certificate for `name`, and its key, in PEM.
fn issue(authority: &Issuer<'static, KeyPair>, name: &str) -> Outcome<(String, String)> {
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new([name.to_owned()])?.signed_by(&key, authority)?;
    Ok((certificate.pem(), key.serialize_pem()))
}

/// Answers those that the authority vouches for, with the name in their certificate.
fn serve(authority: &str, certificate: &str, key: &str) -> Outcome<String> {
    let mut tls = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls())?;
    tls.set_certificate(&*X509::from_pem(certificate.as_bytes())?)?;
    tls.set_private_key(&*PKey::private_key_from_pem(key.as_bytes())?)?;
    tls.cert_store_mut().add_cert(X509::from_pem(authority.as_bytes())?)?;
    tls.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
    let (tls, listener) = (tls.build(), TcpListener::bind("127.0.0.1:0")?);
    let url = format!("https://{}/", listener.local_addr()?);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // Whoever is not let in has the reason from TLS.
            let Ok(mut stream) = tls.accept(stream) else { continue };
            let names = stream.ssl().peer_certificate().and_then(|it| it.subject_alt_names());
            let name = names.and_then(|it| Some(it.get(0)?.dnsname()?.to_owned()));
            let body = format!("good day, {}", name.unwrap_or_default());
            let _ = stream.read(&mut [0; 4096]);
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
            let _ = stream.write_all((head + &body).as_bytes());
        }
    });
    Ok(url)
}
