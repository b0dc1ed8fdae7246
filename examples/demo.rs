//! What ffence does, in a minute: `make demo`.
//!
//! 1. Seals a real file and opens it again, and shows what becomes of a forgery.
//! 2. Fetches a page over TLS and HTTP/2, from a server that it starts on loopback with a
//!    certificate that it makes, and shows where the time went.
//! 3. Runs one program of the hazard catalogue: what C's mistake does in Go, and in Rust.

#[path = "../tests/common/server.rs"]
#[allow(dead_code)]
mod server;

use std::error::Error;
use std::fs;
use std::time::Duration;

use ffence::crypto::{Aes256Gcm, Key, RandomNonce, Sha256};
use ffence::http::{Client, Timeouts, Tls};
use ffence_hazards::go::{Absent, Harness};
use ffence_hazards::row::Detector;
use ffence_hazards::rows;
use ffence_hazards::run::{self, Mode};

use server::{Authority, Server};

const HAZARD: &str = "double_free";

fn main() -> Result<(), Box<dyn Error>> {
    ffence::init()?;
    let can = ffence::capabilities()?;
    let (openssl, libcurl) = (can.openssl(), can.libcurl());
    println!("ffence on {} and libcurl {}\n", openssl.version(), libcurl.version());
    seal_a_file()?;
    fetch_a_page()?;
    show_a_hazard()
}

fn seal_a_file() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let (plain, sealed) = (folder.path().join("letter.txt"), folder.path().join("letter.sealed"));
    fs::write(&plain, "Meet me at the fence at dawn.\n".repeat(1000))?;
    println!("1. A sealed file");

    let key = Key::<Aes256Gcm>::generate()?;
    let text = fs::read(&plain)?;
    fs::write(&sealed, key.sealer(RandomNonce)?.seal(b"letter.txt", &text)?)?;
    println!("   {} bytes sealed into {}", text.len(), fs::metadata(&sealed)?.len());

    let mut opener = key.opener()?;
    let opened = opener.open(b"letter.txt", &fs::read(&sealed)?)?;
    println!("   opened again, SHA-256 {}", Sha256::digest(&opened)?);
    assert_eq!(opened, text);

    let mut forged = fs::read(&sealed)?;
    forged[100] ^= 1;
    match opener.open(b"letter.txt", &forged) {
        Ok(_) => return Err("a forgery was opened".into()),
        Err(error) => println!("   one bit flipped: {error}\n"),
    }
    Ok(())
}

fn fetch_a_page() -> Result<(), Box<dyn Error>> {
    println!("2. A page over TLS and HTTP/2");
    let authority = Authority::new();
    let server = Server::tls(&authority);
    let limit = Duration::from_secs(10);
    let client = Client::builder()
        .timeouts(Timeouts::new().connect(limit).total(limit))
        .tls(Tls::new().ca_pem(authority.pem()))
        .build()?;

    for visit in ["first", "again"] {
        let response = client.get(server.url("/bytes/100000")).send()?;
        println!(
            "   {visit}: {} {:?}, {} bytes",
            response.status(),
            response.version(),
            response.body().len()
        );
        println!("          {:?}", response.timings());
    }
    println!("   connections made: {}", server.connections());

    let stranger = Client::new()?;
    match stranger.get(server.url("/")).send() {
        Ok(_) => return Err("an unknown issuer was trusted".into()),
        Err(error) => println!("   without trust in its issuer: {error:#}\n"),
    }
    Ok(())
}

fn show_a_hazard() -> Result<(), Box<dyn Error>> {
    println!("3. A hazard: {HAZARD}");
    let row = rows::find(HAZARD).ok_or("the row is gone")?;
    println!("   {}\n", row.sentence);
    for detector in [Detector::Plain, Detector::Asan] {
        let harness = match Harness::of(detector) {
            Ok(harness) => harness,
            Err(Absent::Missing(reason)) => {
                println!("   Go, {detector}: not run: {reason}");
                continue;
            }
            Err(broken) => return Err(broken.to_string().into()),
        };
        let outcome = run::go(harness, HAZARD, Mode::Bad)?;
        println!("   Go's program ({} {detector}): {outcome}", harness.toolchain);
        row.check(detector, harness.toolchain.minor, &outcome)?;
    }
    println!("   the same in Rust: {}", row.twin);
    println!("   {}\n", row.refused_by);
    println!("All of them: make hazards, or docs/hazards.md.");
    Ok(())
}
