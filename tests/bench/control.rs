//! The server to compare with: the same answers from plain axum, with nothing between.

use axum::{
    Router,
    body::Body,
    extract::{
        Query, Request,
        ws::{Message, WebSocketUpgrade},
    },
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use tokio::net::TcpListener;

use crate::work::xorshift;

#[derive(Deserialize)]
struct Rounds {
    rounds: u32,
}

/// Serves on a free port, whose address is the first line of standard output, until it is killed.
pub(crate) async fn serve() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    let router = Router::new().route("/hello/", get(hello)).route("/echo/", post(echo)).route("/cpu/", get(cpu));
    let router = router.route("/socket/", get(socket));
    axum::serve(listener, router).await?;
    Ok(())
}

async fn hello() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/plain; charset=utf-8")], "Hello from /hello/\n")
}

/// Sends the body back as it comes.
async fn echo(request: Request) -> Response {
    Response::new(Body::new(request.into_body()))
}

/// Sends each message back.
async fn socket(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async |mut socket| {
        while let Some(Ok(message)) = socket.recv().await {
            if matches!(message, Message::Text(_) | Message::Binary(_)) && socket.send(message).await.is_err() {
                return;
            }
        }
    })
}

async fn cpu(Query(Rounds { rounds }): Query<Rounds>) -> String {
    format!("{}\n", xorshift(rounds))
}
