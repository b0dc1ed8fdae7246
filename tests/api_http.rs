//! x
mod common;
use common::raw::Raw;
use common::server::{Authority, Server, bytes};
use ffence::http::{Client, Timeouts, Tls};
use std::time::Duration;
#[test]
fn smoke() {
    let raw = Raw::silent();
    let client = Client::builder()
        .timeouts(Timeouts::new().connect(Duration::from_millis(200)))
        .build()
        .unwrap();
    let e = client.get(format!("https://{}/", raw.address())).send().unwrap_err();
    println!("{e:?}");
    let e = client.get(format!("http://{}.test/", "a".repeat(64))).send().unwrap_err();
    println!("{e:?}");
}
