//! The bodies of an exchange, each held to a size, and the one that comes back also to a pace.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::{
    runtime::Handle,
    time::{Sleep, sleep},
};
use wasmtime_wasi_http::{Error, WasiBody};

use super::fault;

/// A body on its way out.
///
/// The other side may have its answer ready, or all that the head announced, before the guest has ended the body. Nobody
/// reads it from there on, but it stays open to the guest: what the guest writes goes nowhere, and no broken pipe hides
/// the answer from it.
pub(super) struct Sent {
    /// `None` once it has ended.
    body: Option<WasiBody>,
    left: Left,
}

/// A body on its way back.
pub(super) struct Received {
    body: Incoming,
    left: Left,
    patience: Duration,
    alarm: Option<Pin<Box<Sleep>>>,
    ended: bool,
}

/// What a body may still bring.
#[derive(Clone, Copy)]
struct Left {
    bytes: u64,
    limit: u64,
}

impl Left {
    const fn all(limit: u64) -> Self {
        Self { bytes: limit, limit }
    }

    /// Takes what `frame` brings; `Err` with the limit if that is too much.
    fn take(&mut self, frame: &Frame<Bytes>) -> Result<(), Option<u64>> {
        let bytes = frame.data_ref().map_or(0, |data| data.len() as u64);
        self.bytes = self.bytes.checked_sub(bytes).ok_or(Some(self.limit))?;
        Ok(())
    }
}

impl Sent {
    /// `body`, or an error if it says that it is larger than `limit` bytes.
    pub(super) fn new(body: WasiBody, limit: u64) -> Result<Self, (Error, WasiBody)> {
        match body.size_hint().lower() > limit {
            true => Err((Error::HttpRequestBodySize(Some(limit)), body)),
            false => Ok(Self { body: Some(body), left: Left::all(limit) }),
        }
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let next = ready!(Pin::new(body).poll_frame(cx));
        Poll::Ready(next.map(|frame| {
            let frame = frame?;
            self.left.take(&frame).map_err(Error::HttpRequestBodySize)?;
            Ok(frame)
        }))
    }
}

impl Body for Sent {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let polled = self.poll_next(cx);
        if let Poll::Ready(None | Some(Err(_))) = polled {
            self.body = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl Drop for Sent {
    fn drop(&mut self) {
        let body = self.body.take().filter(|body| !body.is_end_stream());
        if let (Some(body), Ok(executor)) = (body, Handle::try_current()) {
            executor.spawn(to_nowhere(body, self.left));
        }
    }
}

/// Reads a body that goes nowhere until the guest ends it, or is gone: so the guest hears of the refusal, and not of a
/// broken pipe.
pub(super) fn drain(body: WasiBody) {
    tokio::spawn(to_nowhere(body, Left::all(u64::MAX)));
}

async fn to_nowhere(mut body: WasiBody, mut left: Left) {
    while let Some(Ok(frame)) = body.frame().await {
        if left.take(&frame).is_err() {
            return;
        }
    }
}

impl Received {
    /// `body`, or an error if it says that it is larger than `limit` bytes. Whoever reads it waits at most
    /// `patience` for its next piece.
    pub(super) fn new(body: Incoming, limit: u64, patience: Duration) -> Result<Self, Error> {
        if body.size_hint().lower() > limit {
            return Err(Error::HttpResponseBodySize(Some(limit)));
        }
        Ok(Self { body, left: Left::all(limit), patience, alarm: None, ended: false })
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                self.alarm = None;
                Poll::Ready(Some(self.left.take(&frame).map_err(Error::HttpResponseBodySize).map(|()| frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(fault::of_exchange(&error)))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => {
                let patience = self.patience;
                let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep(patience)));
                alarm.as_mut().poll(cx).map(|()| Some(Err(Error::ConnectionReadTimeout)))
            }
        }
    }
}

impl Body for Received {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let polled = self.poll_next(cx);
        self.ended = matches!(polled, Poll::Ready(None | Some(Err(_))));
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.ended || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
