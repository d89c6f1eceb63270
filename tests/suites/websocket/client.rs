//! A WebSocket client by hand, which can also send what no client may.

use std::time::Duration;

use harness::Project;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    time::timeout,
};

/// Ample for whatever a busy machine has to do before an answer.
const PATIENCE: Duration = Duration::from_secs(120);

/// The opcodes of RFC 6455, section 11.8.
pub(crate) const CONTINUATION: u8 = 0x0;
pub(crate) const TEXT: u8 = 0x1;
pub(crate) const BINARY: u8 = 0x2;
pub(crate) const CLOSE: u8 = 0x8;
pub(crate) const PING: u8 = 0x9;
pub(crate) const PONG: u8 = 0xa;

/// The bit of a frame that ends a message.
pub(crate) const FINAL: u8 = 0x80;

/// The example of RFC 6455, section 1.3.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// A frame from the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) first: u8,
    pub(crate) payload: Vec<u8>,
}

/// The answer to a handshake.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) text: String,
}

/// What comes over a connection.
pub(crate) struct Incoming(BufReader<OwnedReadHalf>);

/// An open connection.
pub(crate) struct Socket {
    pub(crate) reader: Incoming,
    pub(crate) writer: OwnedWriteHalf,
    pub(crate) head: Head,
}

impl Head {
    /// The value of a header, in lower case its name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.text.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

/// A request for a WebSocket with more `headers`, as bytes.
pub(crate) fn request(project: &Project, path: &str, headers: &[(&str, &str)]) -> String {
    let (host, port) = (project.host(), project.platform().data_port());
    let mut text = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n"
    );
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text + "\r\n"
}

/// Sends `request` on a connection of its own, and gives what was answered: the head, and a body if it is a refusal.
pub(crate) async fn ask(project: &Project, request: &str) -> (Socket, String) {
    let stream = TcpStream::connect(("127.0.0.1", project.platform().data_port())).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (reader, mut writer) = stream.into_split();
    writer.write_all(request.as_bytes()).await.unwrap();
    let mut reader = BufReader::with_capacity(1 << 10, reader);
    let mut text = Vec::new();
    let head = async {
        while !text.ends_with(b"\r\n\r\n") {
            text.push(reader.read_u8().await.expect("an answer"));
        }
    };
    timeout(PATIENCE, head).await.expect("an answer in time");
    let text = String::from_utf8(text).unwrap();
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let head = Head { status, text };
    let length = head.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    timeout(PATIENCE, reader.read_exact(&mut body)).await.expect("a body in time").unwrap();
    (Socket { reader: Incoming(reader), writer, head }, String::from_utf8(body).unwrap())
}

/// The status and the body of the answer to a handshake that is not accepted.
pub(crate) async fn refused(project: &Project, path: &str, headers: &[(&str, &str)]) -> (Head, String) {
    let (socket, body) = ask(project, &request(project, path, headers)).await;
    assert_ne!(socket.head.status, 101, "{path} was accepted");
    (socket.head, body)
}

impl Socket {
    /// A connection to `path` of the project's host.
    pub(crate) async fn open(project: &Project, path: &str) -> Self {
        Self::open_with(project, path, &[]).await
    }

    /// A connection with more `headers` in its handshake.
    pub(crate) async fn open_with(project: &Project, path: &str, headers: &[(&str, &str)]) -> Self {
        let (socket, body) = ask(project, &request(project, path, headers)).await;
        assert_eq!(socket.head.status, 101, "{:?} {body}", socket.head);
        assert_eq!(socket.head.header("sec-websocket-accept"), Some(ACCEPT));
        socket
    }

    /// Sends bytes as they are; a server that closed meanwhile takes none.
    pub(crate) async fn raw(&mut self, bytes: &[u8]) -> bool {
        self.writer.write_all(bytes).await.is_ok()
    }

    /// Sends a text message.
    pub(crate) async fn say(&mut self, text: &str) {
        assert!(self.raw(&frame(FINAL | TEXT, text.as_bytes())).await, "the server takes {text:?}");
    }

    /// The next frame; `None` where the server closed the connection.
    pub(crate) async fn next(&mut self) -> Option<Frame> {
        self.reader.next_for("a connection").await
    }

    /// The next message, which must be text.
    pub(crate) async fn hear(&mut self) -> String {
        let frame = self.next().await.expect("a message");
        assert_eq!(frame.first, FINAL | TEXT, "{}", frame.shown());
        String::from_utf8(frame.payload).unwrap()
    }

    /// Says `text`, and hears the answer.
    pub(crate) async fn exchange(&mut self, text: &str) -> String {
        self.say(text).await;
        self.hear().await
    }

    /// Reads on to the closing frame; gives its code and reason. `None` where the connection ends without one.
    pub(crate) async fn closed(&mut self) -> Option<(u16, String)> {
        loop {
            let frame = self.next().await?;
            if frame.first == FINAL | CLOSE {
                return Some(frame.close());
            }
        }
    }

    /// The code of the closing frame; 0 where a message comes first.
    pub(crate) async fn closed_or_heard(&mut self) -> u16 {
        match self.next().await.expect("a message, or a closing frame") {
            frame if frame.first == FINAL | CLOSE => frame.close().0,
            _ => 0,
        }
    }

    /// Closes with 1000, and waits for the server to do so.
    pub(crate) async fn leave(mut self) {
        self.raw(&close(1_000, "")).await;
        assert_eq!(self.closed().await, Some((1_000, String::new())));
        assert_eq!(self.next().await, None);
    }
}

impl Incoming {
    /// As [`Socket::next`], for what is named so.
    pub(crate) async fn next_for(&mut self, what: &str) -> Option<Frame> {
        let frame = timeout(PATIENCE, self.read()).await;
        frame.unwrap_or_else(|_| panic!("{what}: neither a frame nor the end came in time"))
    }

    async fn read(&mut self) -> Option<Frame> {
        let first = self.0.read_u8().await.ok()?;
        let length = match self.0.read_u8().await.ok()? {
            126 => u64::from(self.0.read_u16().await.ok()?),
            127 => self.0.read_u64().await.ok()?,
            short => {
                assert!(short < 126, "a server masks nothing");
                u64::from(short)
            }
        };
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        self.0.read_exact(&mut payload).await.ok()?;
        Some(Frame { first, payload })
    }
}

impl Frame {
    /// The code and the reason of a closing frame; 1005 where there is none.
    fn close(&self) -> (u16, String) {
        match self.payload.as_slice() {
            [] => (1_005, String::new()),
            [high, low, reason @ ..] => {
                (u16::from_be_bytes([*high, *low]), String::from_utf8(reason.to_vec()).unwrap())
            }
            [_] => panic!("half a code"),
        }
    }

    /// The frame in words, with long payloads cut.
    pub(crate) fn shown(&self) -> String {
        let Self { first, payload } = self;
        match first {
            0x81 => shown("text", payload),
            0x82 => shown("binary", payload),
            0x88 => {
                let (code, reason) = self.close();
                if payload.is_empty() { "close".to_owned() } else { format!("close {code} {reason}").trim().to_owned() }
            }
            0x89 => shown("ping", payload),
            0x8a => shown("pong", payload),
            other => format!("{other:#x} {payload:x?}"),
        }
    }
}

/// A payload in words: the whole of a short one, the length and a sum of a long one.
pub(crate) fn shown(kind: &str, payload: &[u8]) -> String {
    if payload.len() <= 40 {
        return format!("{kind} {:?}", String::from_utf8_lossy(payload));
    }
    let sum = payload.iter().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte)));
    format!("{kind} of {} bytes, {sum:x}", payload.len())
}

/// A masked frame whose first byte is `first`.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    masked(first, payload, [0x37, 0xfa, 0x21, 0x3d])
}

/// A frame with a mask of its own.
pub(crate) fn masked(first: u8, payload: &[u8], mask: [u8; 4]) -> Vec<u8> {
    let mut bytes = head(first, 0x80, payload.len() as u64);
    bytes.extend(mask);
    bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key));
    bytes
}

/// A frame without a mask, which no client may send.
pub(crate) fn unmasked(first: u8, payload: &[u8]) -> Vec<u8> {
    [head(first, 0, payload.len() as u64), payload.to_vec()].concat()
}

/// The head of a frame but for its mask, with its length in the fewest bytes.
pub(crate) fn head(first: u8, mask_bit: u8, length: u64) -> Vec<u8> {
    match length {
        0..=125 => vec![first, mask_bit | length as u8],
        126..=0xffff => [&[first, mask_bit | 126], &(length as u16).to_be_bytes()[..]].concat(),
        _ => [&[first, mask_bit | 127], &length.to_be_bytes()[..]].concat(),
    }
}

/// A closing frame.
pub(crate) fn close(code: u16, reason: &str) -> Vec<u8> {
    frame(FINAL | CLOSE, &[&code.to_be_bytes(), reason.as_bytes()].concat())
}
