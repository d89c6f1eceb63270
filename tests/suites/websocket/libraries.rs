//! Clients that others wrote: a library of Rust's, Node's own WebSocket, and pages in a browser.

use std::{
    io::{self, Write as _},
    process::Command,
};

use futures::{SinkExt as _, StreamExt as _};
use harness::{Project, Ran, repository};
use serde_json::json;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest as _,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

use super::{examples::examples, stage::echo};
use crate::{
    console::{in_browser, program},
    triggers::stage::{route, upload_with},
};

/// Connects with the library of Rust's.
async fn connect(project: &Project, path: &str, subprotocol: &str) -> Result<WebSocketStream<TcpStream>, Error> {
    let port = project.platform().data_port();
    let mut request = format!("ws://{}:{port}{path}", project.host()).into_client_request()?;
    if !subprotocol.is_empty() {
        request.headers_mut().insert("sec-websocket-protocol", subprotocol.parse().unwrap());
    }
    let stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let (socket, answer) = client_async(request, stream).await?;
    let agreed = answer.headers().get("sec-websocket-protocol").map(|agreed| agreed.to_str().unwrap());
    assert_eq!(agreed.unwrap_or_default(), if subprotocol.is_empty() { "" } else { "chat.v1" });
    Ok(socket)
}

#[tokio::test]
async fn a_client_with_a_library_of_rust_sends_hears_and_closes() {
    let (project, _) = echo().await;
    let mut socket = connect(&project, "/ws", "chat.v2, chat.v1").await.unwrap();
    for message in [
        Message::text("grüße"),
        Message::text(""),
        Message::binary(vec![0, 255, 1]),
        Message::text("x".repeat(70_000)),
        Message::binary(vec![7; 1 << 20]),
    ] {
        socket.send(message.clone()).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), message);
    }
    socket.send(Message::Ping("are you there".into())).await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::Pong("are you there".into()));
    socket.close(Some(CloseFrame { code: CloseCode::Library(3_000), reason: "done".into() })).await.unwrap();
    let Message::Close(Some(closed)) = socket.next().await.unwrap().unwrap() else { panic!("no closing frame") };
    assert_eq!(u16::from(closed.code), 3_000);
    assert!(socket.next().await.is_none());
}

#[tokio::test]
async fn a_library_of_rust_hears_of_refusals_and_of_the_functions_own_closing() {
    let (project, _) = echo().await;
    let Err(Error::Http(refused)) = connect(&project, "/ws?refuse=403", "").await else { panic!("no refusal") };
    assert_eq!(refused.status(), 403);
    let mut socket = connect(&project, "/ws?hello=there", "").await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::text("there"));
    socket.send(Message::text("close 4001 bye")).await.unwrap();
    let Message::Close(Some(closed)) = socket.next().await.unwrap().unwrap() else { panic!("no closing frame") };
    assert_eq!((u16::from(closed.code), closed.reason.as_str()), (4_001, "bye"));
    assert!(socket.next().await.is_none());
}

/// How Node is asked for its own WebSocket: it is there since version 22, and behind an option since 20.10.
fn node() -> Result<Command, &'static str> {
    let node = program(&["node"]).ok_or("Node is not installed")?;
    for options in [&[][..], &["--experimental-websocket", "--no-warnings"]] {
        let mut has = Command::new(&node);
        has.args(options).args(["--eval", "process.exit(typeof WebSocket === 'function' ? 0 : 1)"]);
        if has.output().is_ok_and(|output| output.status.success()) {
            let mut command = Command::new(&node);
            command.args(options);
            return Ok(command);
        }
    }
    Err("Node has no WebSocket of its own; it takes 20.10 or newer")
}

#[tokio::test]
async fn nodes_own_websocket_echoes_chats_and_closes() {
    let mut node = match node() {
        Ok(node) => node,
        Err(missing) => {
            let notice = format!("SKIPPED: nothing was tested with Node's WebSocket: {missing}\n");
            return io::stderr().write_all(notice.as_bytes()).unwrap();
        }
    };
    let (project, ada) = examples().await;
    upload_with(&ada, "echo", "ws-echo", json!({})).await;
    route(&ada, "echo", 1, json!([{ "type": "websocket", "path": "/ws" }])).await;
    node.arg(repository().join("tests/browser/node.mjs")).env("DATA_PORT", project.platform().data_port().to_string());
    let ran = Ran::of(node).await.expect(0);
    assert!(ran.stdout.ends_with("all of Node's WebSocket holds\n"), "{ran:#?}");
}

#[tokio::test]
async fn two_people_chat_and_watch_a_counter_in_the_browser() {
    let (project, _) = examples().await;
    let Some(mut flow) = in_browser("chat.mjs") else { return };
    flow.env("DATA_PORT", project.platform().data_port().to_string());
    let ran = Ran::of(flow).await.expect(0);
    assert!(ran.stdout.ends_with("all of the chat holds\n"), "{ran:#?}");
}
