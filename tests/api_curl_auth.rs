//! Every way to authenticate that libcurl has, towards servers that check what they are told.
#![cfg(all(feature = "http", feature = "crypto"))]

mod common;

use std::io::Write as _;
use std::sync::mpsc;

use common::guarded::{self, header, parameters};
use common::nginx::Nginx;
use common::raw::{Raw, read_request};
use ffence::ErrorKind;
use ffence::crypto::{Hmac, Sha256};
use ffence::curl::{Easy, option, option::value::Auth};
use openssl::base64::encode_block;

fn easy(url: &str) -> Easy {
    let mut easy = Easy::new().unwrap();
    easy.set(option::Url(url)).unwrap().set(option::NoProxy("*")).unwrap();
    easy
}

fn perform(easy: &mut Easy) -> (Option<u16>, String) {
    let mut body = Vec::new();
    let status = easy.perform_into(&mut body).unwrap().response_code();
    (status, String::from_utf8(body).unwrap())
}

/// A server that answers 200 to requests whose `Authorization` pleases `check`, and to others 401
/// with the challenge that it gave.
fn challenging(check: impl Fn(&str, &str) -> Result<(), String> + Clone + Send + 'static) -> Raw {
    Raw::with(move |mut stream| {
        loop {
            let request = read_request(&mut stream);
            if request.is_empty() {
                return;
            }
            let credentials = header(&request, "authorization").unwrap_or_default();
            let answer = match check(&request, &credentials) {
                Ok(()) => "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes".to_owned(),
                Err(challenge) => format!(
                    "HTTP/1.1 401 No\r\nWWW-Authenticate: {challenge}\r\nContent-Length: 2\r\n\r\nno"
                ),
            };
            if stream.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    })
}

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).unwrap().to_string()
}

#[test]
fn basic() {
    let Some(nginx) = Nginx::start() else { return };
    let mut easy = easy(&nginx.url("/basic/small"));
    assert_eq!(perform(&mut easy).0, Some(401));
    assert!(easy.info().httpauth_avail().contains(Auth::BASIC));
    easy.set(option::Username("user")).unwrap().set(option::Password("wrong")).unwrap();
    assert_eq!(perform(&mut easy).0, Some(401));
    easy.set(option::Password("open sesame")).unwrap();
    assert_eq!(perform(&mut easy), (Some(200), "small\n".to_owned()));
    // Only after the server has asked.
    easy.set(option::HttpAuth(Auth::ANY)).unwrap();
    assert_eq!(perform(&mut easy), (Some(200), "small\n".to_owned()));
    // And never what is not safe.
    easy.set(option::HttpAuth(Auth::ANY_SAFE)).unwrap();
    assert_eq!(perform(&mut easy).0, Some(401));
}

#[test]
fn bearer() {
    let peer =
        challenging(
            |_, credentials| {
                if credentials == "Bearer tok.en" { Ok(()) } else { Err("Bearer".to_owned()) }
            },
        );
    let mut easy = easy(&peer.url("/"));
    easy.set(option::HttpAuth(Auth::BEARER)).unwrap();
    easy.set(option::XOAuth2Bearer("tok.en")).unwrap();
    assert_eq!(perform(&mut easy).0, Some(200));
    easy.set(option::XOAuth2Bearer("other")).unwrap();
    assert_eq!(perform(&mut easy).0, Some(401));
}

/// RFC 7616 section 3.4.1, with SHA-256.
#[test]
fn digest() {
    let peer = challenging(|request, credentials| {
        let challenge = "Digest realm=\"here\", qop=\"auth\", nonce=\"n0nce\", algorithm=SHA-256";
        let given = parameters(credentials);
        let part = |name: &str| given.get(name).cloned().unwrap_or_default();
        let mut words = request.split(' ');
        let (method, path) = (words.next().unwrap(), words.next().unwrap());
        let a1 = sha256("user:here:open sesame");
        let a2 = sha256(&format!("{method}:{path}"));
        let (nc, cnonce) = (part("nc"), part("cnonce"));
        let response = sha256(&format!("{a1}:n0nce:{nc}:{cnonce}:auth:{a2}"));
        let right = !cnonce.is_empty() && part("uri") == path && part("response") == response;
        if right { Ok(()) } else { Err(challenge.to_owned()) }
    });
    let mut easy = easy(&peer.url("/a?b=c"));
    easy.set(option::HttpAuth(Auth::DIGEST)).unwrap();
    easy.set(option::UserPwd("user:open sesame")).unwrap();
    assert_eq!(perform(&mut easy).0, Some(200));
    easy.set(option::CustomRequest("DELETE")).unwrap();
    assert_eq!(perform(&mut easy).0, Some(200), "the method is part of it");
    easy.set(option::UserPwd("user:wrong")).unwrap();
    assert_eq!(perform(&mut easy).0, Some(401));
}

#[test]
fn ntlm() {
    let peer = challenging(|_, credentials| guarded::ntlm(credentials));
    let mut easy = easy(&peer.url("/"));
    if let Err(error) = easy.set(option::HttpAuth(Auth::NTLM)) {
        assert!(matches!(error.kind(), ErrorKind::Unsupported), "{error}");
        eprintln!("skipped: this libcurl was built without NTLM");
        return;
    }
    easy.set(option::UserPwd("user:open sesame")).unwrap();
    assert_eq!(perform(&mut easy).0, Some(200));
}

/// Without a ticket there is nothing to say: the refusal comes back, and nothing else happens.
#[test]
fn negotiate_without_a_ticket() {
    let peer =
        challenging(
            |_, credentials| {
                if credentials.is_empty() { Err("Negotiate".to_owned()) } else { Ok(()) }
            },
        );
    let mut easy = easy(&peer.url("/"));
    if let Err(error) = easy.set(option::HttpAuth(Auth::NEGOTIATE)) {
        assert!(matches!(error.kind(), ErrorKind::Unsupported), "{error}");
        eprintln!("skipped: this libcurl was built without Negotiate");
        return;
    }
    easy.set(option::UserPwd(":")).unwrap();
    // From 8.? on libcurl says that the mechanism failed, instead of handing the 401 on.
    let mut body = Vec::new();
    match easy.perform_into(&mut body) {
        Ok(done) => assert_eq!(done.response_code(), Some(401)),
        Err(error) => assert_eq!(error.code(), Some(94), "{error}"), // CURLE_AUTH_ERROR
    }
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    Hmac::<Sha256>::new(key).unwrap().sign(text.as_bytes()).unwrap().as_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// The signature that a request must have (AWS, "Create a signed AWS API request").
fn sigv4(request: &str, credentials: &str, secret: &str) -> Option<String> {
    let signed = credentials.split("SignedHeaders=").nth(1)?.split(',').next()?;
    let scope = credentials.split("Credential=AKID/").nth(1)?.split(',').next()?;
    let (head, body) = request.split_once("\r\n\r\n")?;
    let mut words = head.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers: String = signed
        .split(';')
        .map(|name| Some(format!("{name}:{}\n", header(request, name)?)))
        .collect::<Option<_>>()?;
    let canonical = format!("{method}\n{path}\n{query}\n{headers}\n{signed}\n{}", sha256(body));
    let time = header(request, "x-amz-date")?;
    let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", sha256(&canonical));
    let mut key = format!("AWS4{secret}").into_bytes();
    for part in scope.split('/') {
        key = hmac(&key, part);
    }
    Some(hex(&hmac(&key, &to_sign)))
}

#[test]
fn aws_sigv4() {
    let (tell, told) = mpsc::channel();
    let peer = challenging(move |request, credentials| {
        let wanted = sigv4(request, credentials, "sEcReT").unwrap_or_default();
        let _ = tell.send(credentials.to_owned());
        let right = !wanted.is_empty() && credentials.ends_with(&format!("Signature={wanted}"));
        if right { Ok(()) } else { Err("AWS4-HMAC-SHA256".to_owned()) }
    });
    let mut easy = easy(&peer.url("/bucket/key?a=b"));
    easy.set(option::AwsSigV4("aws:amz:eu-central-1:service")).unwrap();
    easy.set(option::UserPwd("AKID:sEcReT")).unwrap();
    easy.set(option::PostFields("some=thing")).unwrap();
    assert_eq!(perform(&mut easy).0, Some(200));
    let credentials = told.recv().unwrap();
    assert!(credentials.contains("/eu-central-1/service/aws4_request"), "{credentials}");
    easy.set(option::UserPwd("AKID:other")).unwrap();
    assert_eq!(perform(&mut easy).0, Some(401));
}

#[test]
fn a_client_certificate_from_memory() {
    let Some(nginx) = Nginx::start() else { return };
    let mut easy = easy(&nginx.tls_url("/client"));
    easy.set(option::CaInfoBlob(nginx.authority().pem().as_bytes())).unwrap();
    assert_eq!(perform(&mut easy), (Some(200), "NONE \n".to_owned()));

    let (certificate, key) = nginx.authority().client_pem("client.example");
    easy.set(option::SslCertBlob(certificate.as_bytes())).unwrap();
    easy.set(option::SslKeyBlob(key.as_bytes())).unwrap();
    easy.set(option::FreshConnect(true)).unwrap();
    let (status, body) = perform(&mut easy);
    assert_eq!(status, Some(200));
    assert!(body.starts_with("SUCCESS CN="), "{body}");

    // A stranger's is refused.
    let (certificate, key) = common::server::Authority::named("other").client_pem("client.example");
    easy.set(option::SslCertBlob(certificate.as_bytes())).unwrap();
    easy.set(option::SslKeyBlob(key.as_bytes())).unwrap();
    assert_eq!(perform(&mut easy).0, Some(400));

    // A key that is not the certificate's never leaves this side.
    easy.set(option::SslCertBlob(nginx.certificate().as_bytes())).unwrap();
    let kind = easy.perform().unwrap_err().kind();
    assert!(matches!(kind, ErrorKind::Tls | ErrorKind::InvalidRequest), "{kind:?}");
}

#[test]
fn a_pinned_key() {
    let Some(nginx) = Nginx::start() else { return };
    let certificate = openssl::x509::X509::from_pem(nginx.certificate().as_bytes()).unwrap();
    let key = certificate.public_key().unwrap().public_key_to_der().unwrap();
    let pin = format!("sha256//{}", encode_block(Sha256::digest(&key).unwrap().as_bytes()));
    let mut easy = easy(&nginx.tls_url("/files/small"));
    easy.set(option::CaInfoBlob(nginx.authority().pem().as_bytes())).unwrap();
    easy.set(option::PinnedPublicKey(&pin)).unwrap();
    assert_eq!(perform(&mut easy).1, "small\n");

    let other = format!("sha256//{}", encode_block(&[7; 32]));
    easy.set(option::FreshConnect(true)).unwrap();
    easy.set(option::PinnedPublicKey(&other)).unwrap();
    let error = easy.perform().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls);
    assert_eq!(error.code(), Some(90)); // CURLE_SSL_PINNEDPUBKEYNOTMATCH
    // One of several is enough.
    easy.set(option::PinnedPublicKey(format!("{other};{pin}"))).unwrap();
    assert_eq!(perform(&mut easy).1, "small\n");
}
