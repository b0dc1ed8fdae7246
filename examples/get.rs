//! Fetches a page, on this thread. README.md shows it too.
//!
//! `cargo run --example get -- https://example.org/`

use std::time::Duration;

use ffence::http::{Client, Timeouts};

fn main() -> ffence::Result<()> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "https://example.org/".to_owned());
    let limits = Timeouts::new().connect(Duration::from_secs(3)).total(Duration::from_secs(30));
    let client = Client::builder().timeouts(limits).redirects(5).build()?;

    match client.get(&url).header("accept", "text/html").send() {
        Ok(response) => {
            println!("{}", response.diagnose());
            println!("{}", response.text()?);
            Ok(())
        }
        Err(error) => {
            eprintln!("{}", error.diagnose());
            Err(error)
        }
    }
}
