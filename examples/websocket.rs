//! Talks to a WebSocket server of its own: on this thread, and by two tasks at once.
//!
//! `cargo run --example websocket --features websocket`

use std::error::Error;
use std::net::TcpListener;

use ffence::http::Client;
use ffence::http::websocket::Message;

fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("ws://{}/chat", listener.local_addr()?);
    std::thread::spawn(move || serve(&listener));
    let client = Client::new()?;

    let mut socket = client.websocket(&url).connect()?;
    socket.send("hello")?;
    let answer = socket.recv()?;
    println!("{answer:?}");
    assert_eq!(answer, Some(Message::text("hello")));
    socket.close(1000, "done")?;

    // Any executor will do.
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(async {
        let (mut sender, mut receiver) = client.websocket(&url).connect_async().await?.split();
        let sending = tokio::spawn(async move {
            for number in 0..3 {
                sender.send(format!("message {number}")).await?;
            }
            sender.send(Message::close(1000, "done")).await
        });
        while let Some(message) = receiver.recv().await? {
            println!("{message:?}");
        }
        sending.await??;
        Ok::<_, Box<dyn Error>>(())
    })
}

/// Sends each message back.
fn serve(listener: &TcpListener) {
    for stream in listener.incoming() {
        let Ok(mut socket) =
            stream.map_err(drop).and_then(|it| tungstenite::accept(it).map_err(drop))
        else {
            continue;
        };
        while let Ok(message) = socket.read() {
            if !message.is_close() && socket.send(message).is_err() {
                break;
            }
        }
    }
}

#[test]
fn it_runs() {
    main().unwrap();
}
