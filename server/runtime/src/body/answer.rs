//! The answer's body on its way out: it ends cleanly only if the guest ended it.

use std::{
    pin::Pin,
    sync::{Arc, atomic::Ordering::Relaxed},
    task::{Context, Poll},
};

use bytes::{Buf, Bytes, BytesMut};
use domain::invocation::Outcome;
use http_body::{Frame, SizeHint};
use tokio::{
    runtime::Handle,
    time::{Instant, Sleep, sleep_until},
};

use super::{BodyError, peeked::Peeked};
use crate::{
    account::Account,
    invocation::{Running, timed_out},
};

/// A frame of fewer bytes is put together with what follows it at once: the one-line writes of a guest would else each
/// cost a frame of HTTP/2, of which clients take only so many that they have not read yet.
const SMALL_BYTES: usize = 4 << 10;

/// So many bytes at least are enough for one frame: the largest that HTTP/2 sends unless the two sides agree on more.
const GATHERED_BYTES: usize = 16 << 10;

/// An answer's body, tied to the guest that writes it.
///
/// Whoever reads it lets the guest run: no task stands between the two. A guest that is dropped half-way
/// closes its end of the body just as one that has finished; the account tells the two apart. The other
/// way round, dropping this body before its end ends the guest; after the end the guest goes on in a task.
pub(crate) struct AnswerBody {
    inner: Peeked,
    account: Arc<Account>,
    /// The guest, if it still runs.
    guest: Option<Running>,
    deadline: Instant,
    /// Set once the body has to wait.
    alarm: Option<Pin<Box<Sleep>>>,
    /// Bytes that the head announced.
    announced: Option<u64>,
    sent: u64,
    /// Whether the end was given out.
    ended: bool,
}

impl AnswerBody {
    /// Ties `inner`, of which the head `announced` so many bytes, to `guest`.
    pub(crate) fn new(
        inner: Peeked,
        account: Arc<Account>,
        guest: Option<Running>,
        deadline: Instant,
        announced: Option<u64>,
    ) -> Self {
        Self { inner, account, guest, deadline, alarm: None, announced, sent: 0, ended: false }
    }

    fn poll_alarm(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let deadline = self.deadline;
        self.alarm.get_or_insert_with(|| Box::pin(sleep_until(deadline))).as_mut().poll(cx)
    }

    /// The next frame, for which the guest may have to run.
    fn poll_inner(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, wasmtime_wasi_http::Error>>> {
        let polled = self.inner.poll_frame(cx);
        let Some(guest) = &mut self.guest else { return polled };
        if polled.is_ready() {
            return polled;
        }
        if Pin::new(guest).poll(cx).is_ready() {
            self.guest = None;
        }
        self.inner.poll_frame(cx)
    }

    /// `frame`, and where that is small, what follows it without any wait.
    fn gather(&mut self, frame: Frame<Bytes>, cx: &mut Context<'_>) -> Frame<Bytes> {
        if !is_small(&frame) {
            return frame;
        }
        let mut gathered = BytesMut::from(frame.into_data().unwrap_or_default());
        while gathered.len() < GATHERED_BYTES {
            match self.poll_inner(cx) {
                Poll::Ready(Some(Ok(next))) if is_small(&next) => {
                    gathered.extend_from_slice(next.data_ref().map_or(&[], |bytes| bytes));
                }
                Poll::Ready(other) => {
                    self.inner.put_back(other);
                    break;
                }
                Poll::Pending => break,
            }
        }
        Frame::data(gathered.freeze())
    }

    fn broken(&mut self) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        self.ended = true;
        Poll::Ready(Some(Err(BodyError::Guest)))
    }

    fn is_complete(&self) -> bool {
        self.ended || self.inner.is_end_stream() || self.announced == Some(self.sent)
    }
}

/// Whether it is data, and too little for a frame of its own.
fn is_small(frame: &Frame<Bytes>) -> bool {
    frame.data_ref().is_some_and(|bytes| bytes.len() < SMALL_BYTES)
}

impl http_body::Body for AnswerBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match self.poll_inner(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                let frame = self.gather(frame, cx);
                self.sent += frame.data_ref().map_or(0, Buf::remaining) as u64;
                self.account.response_bytes.store(self.sent, Relaxed);
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => {
                self.account.fail(Outcome::NoAnswer, format!("the answer's body broke off: {error}"));
                self.broken()
            }
            Poll::Ready(None) if self.account.fault().is_some() && !self.ended => self.broken(),
            Poll::Ready(None) => {
                self.ended = true;
                Poll::Ready(None)
            }
            // A guest that runs has an alarm of its own.
            Poll::Pending if self.guest.is_none() && self.poll_alarm(cx).is_ready() => {
                timed_out(&self.account);
                self.broken()
            }
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream() && self.account.fault().is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for AnswerBody {
    fn drop(&mut self) {
        let complete = self.is_complete() && self.account.fault().is_none();
        if !complete && Instant::now() >= self.deadline {
            // A caller who takes no more keeps the body from noticing.
            timed_out(&self.account);
        } else if !complete {
            self.account.fail(Outcome::Cancelled, "the caller went away before the answer's end");
        } else if let (Some(guest), Ok(executor)) = (self.guest.take(), Handle::try_current()) {
            executor.spawn(guest);
        }
    }
}
