//! Ten thousand requests in flight on one driver: what each takes of memory, and that every one gets
//! its own bytes.
//!
//! The server is this program again, in a process of its own: two sockets for each request would be more
//! descriptors than many systems allow one process. It answers once it was asked by all, so that all are
//! in flight at once, and stops with this process.
#![cfg(all(feature = "http", target_os = "linux"))]

mod common;

use std::future::{Future, poll_fn};
use std::io::{BufRead as _, BufReader, Read as _};
use std::pin::Pin;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use common::executor::block_on;
use ffence::http::Client;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::Barrier;

const WANTED: usize = 10_000;
/// What else a process has open.
const SPARE: usize = 200;
/// What each may take beyond what one does, without optimisation: `make bench-scale` measures it with.
const MOST_EACH: usize = MOST_KIB * 1024;
const MOST_KIB: usize = 18;

const SERVE: &str = "FFENCE_SERVE_IN_FLIGHT";

fn allow_descriptors() -> usize {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the place is writable.
    assert_eq!(unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) }, 0);
    limit.rlim_cur = limit.rlim_max;
    // SAFETY: the limit is readable. Refused, the old one is kept, which is asked for next.
    unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) };
    // SAFETY: the place is writable.
    assert_eq!(unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) }, 0);
    usize::try_from(limit.rlim_cur).unwrap_or(usize::MAX)
}

fn page(number: usize) -> Vec<u8> {
    (0..1024).map(|at: usize| (at.wrapping_mul(31) ^ number).to_le_bytes()[at % 2]).collect()
}

/// The server: no test of its own, but the process that the test below starts.
#[test]
fn serves_when_it_is_told_to() {
    let Ok(count) = std::env::var(SERVE) else { return };
    let count = count.parse().unwrap();
    allow_descriptors();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind((std::net::Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let listener = socket.listen(4096).unwrap();
        println!("listening http://{}", listener.local_addr().unwrap());
        let all = Arc::new(Barrier::new(count));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&all)));
            }
        });
        let (gone, parent) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
            let _ = gone.send(());
        });
        let _ = parent.await;
    });
}

/// `/N` is answered with [`page`]`(N)`, and `/all/N` once all have asked.
async fn serve(mut stream: tokio::net::TcpStream, all: Arc<Barrier>) -> Option<()> {
    let mut request = Vec::new();
    loop {
        request.clear();
        while !request.ends_with(b"\r\n\r\n") {
            if stream.read_buf(&mut request).await.ok()? == 0 {
                return None;
            }
        }
        let text = String::from_utf8_lossy(&request);
        let path = text.split(' ').nth(1)?;
        if path.starts_with("/all/") {
            all.wait().await;
        }
        let body = page(path.rsplit('/').next()?.parse().ok()?);
        let mut answer =
            format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
        answer.extend_from_slice(&body);
        stream.write_all(&answer).await.ok()?;
    }
}

struct Server(Child, String);

impl Server {
    fn start(count: usize) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "serves_when_it_is_told_to", "--nocapture"])
            .env(SERVE, count.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut lines = output.lines().map(Result::unwrap);
        let url = lines.find_map(|line| line.split_once("listening ").map(|it| it.1.to_owned()));
        Self(child, url.expect("the server's address"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// A future that is polled only when it was woken.
struct Task {
    future: Option<Pin<Box<dyn Future<Output = ()>>>>,
    woken: Arc<Woken>,
}

struct Woken {
    is: AtomicBool,
    outer: Waker,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.is.store(true, Ordering::Release);
        self.outer.wake_by_ref();
    }
}

/// Runs all of them at once.
async fn all_of(futures: impl Iterator<Item = Pin<Box<dyn Future<Output = ()>>>>) {
    let outer = poll_fn(|context| Poll::Ready(context.waker().clone())).await;
    let mut tasks: Vec<_> = futures
        .map(|future| Task {
            future: Some(future),
            woken: Arc::new(Woken { is: AtomicBool::new(true), outer: outer.clone() }),
        })
        .collect();
    poll_fn(move |_| {
        let mut left = 0;
        for task in &mut tasks {
            let Some(future) = &mut task.future else { continue };
            if task.woken.is.swap(false, Ordering::Acquire) {
                let waker = Waker::from(Arc::clone(&task.woken));
                if future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
                    task.future = None;
                    continue;
                }
            }
            left += 1;
        }
        if left == 0 { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<usize>().unwrap() * 1024
}

#[test]
fn ten_thousand_in_flight_take_little_memory_each_and_get_their_own_bytes() {
    let allowed = allow_descriptors();
    let count = WANTED.min(allowed.saturating_sub(SPARE));
    if count < WANTED {
        println!("skipped: {WANTED} in flight; {allowed} descriptors allow {count}");
    }
    assert!(count >= 500, "{allowed} descriptors are too few for anything");
    let server = Server::start(count);
    let client = Client::new().unwrap();
    let get = |path: &'static str, number: usize| -> Pin<Box<dyn Future<Output = ()>>> {
        let request = client.get(format!("{}{path}{number}", server.1)).send_async();
        Box::pin(async move {
            let response = request.await.unwrap();
            assert!(response.into_body() == page(number), "{number}");
        })
    };
    block_on(get("/", 7));
    let base = peak();
    block_on(all_of((0..count).map(|number| get("/all/", number))));
    let each = (peak() - base) / count;
    println!("{count} in flight: {each} bytes each");
    assert!(each <= MOST_EACH, "{each} bytes each");
    // On the connections that are there now.
    block_on(all_of((0..count).map(|number| get("/", number + 1))));
}
