//! A request's body on its way to the guest: its trailers are cleaned as the head was.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use runtime::BodyError;

use super::headers;

/// What the client sends. The runtime counts it and holds it to the limit.
struct Upload(Incoming);

/// Makes a guest's body of what the client sends.
pub(super) fn body(incoming: Incoming) -> runtime::Body {
    if incoming.is_end_stream() { runtime::Body::empty() } else { runtime::Body::stream(Upload(incoming)) }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        Pin::new(&mut self.0).poll_frame(context).map(|frame| {
            let mut frame = frame?.map_err(BodyError::source);
            if let Ok(frame) = &mut frame
                && let Some(trailers) = frame.trailers_mut()
            {
                headers::strip(trailers);
            }
            Some(frame)
        })
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}
