//! Fetches many pages at once by one driver thread, no more than four from one host at a time.
//!
//! `cargo run --example parallel -- URL...`

use ffence::http::{Client, Limits};

fn main() -> ffence::Result<()> {
    let client = Client::builder().limits(Limits::new().per_host(4).total(64)).build()?;
    // Any executor will do.
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().build() else {
        panic!("no runtime");
    };
    runtime.block_on(async {
        let fetches: Vec<_> = std::env::args()
            .skip(1)
            .map(|url| (tokio::spawn(client.get(&url).send_async()), url))
            .collect();
        for (fetch, url) in fetches {
            match fetch.await {
                Ok(Ok(response)) => {
                    println!("{url}: {} bytes, {}", response.body().len(), response.diagnose());
                }
                Ok(Err(error)) => println!("{url}: {}", error.diagnose()),
                Err(error) => println!("{url}: {error}"),
            }
        }
        client.close().await
    })
}
