//! TLS sessions of a client, as the server counts what is resumed: by all its handles where libcurl's
//! cache is safe between threads, by each its own before. `make test-static` runs this on the newest.
#![cfg(feature = "http")]

mod common;

use std::time::Duration;

use common::executor::block_on;
use common::nginx::Nginx;
use ffence::capabilities::Version;
use ffence::http::{BodyReader, Client, HttpVersion, Proxy, Response, Tls};

/// Far more than anything here takes.
const SOON: Duration = Duration::from_secs(60);

/// Whether handles share what they agreed upon.
fn is_shared() -> bool {
    ffence::capabilities().unwrap().libcurl().number() >= Version::new(8, 12, 1)
}

fn client(nginx: &Nginx) -> Client {
    // HTTP/1.1, where the server can close the connection of each request.
    Client::builder()
        .tls(Tls::new().ca_pem(nginx.authority().pem()))
        .http_version(HttpVersion::Http1)
        .proxy(Proxy::none())
        .drivers(2)
        .build()
        .unwrap()
}

/// Whether the server found this request's session to be an earlier one's.
fn is_resumed(text: &str) -> bool {
    match text {
        "r" => true,
        "." => false,
        other => panic!("{other:?} is no answer to that"),
    }
}

fn by_a_thread(client: &Client, url: &str) -> bool {
    is_resumed(client.get(url).timeout(SOON).send().unwrap().text().unwrap())
}

fn by_a_task(client: &Client, url: &str) -> bool {
    is_resumed(block_on(client.get(url).timeout(SOON).send_async()).unwrap().text().unwrap())
}

/// A response whose body is not read yet, and so keeps a handle busy.
fn busy(client: &Client, nginx: &Nginx) -> Response<BodyReader> {
    client.get(nginx.url("/files/large")).timeout(SOON).open().unwrap()
}

#[test]
fn a_session_is_resumed_by_the_handles_that_share_it() {
    let Some(nginx) = Nginx::start() else { return };
    for url in [nginx.tls_url("/session"), nginx.tls_1_2_url("/session")] {
        let client = client(&nginx);
        assert!(!by_a_thread(&client, &url), "{url}: there is none yet");
        // The same handle, on a new connection.
        assert!(by_a_thread(&client, &url), "{url}");
        // A driver's, which never spoke to that server.
        assert_eq!(by_a_task(&client, &url), is_shared(), "{url}");
        assert!(by_a_task(&client, &url), "{url}: its own at least");
        // A second handle for blocking calls, while the first is busy: on another thread, too.
        let busy = busy(&client, &nginx);
        let resumed =
            std::thread::scope(|scope| scope.spawn(|| by_a_thread(&client, &url)).join().unwrap());
        assert_eq!(resumed, is_shared(), "{url}");
        drop(busy);
        // A clone is the same client; another one shares nothing with it.
        assert!(by_a_thread(&client.clone(), &url), "{url}");
        assert!(!by_a_thread(&self::client(&nginx), &url), "{url}");
    }
}

#[test]
fn what_a_driver_agreed_upon_threads_resume() {
    let Some(nginx) = Nginx::start() else { return };
    let (client, url) = (client(&nginx), nginx.tls_url("/session"));
    assert!(!by_a_task(&client, &url));
    assert_eq!(by_a_thread(&client, &url), is_shared());
}

#[test]
fn many_threads_and_tasks_use_it_at_once() {
    const THREADS: usize = 4;
    const EACH: usize = 10;

    let Some(nginx) = Nginx::start() else { return };
    let url = nginx.tls_1_2_url("/session");
    let client = client(&nginx);
    assert!(!by_a_thread(&client, &url));
    let resumed: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|number| {
                let (client, url) = (&client, &url);
                scope.spawn(move || {
                    let by = if number % 2 == 0 { by_a_thread } else { by_a_task };
                    (0..EACH).filter(|_| by(client, url)).count()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    // While one connection resumes a session, libcurl keeps it from others: how many had none is a
    // question of time.
    assert!(resumed > 0 && resumed <= THREADS * EACH, "{resumed}");
    assert!(is_shared() || resumed < THREADS * EACH, "{resumed}: each handle begins anew");
    assert!(by_a_thread(&client, &url), "and it is there afterwards");
}
