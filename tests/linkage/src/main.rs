//! What the tests build against other libraries than the usual ones, and with deliberate bugs.
//!
//! | command | does |
//! |---|---|
//! | `report` | prints what is linked |
//! | `get URL CA-FILE` | fetches over TLS, with the issuer from a file, then from memory |
//! | `seal` | makes a key, seals and opens |

use ffence::crypto::{Aes256Gcm, Key, RandomNonce};
use ffence::http::{Client, Tls};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["report"] => report()?,
        ["get", url, ca_file] => get(url, ca_file)?,
        ["seal"] => seal()?,
        _ => return Err("usage: report | get URL CA-FILE | seal".into()),
    }
    Ok(())
}

fn report() -> ffence::Result<()> {
    let can = ffence::capabilities()?;
    println!("tls backend: {}", can.libcurl().tls_backend().unwrap_or("none"));
    println!("shared libcrypto: {:?}", can.shared_libcrypto());
    seal()
}

fn seal() -> ffence::Result<()> {
    let key = Key::<Aes256Gcm>::generate()?;
    let sealed = key.sealer(RandomNonce)?.seal(b"", b"text")?;
    println!("opened: {:?}", key.opener()?.open(b"", &sealed)? == b"text");
    Ok(())
}

fn get(url: &str, ca_file: &str) -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::builder().tls(Tls::new().ca_file(ca_file)).build()?;
    println!("from a file: {}", client.get(url).send()?.status());

    let pem = std::fs::read(ca_file)?;
    let outcome = Client::builder()
        .tls(Tls::new().ca_pem(pem))
        .build()
        .and_then(|client| client.get(url).send());
    match outcome {
        Ok(response) => println!("from memory: {}", response.status()),
        Err(error) => println!("from memory: {:?}: {error}", error.kind()),
    }
    Ok(())
}
