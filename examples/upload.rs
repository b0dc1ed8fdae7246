//! Uploads a file as it is, in constant memory.
//!
//! `cargo run --example upload -- FILE URL`

use std::error::Error;

use ffence::http::{Client, RequestBody};
use http::Method;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [path, url] = arguments.as_slice() else {
        return Err("usage: upload FILE URL".into());
    };
    let client = Client::new()?;
    let request = client.request(Method::PUT, url).body(RequestBody::file(path)?);
    let response = request.send()?.error_for_status()?;
    println!("{}", response.diagnose());
    Ok(())
}
