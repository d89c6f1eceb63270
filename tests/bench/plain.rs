//! The server to compare with: the same answer from axum, with nothing between.

use axum::{Router, http::header::CONTENT_TYPE, routing::get};
use tokio::net::TcpListener;

/// Serves on a free port, whose address is the first line of standard output, until it is killed.
pub(crate) async fn serve() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    let hello = || async { ([(CONTENT_TYPE, "text/plain; charset=utf-8")], "Hello from /hello/\n") };
    axum::serve(listener, Router::new().route("/hello/", get(hello))).await?;
    Ok(())
}
