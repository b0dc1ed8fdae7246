//! x
mod common;
use common::{nginx::Nginx, proxy::Proxy};
#[test]
fn they_start() {
    let t = std::time::Instant::now();
    let n = Nginx::start().unwrap();
    println!("{:?}", t.elapsed());
    let p = Proxy::http().unwrap();
    println!("{:?}", t.elapsed());
    let q = Proxy::http_with_password().unwrap();
    let s = Proxy::socks().unwrap();
    println!("{:?}", t.elapsed());
    let s5 = Proxy::socks5_with_password().unwrap();
    println!("{:?}", t.elapsed());
    for args in [
        vec!["-v".to_owned(), n.url("/files/small")],
        vec!["-kv".to_owned(), n.tls_url("/protocol")],
        vec!["-k".to_owned(), n.tls_1_2_url("/protocol")],
        vec!["-v".to_owned(), "-uuser:open sesame".into(), n.url("/basic/small")],
        vec!["-v".to_owned(), "-x".into(), p.url("http"), n.url("/files/small")],
        vec!["-k".to_owned(), "-x".into(), p.url("http"), n.tls_url("/protocol")],
        vec!["-k".to_owned(), "-x".into(), q.url("http"), "-U".into(), "user:secret".into(), n.tls_url("/protocol")],
        vec!["-v".to_owned(), "-x".into(), s.url("socks4"), n.url("/files/small")],
        vec!["-v".to_owned(), "-x".into(), s.url("socks4a"), format!("http://localhost:{}/files/small", n.port())],
        vec!["-v".to_owned(), "-x".into(), s.url("socks5"), n.url("/files/small")],
        vec!["-v".to_owned(), "-x".into(), s.url("socks5h"), format!("http://localhost:{}/files/small", n.port())],
        vec!["-v".to_owned(), "-x".into(), s5.url("socks5h"), "-U".into(), "user:secret".into(), format!("http://localhost:{}/files/small", n.port())],
    ] {
        let out = std::process::Command::new("curl").arg("-sS").args(&args).output().unwrap();
        println!("{args:?} {} {:?}\n {}", out.status, String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr).lines().filter(|l| l.starts_with("< ")||l.starts_with("curl")).collect::<Vec<_>>().join("\n "));
    }
    println!("{} {}", s.log(), s5.log());
}
