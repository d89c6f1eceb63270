//! Captures what a guest writes to its standard streams, line by line and within a limit.

use std::{
    io, mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use domain::invocation::{LogLine, Stream};
use tokio::io::AsyncWrite;
use wasmtime_wasi::{
    cli::{IsTerminal, StdoutStream},
    p2::{OutputStream, Pollable, StreamError},
};

use crate::seat::Seat;

/// Lines of one invocation that are kept, so that empty lines cost something too.
const MAX_LINES: usize = 10_000;

/// The lines of one invocation so far.
#[derive(Debug, Default)]
pub(crate) struct Logs {
    lines: Vec<LogLine>,
    /// Text that still fits.
    room: usize,
    truncated: bool,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Logs {
    /// Keeps `bytes` of text.
    pub(crate) fn up_to(bytes: u32) -> Self {
        Self { room: bytes as usize, ..Self::default() }
    }

    /// Adds what fits of `bytes`.
    fn write(&mut self, stream: Stream, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            let full = self.room == 0 && self.unfinished(stream).is_empty();
            if full || self.lines.len() >= MAX_LINES {
                self.truncated = true;
                return;
            }
            let (text, ends) = match piece.split_last() {
                Some((b'\n', text)) => (text, true),
                _ => (piece, false),
            };
            let fitting = text.len().min(self.room);
            self.truncated |= fitting < text.len();
            self.room -= fitting;
            self.unfinished(stream).extend_from_slice(text.get(..fitting).unwrap_or_default());
            if ends {
                self.end_line(stream);
            }
        }
    }

    /// Adds a line of the platform's own, beside what the guest has begun to write.
    pub(crate) fn note(&mut self, text: &str) {
        let begun = mem::take(&mut self.stderr);
        self.write(Stream::Stderr, text.as_bytes());
        self.write(Stream::Stderr, b"\n");
        self.stderr = begun;
    }

    /// The lines, with those that were not ended, and whether there was more.
    pub(crate) fn finish(mut self) -> (Vec<LogLine>, bool) {
        for stream in [Stream::Stdout, Stream::Stderr] {
            if !self.unfinished(stream).is_empty() {
                self.end_line(stream);
            }
        }
        (self.lines, self.truncated)
    }

    fn unfinished(&mut self, stream: Stream) -> &mut Vec<u8> {
        match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        }
    }

    fn end_line(&mut self, stream: Stream) {
        let bytes = mem::take(self.unfinished(stream));
        let text = String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned());
        self.lines.push(LogLine { stream, text });
    }
}

/// A standard stream of a guest that ends in the account of the invocation that it serves.
#[derive(Clone)]
pub(crate) struct Capture {
    seat: Arc<Seat>,
    stream: Stream,
}

impl Capture {
    /// Captures standard output.
    pub(crate) fn stdout(seat: &Arc<Seat>) -> Self {
        Self { seat: Arc::clone(seat), stream: Stream::Stdout }
    }

    /// Captures standard error.
    pub(crate) fn stderr(seat: &Arc<Seat>) -> Self {
        Self { seat: Arc::clone(seat), stream: Stream::Stderr }
    }

    fn take(&self, bytes: &[u8]) {
        self.seat.with(|account| account.with_logs(|logs| logs.write(self.stream, bytes)));
    }
}

impl IsTerminal for Capture {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Capture {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

#[async_trait::async_trait]
impl Pollable for Capture {
    async fn ready(&mut self) {}
}

impl OutputStream for Capture {
    fn write(&mut self, bytes: Bytes) -> Result<(), StreamError> {
        self.take(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), StreamError> {
        Ok(())
    }

    fn check_write(&mut self) -> Result<usize, StreamError> {
        const PERMIT_BYTES: usize = 64 << 10;
        Ok(PERMIT_BYTES)
    }
}

impl AsyncWrite for Capture {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.take(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX_BYTES: usize = 256 << 10;

    fn finished(writes: &[(Stream, &str)]) -> (Vec<LogLine>, bool) {
        let mut logs = Logs::up_to(MAX_BYTES as u32);
        for (stream, text) in writes {
            logs.write(*stream, text.as_bytes());
        }
        logs.finish()
    }

    #[test]
    fn lines_are_joined_per_stream_and_the_last_one_needs_no_break() {
        let (lines, truncated) =
            finished(&[(Stream::Stdout, "one\ntw"), (Stream::Stderr, "oops\n"), (Stream::Stdout, "o\n\nthree")]);
        let texts: Vec<_> = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["one", "oops", "two", "", "three"]);
        assert!(!truncated);
    }

    #[test]
    fn a_flood_is_cut_at_the_limit() {
        let long = "x".repeat(MAX_BYTES + 1);
        let (lines, truncated) = finished(&[(Stream::Stdout, &long)]);
        assert_eq!(lines.iter().map(|line| line.text.len()).sum::<usize>(), MAX_BYTES);
        assert!(truncated);
        let (lines, truncated) = finished(&[(Stream::Stdout, &"\n".repeat(MAX_LINES + 5))]);
        assert_eq!((lines.len(), truncated), (MAX_LINES, true));
    }

    #[test]
    fn what_is_not_kept_at_all_takes_no_room() {
        let mut logs = Logs::up_to(0);
        logs.write(Stream::Stdout, b"\n\none\n");
        assert_eq!(logs.finish(), (Vec::new(), true));
    }
}
