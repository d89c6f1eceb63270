//! From messages to a client's socket: one frame after the other, none of them copied.
//!
//! A message that goes to many clients stays the one that it is; only the place in it is each client's own.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use control::{Closing, Connection, Content, Waiting};
use domain::Timestamp;
use tokio::io::AsyncWrite;

use super::frame::{Opcode, head_of};

/// Sends frames.
#[derive(Debug, Default)]
pub(super) struct Writer {
    /// The frame that is being sent.
    head: [u8; 10],
    head_bytes: u8,
    payload: Bytes,
    sent: usize,
    /// Whether it is a message, and then whether that is text.
    message: Option<bool>,
    is_busy: bool,
    /// The ping that is to be answered: the last one is enough (RFC 6455, section 5.5.3).
    pong: Option<Bytes>,
    /// How it closed: nothing is sent after that.
    closed: Option<Closing>,
    /// Whether it was said that the closing frame went out.
    is_told: bool,
    needs_flush: bool,
    /// The bytes that went out so far.
    written: u64,
}

/// What came of sending.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// A message of so many bytes went out.
    Message(usize),
    /// The closing frame went out.
    Close,
}

impl Writer {
    /// Has a ping answered.
    pub(super) fn answer(&mut self, ping: Bytes) {
        self.pong = Some(ping);
    }

    /// How it closed, once the closing frame is being sent.
    pub(super) const fn closed(&self) -> Option<&Closing> {
        self.closed.as_ref()
    }

    /// Whether a frame is on its way.
    pub(super) const fn is_busy(&self) -> bool {
        self.is_busy
    }

    /// How many bytes went out so far.
    pub(super) const fn written(&self) -> u64 {
        self.written
    }

    /// Sends what waits, up to one message. Pending where nothing waits and where the client does not read.
    pub(super) fn poll_send(
        &mut self,
        context: &mut Context<'_>,
        stream: &mut (impl AsyncWrite + Unpin),
        connection: &Connection,
        now: impl FnOnce() -> Timestamp,
    ) -> Poll<io::Result<Sent>> {
        loop {
            if !self.is_busy && !self.begin_next(connection) {
                if self.needs_flush {
                    ready!(Pin::new(&mut *stream).poll_flush(context))?;
                    self.needs_flush = false;
                }
                if self.closed.is_some() && !self.is_told {
                    self.is_told = true;
                    return Poll::Ready(Ok(Sent::Close));
                }
                return Poll::Pending;
            }
            ready!(self.poll_frame(context, stream))?;
            self.is_busy = false;
            self.needs_flush = true;
            let bytes = std::mem::take(&mut self.payload);
            if let Some(is_text) = self.message.take() {
                let content = Content { is_text, bytes };
                connection.sent(&content, now());
                return Poll::Ready(Ok(Sent::Message(content.bytes.len())));
            }
        }
    }

    /// Begins with what comes next; says whether there is something.
    fn begin_next(&mut self, connection: &Connection) -> bool {
        if self.closed.is_some() {
            return false;
        }
        if let Some(ping) = self.pong.take() {
            self.begin(Opcode::Pong, ping);
            return true;
        }
        match connection.next_waiting() {
            Some(Waiting::Message(content)) => {
                self.message = Some(content.is_text);
                self.begin(if content.is_text { Opcode::Text } else { Opcode::Binary }, content.bytes);
            }
            Some(Waiting::Close(closing)) => {
                self.begin(Opcode::Close, payload(&closing));
                self.closed = Some(closing);
            }
            None => return false,
        }
        true
    }

    fn begin(&mut self, opcode: Opcode, payload: Bytes) {
        (self.head, self.head_bytes) = head_of(opcode, payload.len());
        (self.payload, self.sent, self.is_busy) = (payload, 0, true);
    }

    /// Sends the frame to its end.
    fn poll_frame(
        &mut self,
        context: &mut Context<'_>,
        stream: &mut (impl AsyncWrite + Unpin),
    ) -> Poll<io::Result<()>> {
        let head = self.head.get(..usize::from(self.head_bytes)).unwrap_or_default();
        while self.sent < head.len() + self.payload.len() {
            let of_head = head.get(self.sent..).unwrap_or_default();
            let of_payload = self.payload.get(self.sent.saturating_sub(head.len())..).unwrap_or_default();
            let slices = [IoSlice::new(of_head), IoSlice::new(of_payload)];
            let wrote = ready!(Pin::new(&mut *stream).poll_write_vectored(context, &slices))?;
            if wrote == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.sent += wrote;
            self.written += wrote as u64;
        }
        Poll::Ready(Ok(()))
    }
}

/// What a closing frame carries: 1005 stands for nothing (RFC 6455, section 7.4.1).
fn payload(closing: &Closing) -> Bytes {
    if closing.code == 1_005 {
        return Bytes::new();
    }
    let mut payload = closing.code.to_be_bytes().to_vec();
    payload.extend_from_slice(closing.reason.as_bytes());
    payload.into()
}
