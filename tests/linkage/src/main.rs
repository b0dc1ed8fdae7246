//! What the tests build against other libraries than the usual ones, and with deliberate bugs.
//!
//! | command | does |
//! |---|---|
//! | `report` | prints what is linked |
//! | `get URL CA-FILE` | fetches over TLS, with the issuer from a file, then from memory |
//! | `seal` | makes a key, seals and opens |
//! | `exit URL CA-FILE` | returns from `main` while its threads fetch over TLS |

use ffence::http::{Client, Tls};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        #[cfg(feature = "crypto")]
        ["report"] => report()?,
        #[cfg(feature = "crypto")]
        ["seal"] => seal()?,
        ["get", url, ca_file] => get(url, ca_file)?,
        ["exit", url, ca_file] => exit(url, ca_file)?,
        _ => return Err("usage: report | get URL CA-FILE | seal | exit URL CA-FILE".into()),
    }
    Ok(())
}

#[cfg(feature = "crypto")]
fn report() -> ffence::Result<()> {
    let can = ffence::capabilities()?;
    println!("tls backend: {}", can.libcurl().tls_backend().unwrap_or("none"));
    println!("shared libcrypto: {:?}", can.shared_libcrypto());
    seal()
}

#[cfg(feature = "crypto")]
fn seal() -> ffence::Result<()> {
    use ffence::crypto::{Aes256Gcm, Key, RandomNonce};

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

/// Each request makes a handshake of its own: that is where libcrypto is busy.
fn exit(url: &str, ca_file: &str) -> Result<(), Box<dyn std::error::Error>> {
    let (sender, fetching) = std::sync::mpsc::channel();
    for _ in 0..4 {
        let (sender, url) = (sender.clone(), url.to_owned());
        let tls = Tls::new().ca_file(ca_file);
        std::thread::spawn(move || {
            loop {
                let client = Client::builder().tls(tls.clone()).build();
                let status = client.and_then(|client| client.get(url.as_str()).send());
                let told = sender.send(status.map(|response| response.status().as_u16()));
                if told.is_err() {
                    return; // main is gone
                }
            }
        });
    }
    for _ in 0..8 {
        println!("{}", fetching.recv()??);
    }
    // The receiver stays: a thread that fails to send must not end before the process does.
    std::mem::forget(fetching);
    Ok(())
}
