//! Proxies of every kind that libcurl speaks, each a program of the system.
#![cfg(feature = "http")]

mod common;

use common::proxy::{Proxy, TlsFront, socks4a};
use common::server::{Authority, Server};
use ffence::ErrorKind;
use ffence::curl::{Easy, List, option, option::value};

fn easy(url: &str, proxy: &str) -> Easy {
    let mut easy = Easy::new().unwrap();
    easy.set(option::Url(url)).unwrap().set(option::Proxy(proxy)).unwrap();
    easy.set(option::NoProxy("")).unwrap(); // whatever the environment says
    easy
}

/// The body of the answer, which must be a success.
fn body(easy: &mut Easy) -> String {
    let mut body = Vec::new();
    let status = easy.perform_into(&mut body).unwrap().response_code();
    assert_eq!(status, Some(200));
    String::from_utf8(body).unwrap()
}

fn port(url: &str) -> &str {
    url.split(':').next_back().unwrap().split('/').next().unwrap()
}

#[test]
fn an_http_proxy_forwards() {
    let Some(proxy) = Proxy::http() else { return };
    let server = Server::plain();
    let mut easy = easy(&server.url("/echo"), &proxy.url("http"));
    assert!(body(&mut easy).contains("via: 1.1 ffence-proxy"));
    assert_ne!(easy.info().used_proxy(), Some(false));

    // A host that is named as an exception is reached without it.
    easy.set(option::NoProxy("example.org,127.0.0.1")).unwrap();
    assert!(!body(&mut easy).contains("via: "));
}

#[test]
fn an_http_proxy_tunnels() {
    let Some(proxy) = Proxy::http() else { return };
    let authority = Authority::new();
    let server = Server::tls(&authority);
    let mut easy = easy(&server.url("/echo"), &proxy.url("http"));
    easy.set(option::CaInfoBlob(authority.pem().as_bytes())).unwrap();
    assert!(!body(&mut easy).contains("via: "), "the proxy sees nothing of it");
    assert_eq!(easy.info().http_connect_code(), Some(200));

    // Also where it need not be.
    let plain = Server::plain();
    easy.set(option::Url(plain.url("/echo"))).unwrap();
    easy.set(option::HttpProxyTunnel(true)).unwrap();
    assert!(!body(&mut easy).contains("via: "));
}

#[test]
fn an_http_proxy_wants_a_password() {
    let Some(proxy) = Proxy::http_with_password() else { return };
    let server = Server::plain();
    let mut easy = easy(&server.url("/echo"), &proxy.url("http"));
    easy.set(option::ProxyUsername("user")).unwrap();
    easy.set(option::ProxyPassword("wrong")).unwrap();
    let refused = easy.perform().unwrap().response_code();
    assert!(matches!(refused, Some(401 | 407)), "{refused:?}");
    easy.set(option::ProxyPassword("secret")).unwrap();
    assert!(body(&mut easy).contains("via: "));
    easy.set(option::ProxyAuth(value::Auth::ANY)).unwrap();
    easy.set(option::ProxyUserPwd("user:secret")).unwrap();
    assert!(body(&mut easy).contains("via: "));
}

#[test]
fn a_proxy_over_tls() {
    let Some(proxy) = Proxy::http() else { return };
    let (of_proxy, of_server) = (Authority::new(), Authority::new());
    let front = TlsFront::before(proxy.address(), &of_proxy);
    let server = Server::tls(&of_server);
    let mut easy = easy(&server.url("/echo"), &front.url());
    easy.set(option::CaInfoBlob(of_server.pem().as_bytes())).unwrap();
    // The proxy is trusted for itself.
    let error = easy.perform().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
    easy.set(option::ProxyCaInfoBlob(of_proxy.pem().as_bytes())).unwrap();
    body(&mut easy);
    assert_eq!(easy.info().http_connect_code(), Some(200));

    let plain = Server::plain();
    easy.set(option::Url(plain.url("/echo"))).unwrap();
    assert!(body(&mut easy).contains("via: 1.1 ffence-proxy"));
}

#[test]
fn header_lines_for_the_proxy_alone() {
    let Some(proxy) = Proxy::http() else { return };
    let authority = Authority::new();
    let server = Server::tls(&authority);
    let mut lines = List::new();
    lines.push("X-For-The-Proxy: 1").unwrap();
    let mut easy = easy(&server.url("/echo"), &proxy.url("http"));
    easy.set(option::CaInfoBlob(authority.pem().as_bytes())).unwrap();
    easy.set(option::ProxyHeader(lines)).unwrap();
    easy.set(option::HeaderOpt(value::HeaderOpt::Separate)).unwrap();
    assert!(!body(&mut easy).contains("x-for-the-proxy"));
}

#[test]
fn socks_proxies_connect() {
    let Some(proxy) = Proxy::socks() else { return };
    let server = Server::plain();
    for scheme in ["socks4", "socks5", "socks5h"] {
        let mut easy = easy(&server.url("/echo"), &proxy.url(scheme));
        assert!(body(&mut easy).starts_with("GET\n"), "{scheme}");
    }
}

#[test]
fn who_resolves_the_name_is_in_the_kind_of_proxy() {
    let Some(proxy) = Proxy::socks() else { return };
    let server = Server::plain();
    let url = format!("http://only-here.test:{}/echo", port(&server.url("")));
    let known_here = || {
        let mut list = List::new();
        list.push(&format!("only-here.test:{}:127.0.0.1", port(&server.url("")))).unwrap();
        list
    };
    for (scheme, works) in [("socks4", true), ("socks5", true), ("socks5h", false)] {
        let mut easy = easy(&url, &proxy.url(scheme));
        easy.set(option::Resolve(known_here())).unwrap();
        assert_eq!(easy.perform().is_ok(), works, "{scheme}");
    }
}

#[test]
fn socks_4a_sends_the_name() {
    let server = Server::plain();
    let (proxy, asked) = socks4a();
    let url = format!("http://localhost:{}/echo", port(&server.url("")));
    let mut easy = easy(&url, &format!("socks4a://{}", proxy.address()));
    assert!(body(&mut easy).starts_with("GET\n"));
    assert_eq!(asked.recv().unwrap(), "localhost");
}

#[test]
fn a_socks_proxy_wants_a_password() {
    let Some(proxy) = Proxy::socks5_with_password() else { return };
    let server = Server::plain();
    let mut easy = easy(&server.url("/echo"), &proxy.url("socks5h"));
    let error = easy.perform().unwrap_err();
    assert!(error.transfer().unwrap().status.is_none(), "{error}");
    easy.set(option::ProxyUserPwd("user:wrong")).unwrap();
    assert!(easy.perform().is_err());
    assert_ne!(easy.info().proxy_error(), 0);
    easy.set(option::ProxyUserPwd("user:secret")).unwrap();
    body(&mut easy);
}

#[test]
fn a_socks_proxy_before_an_http_proxy() {
    let (Some(socks), Some(http)) = (Proxy::socks(), Proxy::http()) else { return };
    let server = Server::plain();
    let mut easy = easy(&server.url("/echo"), &http.url("http"));
    easy.set(option::PreProxy(socks.url("socks5"))).unwrap();
    assert!(body(&mut easy).contains("via: 1.1 ffence-proxy"));
}

#[test]
fn a_proxy_that_is_not_there_is_an_error() {
    let server = Server::plain();
    let gone = common::program::free_port();
    for scheme in ["http", "socks4", "socks4a", "socks5", "socks5h"] {
        let mut easy = easy(&server.url("/echo"), &format!("{scheme}://127.0.0.1:{gone}"));
        let error = easy.perform().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect, "{scheme}: {error}");
    }
    let mut easy = easy(&server.url("/echo"), "socks5://no-such-proxy.invalid:1");
    assert_eq!(easy.perform().unwrap_err().kind(), ErrorKind::ResolveName);
}
