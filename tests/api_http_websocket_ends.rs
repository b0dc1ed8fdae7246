//! How WebSockets of the client come to an end: in time, by either side, by force.
#![cfg(all(feature = "websocket", unix))]

mod common;

use std::future::poll_fn;
use std::io::{Read as _, Write as _};
use std::pin::Pin;
use std::sync::mpsc;
use std::time::Duration;

use common::executor::{block_on, poll_once};
use common::raw::{Raw, read_request};
use common::server::bytes;
use common::websocket::{Echo, accepting, at, saying};
use ffence::ErrorKind;
use ffence::http::websocket::{AsyncWebSocket, CloseReason, Message, WebSocket};
use ffence::http::{CancelHandle, Client, Proxy, Timeouts};
use futures_core::Stream as _;
use futures_sink::Sink as _;

/// Far more than anything here takes; a hang, and nothing else, runs into it.
const SOON: Duration = Duration::from_secs(60);

fn client() -> Client {
    Client::builder().proxy(Proxy::none()).build().unwrap()
}

fn connect(server: &Echo, path: &str) -> WebSocket {
    client().websocket(server.url(path)).timeout(SOON).connect().unwrap()
}

async fn connect_async(client: &Client, url: &str) -> AsyncWebSocket {
    client.websocket(url).timeout(SOON).connect_async().await.unwrap()
}

fn next(socket: &mut WebSocket) -> Message {
    socket.recv_timeout(SOON).unwrap().expect("a message before the end")
}

async fn talks_async(mut socket: AsyncWebSocket) {
    socket.send("hellö").await.unwrap();
    socket.send(vec![0, 255]).await.unwrap();
    assert_eq!(socket.recv().await.unwrap(), Some(Message::text("hellö")));
    assert_eq!(socket.recv().await.unwrap(), Some(Message::binary(vec![0, 255])));
    let large = bytes(300_000);
    socket.send(large.clone()).await.unwrap();
    assert_eq!(socket.recv().await.unwrap(), Some(Message::binary(large)));
    socket.close(1000, "done").await.unwrap();
}

/// A server that tells when a connection came as far as it should, and what it then heard of its end.
fn told(answers: bool) -> (Raw, mpsc::Receiver<()>, mpsc::Receiver<Vec<u8>>) {
    let (reached, reaching) = mpsc::channel();
    let (ended, ending) = mpsc::channel();
    let server = Raw::with(move |mut stream| {
        let request = read_request(&mut stream);
        if answers {
            let _ = stream.write_all(&accepting(&request, ""));
        }
        let _ = reached.send(());
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        let _ = ended.send(rest);
    });
    (server, reaching, ending)
}

#[test]
fn opening_and_closing_have_limits_of_time() {
    let silent = Raw::silent();
    let client = client();
    let short = Duration::from_millis(50);
    let url = at(&silent);
    let errors = [
        client.websocket(&url).timeout(short).connect().unwrap_err(),
        block_on(client.websocket(&url).timeout(short).connect_async()).unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    }
    // Nobody listens any more.
    let gone = "127.0.0.1:1";
    let error = client.websocket(format!("ws://{gone}/")).connect().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
    let error = block_on(client.websocket(format!("ws://{gone}/")).connect_async()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect, "{error}");

    // One that answers the handshake, and nothing else.
    let rude = saying("", []);
    let url = at(&rude);
    let mut socket = client.websocket(&url).closing_timeout(short).connect().unwrap();
    assert_eq!(socket.recv_timeout(short).unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(socket.close(1000, "").unwrap_err().kind(), ErrorKind::Timeout);
    let error = block_on(async {
        let socket = client.websocket(&url).closing_timeout(short).connect_async().await.unwrap();
        socket.close(1000, "").await.unwrap_err()
    });
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

#[test]
fn the_clients_limits_of_time_count_too() {
    let silent = Raw::silent();
    let limits = Timeouts::new().total(Duration::from_millis(50));
    let client = Client::builder().timeouts(limits).proxy(Proxy::none()).build().unwrap();
    let error = client.websocket(at(&silent)).connect().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    let error = block_on(client.websocket(at(&silent)).connect_async()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
}

#[test]
fn dropping_it_in_any_state_ends_the_connection_and_disturbs_nobody() {
    let echo = Echo::start();
    let client = client();
    let mut neighbour = block_on(connect_async(&client, &echo.url("/echo")));

    // Before it is polled: nothing was sent.
    drop(client.websocket(echo.url("/echo")).connect_async());

    // Within the handshake.
    let (server, reached, ended) = told(false);
    let mut opening = client.websocket(at(&server)).connect_async();
    assert!(poll_once(&mut opening).is_pending());
    // The handshake is written by the task, once the connection stands.
    while reached.try_recv().is_err() {
        assert!(poll_once(&mut opening).is_pending());
        std::thread::yield_now();
    }
    drop(opening);
    assert_eq!(ended.recv_timeout(SOON).unwrap(), b"");

    // Open, by tasks and by a thread: the good-bye goes out.
    let (server, _, ended) = told(true);
    drop(block_on(connect_async(&client, &at(&server))));
    assert_eq!(ended.recv_timeout(SOON).unwrap()[..2], [0x88, 0x82]);
    drop(client.websocket(at(&server)).connect().unwrap());
    assert_eq!(ended.recv_timeout(SOON).unwrap()[..2], [0x88, 0x82]);
    // One half alone ends nothing.
    let (sender, receiver) = block_on(connect_async(&client, &at(&server))).split();
    drop(sender);
    assert!(ended.try_recv().is_err());
    drop(receiver);
    assert_eq!(ended.recv_timeout(SOON).unwrap()[..2], [0x88, 0x82]);

    // With a message on its way that is not read, and after the peer's good-bye.
    let mut deaf = block_on(connect_async(&client, &echo.url("/deaf")));
    let mut sending = Box::pin(deaf.send(bytes(20_000_000)));
    assert!(poll_once(&mut sending).is_pending());
    drop(sending);
    drop(deaf);
    let mut closed = block_on(connect_async(&client, &echo.url("/close/1001")));
    assert!(matches!(block_on(closed.recv()).unwrap(), Some(Message::Close(_))));
    drop(closed);

    block_on(neighbour.send("still here")).unwrap();
    assert_eq!(block_on(neighbour.recv()).unwrap(), Some(Message::text("still here")));
}

#[test]
fn a_cancel_handle_ends_it_from_elsewhere() {
    let client = client();
    // While it opens.
    for by_a_task in [false, true] {
        let (server, reached, ended) = told(false);
        let cancel = CancelHandle::new();
        let handle = cancel.clone();
        let other = std::thread::spawn(move || {
            reached.recv_timeout(SOON).unwrap();
            handle.cancel();
        });
        let builder = client.websocket(at(&server)).cancel_with(&cancel);
        let error = if by_a_task {
            block_on(builder.connect_async()).unwrap_err()
        } else {
            builder.connect().unwrap_err()
        };
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
        other.join().unwrap();
        ended.recv_timeout(SOON).unwrap();
    }
    // While it receives.
    for by_a_task in [false, true] {
        let (server, _, ended) = told(true);
        let cancel = CancelHandle::new();
        let builder = client.websocket(at(&server)).cancel_with(&cancel);
        let error = if by_a_task {
            let mut socket = block_on(builder.connect_async()).unwrap();
            let other = std::thread::spawn(move || cancel.cancel());
            let error = block_on(socket.recv()).unwrap_err();
            other.join().unwrap();
            assert_eq!(block_on(socket.send("x")).unwrap_err().kind(), ErrorKind::Poisoned);
            error
        } else {
            let mut socket = builder.connect().unwrap();
            let other = std::thread::spawn(move || cancel.cancel());
            let error = socket.recv().unwrap_err();
            other.join().unwrap();
            error
        };
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
        ended.recv_timeout(SOON).unwrap();
    }
    // Before.
    let cancel = CancelHandle::new();
    cancel.cancel();
    let error = client.websocket("ws://127.0.0.1:1/").cancel_with(&cancel).connect_async();
    assert_eq!(block_on(error).unwrap_err().kind(), ErrorKind::Cancelled);
}

#[test]
fn a_client_that_is_closed_ends_its_websockets() {
    let server = Echo::start();
    let client = client();
    let mut socket = block_on(connect_async(&client, &server.url("/echo")));
    client.close_blocking().unwrap();
    assert_eq!(block_on(socket.recv()).unwrap_err().kind(), ErrorKind::Cancelled);
    let error = client.websocket(server.url("/echo")).connect().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
}

#[test]
fn a_socket_may_go_to_another_thread_and_outlive_its_client() {
    let server = Echo::start();
    let mut socket = connect(&server, "/echo");
    socket.send("from here").unwrap();
    let message = std::thread::spawn(move || next(&mut socket)).join().unwrap();
    assert_eq!(message, Message::text("from here"));
    let socket = {
        let client = client();
        block_on(connect_async(&client, &server.url("/echo")))
    };
    block_on(talks_async(socket));
}

#[test]
fn a_server_that_dies_within_a_frame_is_an_error() {
    let server = Raw::with(|mut stream| {
        let answer = accepting(&read_request(&mut stream), "");
        let _ = stream.write_all(&[&answer[..], b"\x81\x7e\x10\x00half a mess"].concat());
    });
    let client = client();
    let mut socket = client.websocket(at(&server)).connect().unwrap();
    let error = socket.recv_timeout(SOON).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
    assert_eq!(socket.recv().unwrap_err().kind(), ErrorKind::Poisoned);
    block_on(async {
        let mut socket = connect_async(&client, &at(&server)).await;
        assert_eq!(socket.recv().await.unwrap_err().kind(), ErrorKind::Transport);
        // As a stream it ends after that.
        let item = poll_fn(|context| Pin::new(&mut socket).poll_next(context)).await;
        assert!(item.is_none());
    });
    // The same without any frame, and without an answer to the handshake.
    let mut socket = connect(&Echo::start(), "/gone");
    assert_eq!(socket.recv_timeout(SOON).unwrap_err().kind(), ErrorKind::Transport);
    let closing = Raw::with(|mut stream| drop(read_request(&mut stream)));
    let error = client.websocket(at(&closing)).connect().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
}

#[test]
fn a_server_that_refuses_is_an_error_with_its_status() {
    let server = Echo::start();
    let client = client();
    let url = server.url("/refuse");
    let errors = [
        client.websocket(&url).connect().unwrap_err(),
        block_on(client.websocket(&url).connect_async()).unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::Status, "{error}");
        assert_eq!(error.transfer().unwrap().status, Some(403));
    }
    // One that answers with the wrong key is no WebSocket server.
    let liar = Raw::answering(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n",
    );
    let error = client.websocket(at(&liar)).connect().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
}

#[test]
fn a_peer_that_reads_nothing_makes_the_sender_wait_and_nobody_else() {
    let server = Echo::start();
    let client = client();
    block_on(async {
        let mut deaf = connect_async(&client, &server.url("/deaf")).await;
        // Ready until the kernel's buffers and ours are full.
        let piece = bytes(200_000);
        let mut taken = 0;
        loop {
            let ready = poll_fn(|context| {
                std::task::Poll::Ready(Pin::new(&mut deaf).poll_ready(context).is_ready())
            });
            if !ready.await {
                // Not yet, or never: the driver may be sending just now. It is never when another
                // WebSocket of the same driver has been round.
                talks_async(connect_async(&client, &server.url("/echo")).await).await;
                let ready = poll_fn(|context| {
                    std::task::Poll::Ready(Pin::new(&mut deaf).poll_ready(context).is_ready())
                });
                if !ready.await {
                    break;
                }
            }
            Pin::new(&mut deaf).start_send(Message::binary(piece.clone())).unwrap();
            taken += 1;
            assert!(taken < 1000, "the kernel's buffers end somewhere");
        }
        assert!(taken > 1);
        // What it says (signs of life) is still received.
        assert!(matches!(deaf.recv().await.unwrap(), Some(Message::Pong(_))));
    });
}

#[test]
fn a_server_that_says_more_than_is_received_stands_still() {
    // 64 MiB: far more than all buffers between the two.
    const FRAMES: usize = 1024;
    let (sender, written) = mpsc::channel();
    let server = Raw::with(move |mut stream| {
        let answer = accepting(&read_request(&mut stream), "");
        let mut frame = vec![0x82, 0x7f];
        frame.extend_from_slice(&65536_u64.to_be_bytes());
        frame.extend_from_slice(&bytes(65536));
        stream.write_all(&answer).unwrap();
        for _ in 0..FRAMES {
            if stream.write_all(&frame).is_err() {
                return;
            }
            let _ = sender.send(());
        }
        let _ = stream.write_all(b"\x88\x02\x03\xe8");
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
    });
    let client = client();
    let mut socket = block_on(connect_async(&client, &at(&server)));
    // It cannot be through, however long we wait: nothing was received yet.
    let mut before = 0;
    while written.recv_timeout(Duration::from_millis(200)).is_ok() {
        before += 1;
    }
    assert!(before < FRAMES, "{before} frames went into buffers");
    let piece = Message::binary(bytes(65536));
    block_on(async {
        for _ in 0..FRAMES {
            assert!(socket.recv().await.unwrap().as_ref() == Some(&piece));
        }
        assert_eq!(socket.recv().await.unwrap(), Some(Message::close(1000, "")));
        assert_eq!(socket.recv().await.unwrap(), None);
    });
}

#[test]
fn both_sides_close_with_codes() {
    let server = Echo::start();
    let client = client();
    let mut socket = connect(&server, "/close/4321");
    let reason = CloseReason::clone(match &next(&mut socket) {
        Message::Close(Some(reason)) => reason,
        other => panic!("{other:?}"),
    });
    assert_eq!(reason.to_string(), "4321 as asked");
    assert_eq!(socket.recv().unwrap(), None);
    assert_eq!(socket.send("late").unwrap_err().kind(), ErrorKind::Closed);

    // This side first, by a message: the answer is received.
    let mut socket = connect(&server, "/echo");
    socket.send(Message::close(3000, "bye")).unwrap();
    assert_eq!(socket.send("late").unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(next(&mut socket), Message::close(3000, "bye"));
    assert_eq!(socket.recv().unwrap(), None);

    block_on(async {
        let mut socket = connect_async(&client, &server.url("/close/4321")).await;
        assert_eq!(socket.recv().await.unwrap(), Some(Message::close(4321, "as asked")));
        assert_eq!(socket.recv().await.unwrap(), None);
        assert_eq!(socket.send("late").await.unwrap_err().kind(), ErrorKind::Closed);
        socket.close(1000, "").await.unwrap(); // it is already
    });
}
