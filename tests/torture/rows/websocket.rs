//! WebSockets of the client.

use std::time::Duration;

use ffence::http::websocket::Message;
use ffence::http::{Auth, CancelHandle, Client, Limits, Proxy, Redirect};

use crate::common::executor::block_on;
use crate::common::websocket::{Door, Echo, Reply, header};
use crate::row::{Outcome, Row, row};

/// Longer than anything here takes.
const LIMIT: Duration = Duration::from_secs(60);

fn client() -> ffence::Result<Client> {
    Client::builder().proxy(Proxy::none()).build()
}

fn taken(message: Option<Message>, into: &mut Vec<u8>) {
    match message.expect("before the end") {
        Message::Text(text) => into.extend_from_slice(text.as_bytes()),
        Message::Binary(bytes) => into.extend_from_slice(&bytes),
        other => panic!("{other:?}"),
    }
}

pub fn rows() -> Vec<Row> {
    vec![
        row!(
            "a WebSocket that a thread waits for",
            [
                "http::Client::websocket",
                "http::websocket::Message::{binary,close,text}",
                "http::websocket::WebSocket::{close,headers,protocol,recv,recv_timeout,send}",
                "http::websocket::WebSocketBuilder::{basic_auth,cancel_with,closing_timeout,connect}",
                "http::websocket::WebSocketBuilder::{header,limit,subprotocol,timeout}",
            ],
            {
                let server = Echo::start();
                move || -> Outcome {
                    let (client, cancel) = (client()?, CancelHandle::new());
                    let builder = client
                        .websocket(server.url("/echo"))
                        .header("x-id", 7)
                        .basic_auth("me", "secret")
                        .limit(100_000)
                        .timeout(LIMIT)
                        .closing_timeout(LIMIT)
                        .cancel_with(&cancel);
                    // Nobody there speaks it.
                    drop(client.websocket(server.url("/echo")).subprotocol("chat"));
                    let mut socket = builder.connect()?;
                    assert!(socket.protocol().is_none() && !socket.headers().is_empty());
                    let mut all = Vec::new();
                    socket.send(Message::text("one"))?;
                    taken(socket.recv()?, &mut all);
                    socket.send(Message::binary(vec![2; 50_000]))?;
                    taken(socket.recv_timeout(LIMIT)?, &mut all);
                    assert!(matches!(Message::close(1000, "done"), Message::Close(Some(_))));
                    socket.close(1000, "done")?;
                    Ok(all)
                }
            }
        ),
        row!(
            "a WebSocket that tasks wait for",
            [
                "http::websocket::AsyncWebSocket::{close,headers,protocol,recv,send,split}",
                "http::websocket::Receiver::recv",
                "http::websocket::Sender::send",
                "http::websocket::WebSocketBuilder::{bearer_auth,connect_async}",
            ],
            {
                let server = Echo::start();
                move || -> Outcome {
                    let client = client()?;
                    block_on(async {
                        let connect = || {
                            let builder = client.websocket(server.url("/echo")).timeout(LIMIT);
                            builder.bearer_auth("secret").connect_async()
                        };
                        let mut all = Vec::new();
                        let mut socket = connect().await?;
                        assert!(socket.protocol().is_none() && !socket.headers().is_empty());
                        socket.send("one").await?;
                        taken(socket.recv().await?, &mut all);
                        let (mut sender, mut receiver) = connect().await?.split();
                        sender.send(vec![2; 50_000]).await?;
                        taken(receiver.recv().await?, &mut all);
                        socket.close(1000, "done").await?;
                        Ok(all)
                    })
                }
            }
        ),
        row!(
            "a WebSocket that is opened in a third handshake",
            ["http::websocket::WebSocketBuilder::login"],
            {
                let door =
                    Door::new(|request| match request.split(' ').nth(1).unwrap_or_default() {
                        "/" => Reply::Shut("302 Found", "Location: /in\r\n".to_owned()),
                        _ if header(request, "authorization").is_some() => {
                            Reply::Open(String::new())
                        }
                        _ => {
                            let asks = "WWW-Authenticate: Digest realm=a, nonce=b, qop=auth\r\n";
                            Reply::Shut("401 Unauthorized", asks.to_owned())
                        }
                    });
                move || -> Outcome {
                    let client = Client::builder()
                        .proxy(Proxy::none())
                        .redirect(Redirect::limited(1))
                        .limits(Limits::new().total(1))
                        .build()?;
                    for by_a_task in [false, true] {
                        let builder = client.websocket(door.url("/")).timeout(LIMIT);
                        let builder = builder.login("me", "secret", Auth::DIGEST);
                        if by_a_task {
                            drop(block_on(builder.connect_async())?);
                        } else {
                            drop(builder.connect()?);
                        }
                    }
                    Ok(Vec::new())
                }
            }
        ),
    ]
}
