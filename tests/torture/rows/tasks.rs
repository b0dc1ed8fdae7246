//! The HTTP client as tasks use it, and bodies that are given piece by piece.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use ffence::curl::option::value::Auth;
use ffence::curl::{Mime, Part};
use ffence::http::{Client, RequestBody, Timeouts};
use http_body_util::Full;

use crate::common::executor::block_on;
use crate::common::raw::Raw;
use crate::common::server::{Server, bytes};
use crate::row::{Outcome, Row, row};

/// Longer than anything here takes.
const LIMIT: Duration = Duration::from_secs(60);

fn client() -> ffence::Result<Client> {
    Client::builder().timeouts(Timeouts::new().total(LIMIT)).build()
}

/// An interim response, a body and trailers.
const TRAILING: &str = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n\
    HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n";

pub fn rows() -> Vec<Row> {
    vec![
        row!(
            "a client that tasks wait for",
            [
                "http::Body::{bytes,chunk,lines,timings,trailers}",
                "http::Client::{close,execute_async,warm_up_async}",
                "http::Lines::{next_json,next_line}",
                "http::RequestBuilder::{open_async,send_async,send_async_to}",
            ],
            {
                let server = Server::plain();
                move || -> Outcome {
                    let client = client()?;
                    let url = server.url("/bytes/1000");
                    let all = block_on(async {
                        let mut all = client.get(&url).send_async().await?.into_body();
                        let request = http::Request::get(&url).body(Vec::new());
                        let request = request.expect("it is a request");
                        let body = client.execute_async(request).await?.into_body();
                        all.extend(body.bytes().await?);
                        let mut body = client.get(&url).open_async().await?.into_body();
                        while let Some(piece) = body.chunk().await? {
                            all.extend_from_slice(&piece);
                        }
                        assert!(body.trailers().is_none() && body.timings().is_some());
                        client.warm_up_async(&url, 2).await?;
                        let post = client.post(server.url("/length")).body("four");
                        let mut lines = post.open_async().await?.into_body().lines(1000);
                        assert_eq!(lines.next_json::<usize>().await?, Some(4));
                        let post = client.post(server.url("/echo")).body("a\nb");
                        let mut lines = post.open_async().await?.into_body().lines(1000);
                        while let Some(line) = lines.next_line().await? {
                            all.extend_from_slice(line.as_ref());
                        }
                        let taken = client.get(&url).send_async_to(|_| Ok(())).await?;
                        assert_eq!(*taken.body(), 1000);
                        client.close().await?;
                        Ok::<_, ffence::Error>(all)
                    })?;
                    assert!(all.len() > 3000 && all[2000..3000] == bytes(1000));
                    Ok(all)
                }
            }
        ),
        row!(
            "bodies that are sent in every way",
            [
                "http::RequestBody::{file,form,open,reader,stream}",
                "http::RequestBuilder::{form,json,login}",
                "http::Response::{diagnose,json,lines}",
                "http::Client::close_blocking",
            ],
            {
                let server = Server::plain();
                let mut file = tempfile::NamedTempFile::new().unwrap();
                file.write_all(b"in a file").unwrap();
                move || -> Outcome {
                    let client = client()?;
                    let stream = Full::new(Bytes::from_static(b"streamed"));
                    let bodies = [
                        RequestBody::file(file.path())?,
                        RequestBody::open(|| Ok(&b"opened"[..]), 6),
                        RequestBody::reader(&b"read"[..], None),
                        RequestBody::stream(stream),
                    ];
                    let mut all = Vec::new();
                    for body in bodies {
                        let response = client.post(server.url("/length")).body(body).send()?;
                        assert!(response.diagnose().contains("200"));
                        all.extend_from_slice(response.body());
                    }
                    let form = RequestBody::form(Mime::new().part(Part::new("text").name("one")));
                    let sent = client.post(server.url("/echo")).body(form).send()?;
                    assert!(sent.text()?.contains("name=\"one\""));
                    let login = client.post(server.url("/echo")).login("me", "pw", Auth::BASIC);
                    let sent = login.form([("a", "b c")]).send()?;
                    all.extend(sent.lines()?.last().map(str::as_bytes).unwrap_or_default());
                    let length = client.post(server.url("/length")).json("four").send()?;
                    assert_eq!(length.json::<usize>()?, 6);
                    client.close_blocking()?;
                    Ok(all)
                }
            }
        ),
        row!(
            "interim responses and trailers",
            ["http::RequestBuilder::on_interim", "http::Response::trailers"],
            {
                let server = Raw::answering(TRAILING);
                move || -> Outcome {
                    let interim = Arc::new(AtomicUsize::new(0));
                    let count = Arc::clone(&interim);
                    let response = client()?
                        .get(server.url("/"))
                        .on_interim(move |_, _| {
                            count.fetch_add(1, Ordering::SeqCst);
                        })
                        .send()?;
                    assert_eq!(interim.load(Ordering::SeqCst), 1);
                    let sum = response.trailers().and_then(|it| it.get("x-sum"));
                    assert_eq!(sum.expect("it came").as_bytes(), b"1");
                    Ok(response.into_body())
                }
            }
        ),
    ]
}
