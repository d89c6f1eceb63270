//! The answer's body on its way out: it ends cleanly only if the guest ended it.

use std::{
    pin::Pin,
    sync::{Arc, atomic::Ordering::Relaxed},
    task::{Context, Poll},
};

use bytes::{Buf, Bytes};
use domain::invocation::Outcome;
use http_body::{Body as _, Frame, SizeHint};
use tokio::{
    task::AbortHandle,
    time::{Instant, Sleep, sleep_until},
};
use wasmtime_wasi_http::WasiBody;

use super::BodyError;
use crate::{account::Account, http::timed_out};

/// An answer's body, tied to the guest that writes it.
///
/// A guest that is dropped half-way closes its end of the body just as one that has finished; the
/// account tells the two apart. The other way round, dropping this body ends the guest.
pub(crate) struct AnswerBody {
    inner: WasiBody,
    account: Arc<Account>,
    /// The guest, if it still runs.
    guest: Option<AbortHandle>,
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
        inner: WasiBody,
        account: Arc<Account>,
        guest: Option<AbortHandle>,
        deadline: Instant,
        announced: Option<u64>,
    ) -> Self {
        Self { inner, account, guest, deadline, alarm: None, announced, sent: 0, ended: false }
    }

    fn poll_alarm(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let deadline = self.deadline;
        self.alarm.get_or_insert_with(|| Box::pin(sleep_until(deadline))).as_mut().poll(cx)
    }

    fn broken(&mut self) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        self.ended = true;
        Poll::Ready(Some(Err(BodyError::Guest)))
    }

    fn is_complete(&self) -> bool {
        self.ended || self.inner.is_end_stream() || self.announced == Some(self.sent)
    }
}

impl http_body::Body for AnswerBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match Pin::new(&mut self.inner).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
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
            Poll::Pending if self.poll_alarm(cx).is_ready() => {
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
        if self.is_complete() && self.account.fault().is_none() {
            return;
        }
        self.account.fail(Outcome::Cancelled, "the caller went away before the answer's end");
        if let Some(guest) = &self.guest {
            guest.abort();
        }
    }
}
