//! The HTTP client.

use std::time::Duration;

use ffence::http::{Client, HttpVersion, Timeouts, Tls, TlsVersion};

use crate::common::server::{Authority, Server, bytes};
use crate::row::{Outcome, Row, row};

pub fn rows() -> Vec<Row> {
    vec![
        row!(
            "a client and its first requests",
            [
                "http::Client::{new,builder,get,post,request,execute}",
                "http::ClientBuilder::{build,http_version,redirects,timeouts,tls,user_agent}",
                "http::Timeouts::{new,connect,total}",
                "http::RequestBuilder::{body,header,send,send_to,timeout}",
                "http::Response::{body,into_body,error_for_status,headers,status,text,timings,version}",
            ],
            {
                let server = Server::plain();
                move || -> Outcome {
                    let limit = Duration::from_secs(60);
                    let client = Client::builder()
                        .http_version(HttpVersion::Http1)
                        .redirects(3)
                        .timeouts(Timeouts::new().connect(limit).total(limit))
                        .tls(Tls::new())
                        .user_agent("ffence")
                        .build()?;
                    drop(Client::new()?);
                    let response = client.get(server.url("/bytes/1000")).timeout(limit).send()?;
                    let response = response.error_for_status()?;
                    let _ = (response.status(), response.version(), response.timings());
                    assert!(*response.body() == bytes(1000) && !response.headers().is_empty());
                    let mut all = response.into_body();
                    client
                        .post(server.url("/echo"))
                        .header("x-one", "1")
                        .body("text")
                        .send_to(&mut all)?;
                    let method = http::Method::DELETE;
                    let deleted = client.request(method, server.url("/length")).send()?;
                    all.extend_from_slice(deleted.text()?.as_bytes());
                    let request = http::Request::get(server.url("/bytes/10")).body(Vec::new());
                    let answer = client.execute(request.expect("it is a request"))?;
                    all.extend_from_slice(answer.body());
                    // The echo has the server's port in it.
                    Ok(all.len().to_be_bytes().to_vec())
                }
            }
        ),
        row!("a client over TLS", ["http::Tls::{new,ca_pem,ca_file,min_version}"], {
            let authority = Authority::new();
            let server = Server::tls(&authority);
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), authority.pem()).unwrap();
            move || -> Outcome {
                let pem = Tls::new().ca_pem(authority.pem()).min_version(TlsVersion::V1_3);
                let limits = Timeouts::new().total(Duration::from_secs(30));
                let mut body = Vec::new();
                for tls in [pem, Tls::new().ca_file(file.path())] {
                    let client = Client::builder().tls(tls).timeouts(limits).build()?;
                    body = client.get(server.url("/bytes/1000")).send()?.into_body();
                }
                Ok(body)
            }
        }),
    ]
}
