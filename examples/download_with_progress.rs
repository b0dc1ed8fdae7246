//! Downloads into a file, in constant memory, with a bar that grows.
//!
//! `cargo run --example download_with_progress -- URL FILE`

use std::error::Error;
use std::fs::File;
use std::io::Write as _;

use ffence::http::{Client, Progress};

fn bar(Progress { downloaded, download_total, .. }: Progress) {
    const WIDTH: u64 = 40;
    let text = match download_total {
        Some(total) => {
            let done = usize::try_from(downloaded * WIDTH / total).unwrap_or_default();
            format!("[{:<40}] {downloaded} of {total} bytes", "#".repeat(done))
        }
        None => format!("{downloaded} bytes"),
    };
    print!("\r{text}");
    let _ = std::io::stdout().flush();
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [url, path] = arguments.as_slice() else {
        return Err("usage: download_with_progress URL FILE".into());
    };
    let mut file = File::create(path)?;
    let client = Client::builder().redirects(5).build()?;
    let response = client.get(url).on_progress(bar).send_to(&mut file)?.error_for_status()?;
    println!("\n{}", response.diagnose());
    Ok(())
}
