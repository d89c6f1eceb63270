//! The request's body on its way to the guest: counted, and cut off at its limit.

use std::{
    pin::Pin,
    sync::{Arc, Weak, atomic::Ordering::Relaxed},
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use domain::invocation::Outcome;
use http_body::{Frame, SizeHint};
use wasmtime_wasi_http::Error;

use super::{Body, BodyError};
use crate::{account::Account, call::Fault};

/// A request's body that counts into an account and fails the invocation at `limit` bytes.
///
/// A guest that is used again may keep it beyond its invocation, so it does not hold the account.
pub(crate) struct RequestBody {
    inner: Body,
    account: Weak<Account>,
    limit: u64,
    read: u64,
}

impl RequestBody {
    pub(crate) fn new(inner: Body, account: &Arc<Account>, limit: u64) -> Self {
        Self { inner, account: Arc::downgrade(account), limit, read: 0 }
    }
}

/// Writes down that a body is larger than `limit`.
pub(crate) fn refuse_size(account: &Account, limit: u64) -> &Fault {
    account.fail(Outcome::RequestTooLarge, format!("the request's body is larger than {limit} bytes"))
}

impl http_body::Body for RequestBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let Some(account) = self.account.upgrade() else {
            return Poll::Ready(Some(Err(Error::ConnectionTerminated)));
        };
        let frame = match ready!(Pin::new(&mut self.inner).poll_frame(cx)) {
            Some(Ok(frame)) => frame,
            Some(Err(error)) => return Poll::Ready(Some(Err(translated(error)))),
            None => return Poll::Ready(None),
        };
        let bytes = frame.data_ref().map_or(0, Buf::remaining) as u64;
        self.read += bytes;
        account.request_bytes.store(self.read, Relaxed);
        if self.read > self.limit {
            refuse_size(&account, self.limit);
            return Poll::Ready(Some(Err(Error::HttpRequestBodySize(Some(self.read)))));
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// What the guest hears when the caller's side broke off.
fn translated(error: BodyError) -> Error {
    tracing::debug!(%error, "a request's body broke off");
    Error::ConnectionTerminated
}
