//! The client under layers of tower's kind: one adds a header, one counts; with a server of its own.
//!
//! `cargo run --example tower_stack --features tower`

use std::error::Error;
use std::io::{self, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use ffence::http::{Client, Deadline};
use http::{HeaderValue, Request};
use tower_service::Service;

/// Gives each request a header, and two seconds.
#[derive(Clone)]
struct Prepare<S>(S);

impl<S: Service<Request<B>>, B> Service<Request<B>> for Prepare<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        request.headers_mut().insert("x-client", HeaderValue::from_static("tower"));
        // It travels with the request, through all layers below.
        request.extensions_mut().insert(Deadline(Instant::now() + Duration::from_secs(2)));
        self.0.call(request)
    }
}

/// Counts what passes.
#[derive(Clone)]
struct Count<S>(S, Arc<AtomicUsize>);

impl<S: Service<R>, R> Service<R> for Count<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: R) -> S::Future {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.call(request)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}/", listener.local_addr()?);
    let server = std::thread::spawn(move || serve(&listener));

    let count = Arc::new(AtomicUsize::new(0));
    let mut stack = Prepare(Count(Client::new()?, Arc::clone(&count)));
    // Any executor will do.
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let greeting = runtime.block_on(async {
        std::future::poll_fn(|context| {
            Service::<Request<&'static str>>::poll_ready(&mut stack, context)
        })
        .await?;
        let response = stack.call(Request::get(&url).body("")?).await?;
        Ok::<_, Box<dyn Error>>(response.into_body().bytes().await?)
    })?;
    println!("{}", String::from_utf8_lossy(&greeting));
    assert_eq!(greeting, b"hello, tower");
    assert_eq!(count.load(Ordering::Relaxed), 1);

    server.join().map_err(|_| "the server panicked")??;
    Ok(())
}

/// Greets one client by the header that it sent.
fn serve(listener: &TcpListener) -> io::Result<()> {
    let (mut stream, _) = listener.accept()?;
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        request.push(byte[0]);
    }
    let request = String::from_utf8_lossy(&request);
    let name = request.lines().find_map(|line| line.strip_prefix("x-client: "));
    let greeting = format!("hello, {}", name.unwrap_or("whoever you are"));
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", greeting.len());
    stream.write_all(format!("{head}{greeting}").as_bytes())
}

#[test]
fn it_runs() {
    main().unwrap();
}
