//! Sends a value as JSON and reads the answer as one, with a server of its own.
//!
//! `cargo run --example post_json --features json`

use std::error::Error;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;

use ffence::http::Client;
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}/orders", listener.local_addr()?);
    let server = std::thread::spawn(move || serve(&listener));

    let client = Client::new()?;
    let order = json!({ "item": "tea", "cups": 2 });
    let response = client.post(url).json(&order).send()?.error_for_status()?;
    let answer: Value = response.json()?;
    println!("{answer}");
    assert_eq!(answer, json!({ "accepted": order }));

    server.join().map_err(|_| "the server panicked")??;
    Ok(())
}

/// Accepts one order.
fn serve(listener: &TcpListener) -> io::Result<()> {
    let mut stream = BufReader::new(listener.accept()?.0);
    let mut len = 0;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        match line.trim_end().to_ascii_lowercase().split_once(": ") {
            Some(("content-length", value)) => len = value.parse().unwrap_or_default(),
            Some(("content-type", kind)) => assert_eq!(kind, "application/json"),
            None if line.trim_end().is_empty() => break,
            _ => {}
        }
    }
    let mut order = vec![0; len];
    stream.read_exact(&mut order)?;
    let answer = format!("{{\"accepted\":{}}}", String::from_utf8_lossy(&order));
    let head = format!("HTTP/1.1 201 Created\r\nContent-Length: {}\r\n\r\n", answer.len());
    stream.get_mut().write_all(format!("{head}{answer}").as_bytes())
}

#[test]
fn it_runs() {
    main().unwrap();
}
