//! Writes of a busy moment go out together.
//!
//! Waking a client that sleeps on another core costs more than the write itself, above all in a
//! virtual machine. Where a thread answers several connections in a row, an answer is therefore held
//! back until the tasks that are ready ahead of it have run once; then all of them are written one
//! after the other, and only the first one has to wake anybody.

use std::{
    cell::Cell,
    io::{self, IoSlice},
    pin::Pin,
    sync::atomic::{AtomicU64, Ordering},
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// A moment is busy if another connection was written to on this thread within this time. It also
/// says that requests are short, so that nobody is held back behind long work.
const BUSY: Duration = Duration::from_micros(200);

thread_local! {
    /// The connection that this thread wrote to last, and when.
    static LAST: Cell<Option<(u64, Instant)>> = const { Cell::new(None) };
}

/// A connection whose writes are held back for one round of the scheduler in busy moments.
pub(crate) struct Cork {
    stream: TcpStream,
    number: u64,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// The next write begins a burst.
    Flushed,
    /// A burst waits for the end of the round.
    Held,
    /// A burst is going out.
    Open,
}

impl Cork {
    pub(crate) fn new(stream: TcpStream) -> Self {
        static NUMBERS: AtomicU64 = AtomicU64::new(0);
        Self { stream, number: NUMBERS.fetch_add(1, Ordering::Relaxed), state: State::Flushed }
    }

    /// Whether a burst waits for the end of the round; it goes out without the client's doing.
    pub(crate) const fn is_held(&self) -> bool {
        matches!(self.state, State::Held)
    }

    /// Ready once the burst may go out.
    fn poll_turn(&mut self, context: &Context<'_>) -> Poll<()> {
        if self.state == State::Flushed && self.is_busy_moment() {
            self.state = State::Held;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.state = State::Open;
        Poll::Ready(())
    }

    fn is_busy_moment(&self) -> bool {
        let now = Instant::now();
        let last = LAST.replace(Some((self.number, now)));
        last.is_some_and(|(number, then)| number != self.number && now.duration_since(then) < BUSY)
    }
}

impl AsyncRead for Cork {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Cork {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_turn(context));
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_turn(context));
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.state = State::Flushed;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
