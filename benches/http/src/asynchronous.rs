//! Contenders with futures, on one executor's thread beside whatever threads they bring.

use std::future::Future;
use std::sync::Arc;

use futures_util::future::join_all;
use isahc::config::{CaCertificate, Configurable as _};
use isahc::{AsyncReadResponseExt as _, HttpClient};

use crate::case::{Case, SMALL, many};
use crate::system;

/// `each` times in a row, and so many such rows at once.
fn rows<F, R>(case: &Case, get: F)
where
    F: Fn(Arc<str>) -> R + Clone + 'static,
    R: Future<Output = usize> + 'static,
{
    system::allow_descriptors();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    many(case, |url, each| {
        let url: Arc<str> = url.into();
        let local = tokio::task::LocalSet::new();
        local.block_on(&runtime, async {
            let row = || {
                let (url, get) = (Arc::clone(&url), get.clone());
                tokio::task::spawn_local(async move {
                    for _ in 0..each {
                        assert_eq!(get(Arc::clone(&url)).await, SMALL);
                    }
                })
            };
            let rows: Vec<_> = (0..case.at_once).map(|_| row()).collect();
            for row in join_all(rows).await {
                row.expect("no panic");
            }
        });
    });
}

pub fn ffence(case: &Case) {
    let tls = ffence::http::Tls::new().ca_file(&case.authority);
    let client = ffence::http::Client::builder().tls(tls).build().expect("a client");
    rows(case, move |url| {
        let client = client.clone();
        async move {
            let response = client.get(&*url).send_async().await.expect("a response");
            assert_eq!(response.status().as_u16(), 200);
            response.into_body().len()
        }
    });
}

pub fn isahc(case: &Case) {
    let client = HttpClient::builder()
        .ssl_ca_certificate(CaCertificate::file(&case.authority))
        .build()
        .expect("a client");
    rows(case, move |url| {
        let client = client.clone();
        async move {
            let mut response = client.get_async(&*url).await.expect("a response");
            assert_eq!(response.status().as_u16(), 200);
            response.bytes().await.expect("a body").len()
        }
    });
}

pub fn reqwest(case: &Case) {
    let pem = std::fs::read(&case.authority).expect("a file");
    let client = reqwest::Client::builder()
        .add_root_certificate(reqwest::Certificate::from_pem(&pem).expect("a certificate"))
        .build()
        .expect("a client");
    rows(case, move |url| {
        let client = client.clone();
        async move {
            let response = client.get(&*url).send().await.expect("a response");
            assert_eq!(response.status().as_u16(), 200);
            response.bytes().await.expect("a body").len()
        }
    });
}
