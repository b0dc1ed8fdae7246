//! Four threads, each bound to a core where there are as many, that fetch and seal side by side:
//! `cargo run --example pinned_pool`.
//!
//! Each thread owns what it works with: a client with its connection, and a sealer with its context.
//! All seal under one key, which counts for all of them. The server is started on loopback.

#[path = "../tests/common/server.rs"]
#[allow(dead_code)]
mod server;

use std::collections::BTreeSet;
use std::error::Error;

use ffence::crypto::{Aes256Gcm, CounterNonce, Key, Sealer};
use ffence::http::{Client, Tls};
use ffence::thread::{self, Pinned, PinnedThread};

use server::{Authority, Server};

const THREADS: usize = 4;
const PAGES: usize = 25;

/// What a thread owns. It is made on the thread, and cannot leave it.
struct Worker {
    client: Client,
    sealer: Pinned<Sealer<Aes256Gcm, CounterNonce>>,
}

/// One after another for each thread, where the system tells.
fn cores() -> Vec<Option<usize>> {
    let cpus = thread::cpus().unwrap_or_default();
    (0..THREADS).map(|number| cpus.get(number % cpus.len().max(1)).copied()).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    ffence::init()?;
    let authority = Authority::new();
    let server = Server::tls(&authority);
    let key = std::sync::Arc::new(Key::<Aes256Gcm>::generate()?);

    let mut workers = Vec::new();
    for (number, core) in cores().into_iter().enumerate() {
        let mut builder = PinnedThread::builder(format!("worker-{number}"));
        if let Some(core) = core {
            builder = builder.cpus([core]);
        }
        let (key, pem) = (std::sync::Arc::clone(&key), authority.pem().to_owned());
        workers.push(builder.spawn(move |on| {
            let client = Client::builder().tls(Tls::new().ca_pem(&pem)).build()?;
            let sealer = Pinned::new(key.sealer(CounterNonce::new(*b"page"))?, on);
            Ok(Worker { client, sealer })
        })?);
    }

    // Every worker is given its pages before the first is waited for.
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let sealed = runtime.block_on(async {
        let jobs: Vec<_> = workers
            .iter()
            .flat_map(|worker| (0..PAGES).map(move |page| (worker, page)))
            .map(|(worker, page)| {
                let url = server.url(&format!("/bytes/{}", 1000 + page));
                tokio::spawn(worker.run_async(move |on| {
                    let body = on.client.get(url.as_str()).send()?;
                    on.sealer.seal(url.as_bytes(), body.body()).map(|sealed| (url, sealed))
                }))
            })
            .collect();
        let mut sealed = Vec::new();
        for job in jobs {
            sealed.push(job.await??.map_err(Box::<dyn Error>::from)?);
        }
        Ok::<_, Box<dyn Error>>(sealed)
    });
    let sealed = sealed?;

    for worker in &workers {
        let ran_on = worker.run(|_| std::thread::current().name().map(str::to_owned))?;
        match worker.cpus() {
            Ok(cpus) => println!("{} may run on CPU {cpus:?} alone", ran_on.unwrap_or_default()),
            Err(error) => println!("{}: {error}", ran_on.unwrap_or_default()),
        }
    }
    let mut opener = key.opener()?;
    let mut nonces = BTreeSet::new();
    for (url, sealed) in &sealed {
        opener.open(url.as_bytes(), sealed)?;
        nonces.insert(sealed[..12].to_vec());
    }
    println!(
        "{} pages fetched over {} connections, sealed under one key with {} nonces, all opened again",
        sealed.len(),
        server.connections(),
        nonces.len()
    );
    for worker in workers {
        worker.close()?; // joins, and tells a panic if there was one
    }
    Ok(())
}
