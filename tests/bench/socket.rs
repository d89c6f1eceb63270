//! A WebSocket client that does what the benchmark needs and nothing else: the same small cost with every server.

use anyhow::Context as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, BufStream},
    net::TcpStream,
};

use crate::server::Server;

/// A connection that sends and reads short text messages.
#[derive(Debug)]
pub(crate) struct Socket(BufStream<TcpStream>);

/// The longest message that fits a frame's short form (RFC 6455, section 5.2).
const SHORT: usize = 125;

impl Socket {
    /// Connects to `path` of `server`.
    ///
    /// # Errors
    ///
    /// If the server does not take the connection.
    pub(crate) async fn connect(server: &Server, path: &str) -> anyhow::Result<Self> {
        let authority = server.origin.strip_prefix("http://").unwrap_or(&server.origin);
        let stream = TcpStream::connect(authority).await?;
        stream.set_nodelay(true)?;
        // Small buffers: the benchmark holds ten thousand of these.
        let mut stream = BufStream::with_capacity(512, 512, stream);
        let host = server.host.as_deref().unwrap_or(authority);
        // The key of RFC 6455, section 1.3.
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        stream.flush().await?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.context("the handshake was not answered")?);
        }
        let answer = String::from_utf8_lossy(&head).into_owned();
        anyhow::ensure!(answer.starts_with("HTTP/1.1 101"), "the connection was refused: {answer}");
        Ok(Self(stream))
    }

    /// Sends a text message of at most 125 bytes.
    ///
    /// # Errors
    ///
    /// If the connection is gone.
    pub(crate) async fn send(&mut self, text: &str) -> anyhow::Result<()> {
        let length = u8::try_from(text.len()).ok().filter(|length| usize::from(*length) <= SHORT);
        // Masked with zeros, which leave the text as it is.
        let head = [0x81, 0x80 | length.context("the message is too long")?, 0, 0, 0, 0];
        self.0.write_all(&head).await?;
        self.0.write_all(text.as_bytes()).await?;
        Ok(self.0.flush().await?)
    }

    /// The next text message.
    ///
    /// # Errors
    ///
    /// If the connection is gone, or something else comes.
    pub(crate) async fn receive(&mut self) -> anyhow::Result<String> {
        let (first, length) = (self.0.read_u8().await?, self.0.read_u8().await?);
        anyhow::ensure!(
            first == 0x81 && usize::from(length) <= SHORT,
            "a frame came that is no short text: {first:#x}"
        );
        let mut text = vec![0; length.into()];
        self.0.read_exact(&mut text).await?;
        Ok(String::from_utf8(text)?)
    }
}
