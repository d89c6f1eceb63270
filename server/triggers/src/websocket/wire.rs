//! A connection's socket: reads and writes frames at the same time.

use std::{
    future::poll_fn,
    mem::MaybeUninit,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use control::Connection;
use domain::Timestamp;
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};

use super::{
    fault::Fault,
    reader::{Reader, Received},
    writer::{Sent, Writer},
};
use crate::http::cork::Cork;

/// A connection's socket.
pub(super) struct Wire {
    stream: Cork,
    reader: Reader,
    writer: Writer,
    /// Whether it was said that the client does not read.
    is_stuck: bool,
}

/// What happens on a socket.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// Something was sent.
    Sent(Sent),
    /// The client takes no more of a frame, for now.
    Stuck,
    /// Something came.
    Received(Received),
    /// The client's side failed.
    Failed(Fault),
}

impl Wire {
    /// A socket of which something was `read` before, with messages of at most `most` bytes.
    pub(super) fn new(stream: Cork, read: Bytes, most: usize) -> Self {
        Self { stream, reader: Reader::new(read, most), writer: Writer::default(), is_stuck: false }
    }

    /// Has a ping answered.
    pub(super) fn answer(&mut self, ping: Bytes) {
        self.writer.answer(ping);
    }

    /// Whether the closing frame is on its way or out.
    pub(super) const fn is_closed(&self) -> bool {
        self.writer.closed().is_some()
    }

    /// Whether the client takes no more of a frame, for now.
    pub(super) const fn is_stuck(&self) -> bool {
        self.is_stuck && self.writer.is_busy()
    }

    /// How many bytes went out so far.
    pub(super) const fn written(&self) -> u64 {
        self.writer.written()
    }

    /// Sends what waits for `connection`, and reads if `may_read`, until something happened. Cancel safe.
    pub(super) async fn next(&mut self, connection: &Connection, may_read: bool, now: impl Fn() -> Timestamp) -> Event {
        poll_fn(|context| self.poll_next(context, connection, may_read, &now)).await
    }

    fn poll_next(
        &mut self,
        context: &mut Context<'_>,
        connection: &Connection,
        may_read: bool,
        now: impl Fn() -> Timestamp,
    ) -> Poll<Event> {
        let Self { stream, reader, writer, is_stuck } = self;
        match writer.poll_send(context, stream, connection, now) {
            Poll::Ready(Ok(sent)) => {
                *is_stuck = false;
                return Poll::Ready(Event::Sent(sent));
            }
            Poll::Ready(Err(error)) => return Poll::Ready(Event::Failed(error.into())),
            Poll::Pending => {}
        }
        if writer.is_busy() && !*is_stuck && !stream.is_held() {
            *is_stuck = true;
            return Poll::Ready(Event::Stuck);
        }
        if !may_read {
            return Poll::Pending;
        }
        reader.poll_next(context, stream).map(|read| read.map_or_else(Event::Failed, Event::Received))
    }

    /// Says that nothing more is sent.
    pub(super) async fn shut_down(&mut self) {
        // A connection that is gone already needs no end.
        let _ = poll_fn(|context| Pin::new(&mut self.stream).poll_shutdown(context)).await;
    }

    /// Reads what the client still sends, and forgets it, until it closes: what it has not read yet would be lost with a
    /// connection that is reset.
    pub(super) async fn linger(&mut self) {
        poll_fn(|context| {
            loop {
                let mut buffer = [MaybeUninit::uninit(); 4 << 10];
                let mut buffer = ReadBuf::uninit(&mut buffer);
                let read = ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer));
                if read.is_err() || buffer.filled().is_empty() {
                    return Poll::Ready(());
                }
            }
        })
        .await;
    }
}
