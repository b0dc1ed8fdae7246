//! Contenders that do one thing after the other on the caller's thread.

use std::io::{self, Read};
use std::sync::Arc;

use hyper::header::{CONTENT_TYPE, HeaderValue};
use isahc::config::{CaCertificate, Configurable as _};
use isahc::{HttpClient, ReadResponseExt as _};

use crate::case::{Case, LARGE, SMALL, Task, repeat};
use crate::raw::expected;

/// What an upload gives.
fn large() -> impl Read + Send + Sync + 'static {
    io::repeat(b'x').take(LARGE as u64)
}

/// What a POST carries: it is there already, as it is for raw libcurl.
fn small() -> &'static str {
    "y".repeat(SMALL).leak()
}

const JSON: (&str, &str) = ("content-type", "application/json");

pub fn ffence(case: &Case) {
    use ffence::http::{Client, RequestBody, Tls};

    let tls = Tls::new().ca_file(&case.authority);
    let client = Client::builder().tls(tls).build().expect("a client");
    let (url, expected, small) = (case.url(), expected(case.task), small());
    let kind = HeaderValue::from_static(JSON.1);
    repeat(case, || match case.task {
        Task::Download => {
            let got = client.get(&*url).send_to(&mut io::sink()).expect("a response");
            assert_eq!(got.into_body(), LARGE as u64);
        }
        Task::Upload => {
            let body = RequestBody::reader(large(), LARGE as u64);
            let response = client.post(&*url).body(body).send().expect("a response");
            assert_eq!(response.text().expect("text"), LARGE.to_string());
        }
        _ => {
            let request = match case.task {
                Task::Post => client.post(&*url).header(CONTENT_TYPE, kind.clone()).body(small),
                _ => client.get(&*url),
            };
            let response = request.send().expect("a response");
            assert_eq!(response.status().as_u16(), 200);
            assert_eq!(response.into_body().len(), expected);
        }
    });
}

pub fn isahc(case: &Case) {
    let client = HttpClient::builder()
        .ssl_ca_certificate(CaCertificate::file(&case.authority))
        .build()
        .expect("a client");
    let (url, expected, small) = (case.url(), expected(case.task), small());
    repeat(case, || {
        let mut response = match case.task {
            Task::Upload => {
                let body = isahc::Body::from_reader_sized(large(), LARGE as u64);
                client.post(&*url, body)
            }
            Task::Post => {
                let request = isahc::Request::post(&*url).header(JSON.0, JSON.1);
                client.send(request.body(small).expect("a request"))
            }
            _ => client.get(&*url),
        }
        .expect("a response");
        assert_eq!(response.status().as_u16(), 200);
        let got = match case.task {
            Task::Download => response.copy_to(io::sink()).expect("a body") as usize,
            _ => response.bytes().expect("a body").len(),
        };
        assert_eq!(got, expected);
    });
}

pub fn reqwest(case: &Case) {
    use reqwest::blocking::{Body, Client};

    let pem = std::fs::read(&case.authority).expect("a file");
    let client = Client::builder()
        .add_root_certificate(reqwest::Certificate::from_pem(&pem).expect("a certificate"))
        .build()
        .expect("a client");
    let (url, expected, small) = (case.url(), expected(case.task), small());
    repeat(case, || {
        let request = match case.task {
            Task::Upload => client.post(&url).body(Body::sized(large(), LARGE as u64)),
            Task::Post => client.post(&url).header(JSON.0, JSON.1).body(small),
            _ => client.get(&url),
        };
        let mut response = request.send().expect("a response");
        assert_eq!(response.status().as_u16(), 200);
        let got = match case.task {
            Task::Download => response.copy_to(&mut io::sink()).expect("a body") as usize,
            _ => response.bytes().expect("a body").len(),
        };
        assert_eq!(got, expected);
    });
}

pub fn ureq(case: &Case) {
    use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};

    let pem = std::fs::read(&case.authority).expect("a file");
    let root = Certificate::from_pem(&pem).expect("a certificate");
    let roots = RootCerts::Specific(Arc::new(vec![root]));
    let tls = TlsConfig::builder().provider(TlsProvider::NativeTls).root_certs(roots).build();
    let agent = ureq::Agent::new_with_config(ureq::Agent::config_builder().tls_config(tls).build());
    let (url, expected, small) = (case.url(), expected(case.task), small());
    repeat(case, || {
        let response = match case.task {
            Task::Upload => agent
                .post(&url)
                .header("content-length", LARGE.to_string())
                .send(ureq::SendBody::from_owned_reader(large())),
            Task::Post => agent.post(&url).header(JSON.0, JSON.1).send(small),
            _ => agent.get(&url).call(),
        };
        let mut response = response.expect("a response");
        assert_eq!(response.status().as_u16(), 200);
        let got = match case.task {
            Task::Download => io::copy(&mut response.body_mut().as_reader(), &mut io::sink())
                .expect("a body") as usize,
            _ => response.body_mut().read_to_vec().expect("a body").len(),
        };
        assert_eq!(got, expected);
    });
}
