//! An answer's body on its way to the client.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use runtime::BodyError;
use telemetry::InvocationSpan;

use super::headers;

/// An answer's body.
pub(super) enum Answer {
    /// What the guest sends. The span ends with it.
    Guest(runtime::Body, InvocationSpan),
    /// What the platform says itself.
    Platform(Option<Bytes>),
    /// Nothing, though headers may say how long it would be: the answer to HEAD.
    None,
}

impl From<Bytes> for Answer {
    fn from(said: Bytes) -> Self {
        Self::Platform(Some(said))
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match self.get_mut() {
            Self::Guest(body, span) => Pin::new(body).poll_frame(context).map(|frame| {
                Some(match frame? {
                    Ok(mut frame) => {
                        if let Some(trailers) = frame.trailers_mut() {
                            headers::strip(trailers);
                        }
                        Ok(frame)
                    }
                    Err(error) => {
                        span.fail("the answer broke off");
                        Err(error)
                    }
                })
            }),
            Self::Platform(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Guest(body, _) => body.is_end_stream(),
            Self::Platform(bytes) => bytes.is_none(),
            Self::None => true,
        }
    }

    /// A guest's body tells no length: the header does, where the guest set it, and the two may differ.
    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Guest(..) | Self::None => SizeHint::default(),
            Self::Platform(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64),
        }
    }
}
