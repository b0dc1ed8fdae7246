//! nginx, with a configuration of its own: HTTP/1.1 in the clear, HTTP/1.1 and HTTP/2 over TLS 1.2
//! and 1.3, and TLS 1.2 alone.
//!
//! | path | answer |
//! |---|---|
//! | `/files/small` | `small\n` |
//! | `/files/large` | 3,000,000 bytes, see [`large`]; ranges work |
//! | `/slow/large` | the same at 200,000 bytes a second |
//! | `/gzip/text.txt` | 40,000 bytes of text, compressed where the client wants that, chunked |
//! | `/chunked/text.txt` | the same text, chunked |
//! | `/basic/small` | `small\n` for `user` with `open sesame`, else 401 |
//! | `/put/NAME` | stores the body |
//! | `/moved/…` | 302 to `/files/…` |
//! | `/client` | what the client's certificate was found to be, and its subject (TLS only) |
//! | `/protocol` | the protocol, such as `HTTP/2.0`, and the version of TLS |
//! | `/session` | `r` where the TLS session was resumed, `.` where not; the connection is closed |
//! | `/peer` | address and port of the client |
//! | `/hsts`, `/alt-svc` | a `Strict-Transport-Security`, an `Alt-Svc` that names the TLS 1.2 port |
//! | `/cookies` | two `Set-Cookie`s, and the cookies that came |
//! | `/nothing` | the connection is closed without an answer |

use std::path::Path;
use std::process::Command;

use super::program::{Program, find};
use super::server::Authority;

pub struct Nginx {
    program: Program,
    plain: u16,
    tls: u16,
    tls_1_2: u16,
    authority: Authority,
    certificate: String,
}

/// The bytes of `/files/large`.
pub fn large() -> Vec<u8> {
    super::server::bytes(3_000_000)
}

/// The text of `text.txt`.
pub fn text() -> String {
    "All work and no play makes a dull text.\n".repeat(1000)
}

impl Nginx {
    /// `None` where it is not installed.
    pub fn start() -> Option<Self> {
        let nginx = find("nginx")?;
        let authority = Authority::new();
        let (certificate, key) = authority.server_pem(&["localhost", "127.0.0.1", "named.example"]);
        let (program, [plain, tls, tls_1_2]) = Program::start("nginx", |folder, ports| {
            let write = |name: &str, text: &[u8]| {
                std::fs::write(folder.join(name), text).expect("a file can be written");
            };
            write("certificate.pem", certificate.as_bytes());
            write("key.pem", key.as_bytes());
            write("clients.pem", authority.pem().as_bytes());
            // `openssl passwd -apr1 'open sesame'`
            write("users", b"user:$apr1$ffence00$PW7hVKWGA8rv2CiVghV1T1\n");
            for name in ["www", "www/files", "www/put"] {
                std::fs::create_dir(folder.join(name)).expect("a folder");
            }
            write("www/files/small", b"small\n");
            write("www/files/large", &large());
            write("www/files/text.txt", text().as_bytes());
            write("nginx.conf", configuration(folder, ports).as_bytes());
            let mut command = Command::new(&nginx);
            command.arg("-p").arg(folder).arg("-c").arg(folder.join("nginx.conf"));
            command.args(["-e", "stderr"]);
            command
        });
        Some(Self { program, plain, tls, tls_1_2, authority, certificate })
    }

    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Its own certificate, as PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.plain)
    }

    pub fn tls_url(&self, path: &str) -> String {
        format!("https://127.0.0.1:{}{path}", self.tls)
    }

    pub fn tls_1_2_url(&self, path: &str) -> String {
        format!("https://127.0.0.1:{}{path}", self.tls_1_2)
    }

    pub fn port(&self) -> u16 {
        self.plain
    }

    pub fn tls_port(&self) -> u16 {
        self.tls
    }

    /// What was stored under `/put/NAME`.
    pub fn stored(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.program.folder().join("www/put").join(name)).expect("it was stored")
    }

    /// The socket in the file system on which it listens as well.
    pub fn unix_socket(&self) -> std::path::PathBuf {
        self.program.folder().join("socket")
    }
}

fn configuration(folder: &Path, [plain, tls, tls_1_2]: [u16; 3]) -> String {
    let folder = folder.display();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("  {kind}_temp_path {folder}/{kind};"))
        .join("\n");
    let locations = format!(
        r#"
    root {folder}/www;
    client_max_body_size 0;
    location /files/ {{ }}
    location /slow/ {{ alias {folder}/www/files/; limit_rate 200k; }}
    location /gzip/ {{ alias {folder}/www/files/; gzip on; gzip_min_length 1; gzip_types text/plain; }}
    location /chunked/ {{ alias {folder}/www/files/; sub_filter "no such text" ""; sub_filter_types *; }}
    location /basic/ {{ alias {folder}/www/files/; auth_basic "ffence"; auth_basic_user_file {folder}/users; }}
    location /put/ {{ dav_methods PUT; }}
    location /moved/ {{ rewrite ^/moved/(.*)$ /files/$1 redirect; }}
    location /client {{ return 200 "$ssl_client_verify $ssl_client_s_dn\n"; }}
    location /protocol {{ return 200 "$server_protocol $ssl_protocol\n"; }}
    location /session {{ keepalive_timeout 0; return 200 "$ssl_session_reused"; }}
    location /peer {{ return 200 "$remote_addr $remote_port\n"; }}
    location /hsts {{ add_header Strict-Transport-Security "max-age=1000"; return 200 "hsts\n"; }}
    location /alt-svc {{ add_header Alt-Svc 'h2="127.0.0.1:{tls_1_2}"; ma=1000'; return 200 "$server_port\n"; }}
    location /cookies {{
      add_header Set-Cookie "first=1; Path=/";
      add_header Set-Cookie "second=2; Path=/; HttpOnly; Max-Age=1000";
      return 200 "$http_cookie\n";
    }}
    location /nothing {{ return 444; }}
"#
    );
    let identity = format!(
        "ssl_certificate {folder}/certificate.pem; ssl_certificate_key {folder}/key.pem; \
         ssl_client_certificate {folder}/clients.pem; ssl_verify_client optional;"
    );
    format!(
        r"
daemon off;
master_process off;
pid {folder}/pid;
error_log stderr error;
events {{ worker_connections 256; }}
http {{
  access_log off;
  # libcurl 7.88 asks for no tickets in TLS 1.2: sessions go by their number.
  ssl_session_cache builtin;
  types {{ text/plain txt; }}
  default_type application/octet-stream;
  sendfile on;
{temporary}
  server {{
    listen 127.0.0.1:{plain};
    listen unix:{folder}/socket;
{locations}
  }}
  server {{
    listen 127.0.0.1:{tls} ssl http2;
    ssl_protocols TLSv1.2 TLSv1.3;
    {identity}
{locations}
  }}
  server {{
    listen 127.0.0.1:{tls_1_2} ssl http2;
    ssl_protocols TLSv1.2;
    {identity}
{locations}
  }}
}}
"
    )
}
