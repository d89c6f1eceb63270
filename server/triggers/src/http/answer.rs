//! An answer's body on its way to the client.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use runtime::BodyError;
use telemetry::InvocationSpan;
use tokio::{
    task::AbortHandle,
    time::{Instant, sleep_until},
};

use super::headers;

/// How long after the guest's deadline its body is let go of, so that whoever reads it hears of the
/// deadline first.
const GRACE: Duration = Duration::from_secs(1);

/// An answer's body.
pub(super) enum Answer {
    /// What the guest sends.
    Guest(Held),
    /// What is all there: a short answer of a guest that is gone, or what the platform says itself.
    Whole(Option<Bytes>),
    /// Nothing, though headers may say how long it would be: the answer to HEAD.
    None,
}

/// A guest's body that is let go of at its deadline, also while nobody asks for the next frame.
///
/// A client that stops reading stops the body from being polled, and with it would keep the guest's
/// place for as long as it likes.
pub(super) struct Held {
    body: Arc<Mutex<Option<runtime::Body>>>,
    deadline: Instant,
    /// Frames of data so far, up to two.
    frames: u8,
    watch: Option<AbortHandle>,
    /// Ends with the body.
    span: InvocationSpan,
}

impl Answer {
    /// The body of a guest's answer, which has to end by `deadline`.
    pub(super) fn guest(body: runtime::Body, deadline: Instant, span: InvocationSpan) -> Self {
        match body.into_whole() {
            Ok(whole) => Self::from(whole),
            Err(body) => {
                Self::Guest(Held { body: Arc::new(Mutex::new(Some(body))), deadline, frames: 0, watch: None, span })
            }
        }
    }
}

impl From<Bytes> for Answer {
    fn from(whole: Bytes) -> Self {
        Self::Whole((!whole.is_empty()).then_some(whole))
    }
}

impl Held {
    fn with_body<T>(&self, use_it: impl FnOnce(&mut Option<runtime::Body>) -> T) -> T {
        use_it(&mut self.body.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let polled = self.with_body(|body| match body {
            Some(body) => Pin::new(body).poll_frame(context),
            None => Poll::Ready(Some(Err(BodyError::Guest))),
        });
        polled.map(|frame| {
            let mut frame = frame?;
            match &mut frame {
                Ok(frame) => match frame.trailers_mut() {
                    Some(trailers) => headers::strip(trailers),
                    None => self.count(),
                },
                Err(_) => self.span.fail("the answer broke off"),
            }
            Some(frame)
        })
    }

    /// Counts a frame of data. The first fits the connection's buffers; from the second on the client
    /// can hold the body up.
    fn count(&mut self) {
        self.frames = self.frames.saturating_add(1).min(2);
        if self.frames < 2 || self.watch.is_some() {
            return;
        }
        let (body, deadline) = (Arc::clone(&self.body), self.deadline + GRACE);
        let watch = tokio::spawn(async move {
            sleep_until(deadline).await;
            drop(body.lock().unwrap_or_else(PoisonError::into_inner).take());
        });
        self.watch = Some(watch.abort_handle());
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(watch) = &self.watch {
            watch.abort();
        }
        // The watch may live on for a moment, the guest may not.
        self.with_body(Option::take);
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match self.get_mut() {
            Self::Guest(held) => held.poll_frame(context),
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Guest(held) => held.with_body(|body| body.as_ref().is_some_and(Body::is_end_stream)),
            Self::Whole(bytes) => bytes.is_none(),
            Self::None => true,
        }
    }

    /// A guest's body tells no length: the header does, where the guest set it, and the two may differ.
    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Guest(_) | Self::None => SizeHint::default(),
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64),
        }
    }
}
