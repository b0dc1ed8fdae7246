//! The proxies that the environment names. Each environment is a process of its own: nothing may change
//! it while threads look.

#![cfg(feature = "http")]

mod common;

use std::process::Command;

use common::raw::Raw;
use ffence::http::{Client, Proxy};

const CHILD: &str = "FFENCE_TEST_URL";
const NAMES: [&str; 8] = [
    "http_proxy",
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
    "no_proxy",
    "NO_PROXY",
    "HTTP_PROXY",
];

/// What the child was answered by each of its clients.
fn child(url: &str) {
    let clients = [Client::builder(), Client::builder().proxy(Proxy::none())];
    for client in clients {
        let outcome = client.build().unwrap().get(url).send();
        let said = outcome.map_or("failed".to_owned(), |it| it.text().unwrap().to_owned());
        println!("<{said}>");
    }
}

#[test]
fn the_environment_names_the_proxy_unless_the_client_does() {
    if let Ok(url) = std::env::var(CHILD) {
        return child(&url);
    }
    let answer = |text: &str| {
        format!(
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{text}",
            text.len()
        )
    };
    let (server, proxy) = (Raw::answering(answer("server")), Raw::answering(answer("proxy")));
    let proxy = proxy.url("");
    let by = |environment: &[(&str, &str)]| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "the_environment_names_the_proxy_unless_the_client_does"]);
        command.arg("--nocapture").env(CHILD, server.url("/"));
        for name in NAMES {
            command.env_remove(name);
        }
        let output = command.envs(environment.iter().copied()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        let said = text.split('<').skip(1).filter_map(|it| it.split('>').next());
        said.map(str::to_owned).collect::<Vec<_>>()
    };
    let proxy = proxy.as_str();
    assert_eq!(by(&[]), ["server", "server"]);
    assert_eq!(by(&[("http_proxy", proxy)]), ["proxy", "server"]);
    assert_eq!(by(&[("all_proxy", proxy)]), ["proxy", "server"]);
    assert_eq!(by(&[("http_proxy", proxy), ("no_proxy", "127.0.0.1")]), ["server", "server"]);
    assert_eq!(by(&[("http_proxy", proxy), ("no_proxy", "other.test")]), ["proxy", "server"]);
    // For the other scheme; and a name that a CGI program's caller could choose by a header.
    assert_eq!(by(&[("https_proxy", proxy)]), ["server", "server"]);
    assert_eq!(by(&[("HTTP_PROXY", proxy)]), ["server", "server"]);
}
