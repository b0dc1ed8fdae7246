//! Forms and multipart messages as a server receives them.

use ffence::curl::{Easy, Mime, option};

use super::server::Server;

/// A part: its head and its content.
pub type Sent = (String, Vec<u8>);

/// What the server received: its head, and each part as (head, content).
pub fn sent(mime: Mime) -> (String, Vec<Sent>) {
    let server = Server::plain();
    let mut easy = Easy::new().unwrap();
    easy.set(option::Url(server.url("/echo"))).unwrap().set(option::MimePost(mime)).unwrap();
    let mut answer = Vec::new();
    easy.perform_into(&mut answer).unwrap();
    taken_apart(&answer)
}

pub fn taken_apart(message: &[u8]) -> (String, Vec<Sent>) {
    let end = find(message, b"\n\n").expect("the echo has a head");
    let head = String::from_utf8(message[..end].to_vec()).unwrap();
    let boundary = head.split("boundary=").nth(1).unwrap().lines().next().unwrap().to_owned();
    (head, parts(&message[end + 2..], &boundary))
}

pub fn parts(body: &[u8], boundary: &str) -> Vec<Sent> {
    let mark = format!("--{boundary}\r\n").into_bytes();
    let last = format!("\r\n--{boundary}--\r\n").into_bytes();
    let body = body.strip_suffix(last.as_slice()).expect("the body ends with its boundary");
    let mut rest = body.strip_prefix(mark.as_slice()).expect("the body begins with its boundary");
    let between = [b"\r\n", mark.as_slice()].concat();
    let mut found = Vec::new();
    loop {
        let (part, next) = match find(rest, &between) {
            Some(at) => (&rest[..at], Some(&rest[at + between.len()..])),
            None => (rest, None),
        };
        let end = find(part, b"\r\n\r\n").expect("a part has a head");
        let head = String::from_utf8(part[..end].to_vec()).unwrap();
        found.push((head, part[end + 4..].to_vec()));
        match next {
            Some(next) => rest = next,
            None => return found,
        }
    }
}

fn find(text: &[u8], word: &[u8]) -> Option<usize> {
    text.windows(word.len()).position(|window| window == word)
}
