//! An answer's body of which some frames were looked at before anybody asked for them.

use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use wasmtime_wasi_http::{Error, WasiBody};

/// The largest answer that is given out whole, in bytes: what fits the buffers of a connection, so that the client's
/// reading it or not is nothing that the guest, or the report on it, waits for.
const WHOLE_BYTES: usize = 64 << 10;

/// A guest's body, with what was seen of it ahead.
pub(crate) struct Peeked {
    body: WasiBody,
    seen: VecDeque<Option<Result<Frame<Bytes>, Error>>>,
}

impl Peeked {
    /// `body`, of which nothing was seen.
    pub(crate) const fn new(body: WasiBody) -> Self {
        Self { body, seen: VecDeque::new() }
    }

    /// The whole body, if it is short, in one piece, at its end, and as long as `announced`. Nothing is lost where it
    /// is not.
    pub(crate) fn take_whole(&mut self, announced: Option<u64>, cx: &mut Context<'_>) -> Option<Bytes> {
        while self.seen.len() < 2 {
            let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) else { return None };
            let piece = frame.as_ref().and_then(|frame| frame.as_ref().ok()).and_then(Frame::data_ref);
            let (is_end, is_short) = (frame.is_none(), piece.is_some_and(|bytes| bytes.len() <= WHOLE_BYTES));
            self.seen.push_back(frame);
            if is_end {
                return announced.is_none_or(|bytes| bytes == self.bytes_seen()).then(|| self.piece()).flatten();
            }
            if !is_short {
                return None;
            }
        }
        None
    }

    fn bytes_seen(&self) -> u64 {
        let frames = self.seen.iter().filter_map(|frame| frame.as_ref()?.as_ref().ok()?.data_ref());
        frames.map(|bytes| bytes.len() as u64).sum()
    }

    /// What was seen before the end.
    fn piece(&mut self) -> Option<Bytes> {
        match self.seen.pop_front()? {
            Some(Ok(frame)) => frame.into_data().ok(),
            _ => Some(Bytes::new()),
        }
    }

    /// Gives back what the last poll gave out, to be given out by the next.
    pub(crate) fn put_back(&mut self, frame: Option<Result<Frame<Bytes>, Error>>) {
        self.seen.push_front(frame);
    }

    pub(crate) fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match self.seen.pop_front() {
            Some(frame) => Poll::Ready(frame),
            None => Pin::new(&mut self.body).poll_frame(cx),
        }
    }

    pub(crate) fn is_end_stream(&self) -> bool {
        match self.seen.front() {
            Some(frame) => frame.is_none(),
            None => self.body.is_end_stream(),
        }
    }

    pub(crate) fn size_hint(&self) -> SizeHint {
        match self.seen.is_empty() {
            true => self.body.size_hint(),
            false => SizeHint::default(),
        }
    }
}
