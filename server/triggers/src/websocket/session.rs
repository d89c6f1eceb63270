//! One connection: its messages in their order, its limits, and its end.

use std::{
    future::Future,
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};

use control::{CloseCause, Closing, Content, InvokeFault, Opened, SocketTarget};
use telemetry::OpenSocket;
use tokio::time::{Instant, sleep_until, timeout};

use super::{
    Sockets,
    fault::Fault,
    guest,
    reader::Received,
    wire::{Event, Wire},
    writer::Sent,
};

/// How long a client may take to answer a closing frame, and how long a guest that runs holds one up.
const CLOSING: Duration = Duration::from_secs(5);

/// How long a client that is sent something may take none of it.
const STUCK: Duration = Duration::from_secs(30);

/// The control frames and empty fragments that may come without a message within [`FLOOD_WINDOW`]. Browsers send none by
/// themselves, and libraries one every few seconds.
const MAX_IDLE_FRAMES: u32 = 100;

/// See [`MAX_IDLE_FRAMES`].
const FLOOD_WINDOW: Duration = Duration::from_secs(10);

/// A guest that handles a message.
type Running = Pin<Box<dyn Future<Output = Result<(), InvokeFault>> + Send>>;

/// One connection.
pub(super) struct Session {
    sockets: Arc<Sockets>,
    connection: Opened,
    target: Arc<SocketTarget>,
    counted: OpenSocket,
    /// The message that is handled.
    running: Option<Running>,
    /// The message that is handled next: no more are read ahead.
    ahead: Option<Content>,
    /// How the client ended its side, and when.
    heard: Option<(Closing, Instant)>,
    /// When our closing frame went out.
    closed_at: Option<Instant>,
    /// Since when the client takes nothing of a frame, and what had gone out by then.
    stuck: Option<(Instant, u64)>,
    /// The socket is of no more use.
    is_lost: bool,
    is_stopping: bool,
    /// When the last message passed.
    active_at: Instant,
    /// Frames that carry no message since the last message, or since the window began.
    idle_frames: (u32, Instant),
}

impl Session {
    /// A connection that its guest accepted.
    /// It lies apart from its task, which would keep a copy of it for each call that it passes through.
    pub(super) fn new(sockets: Arc<Sockets>, connection: Opened, target: SocketTarget) -> Box<Self> {
        let counted = count(&sockets, &target);
        let now = Instant::now();
        Box::new(Self {
            sockets,
            connection,
            target: Arc::new(target),
            counted,
            running: None,
            ahead: None,
            heard: None,
            closed_at: None,
            stuck: None,
            is_lost: false,
            is_stopping: false,
            active_at: now,
            idle_frames: (0, now),
        })
    }

    /// The most bytes of a message from the client.
    pub(super) fn most(&self) -> usize {
        self.target.trigger().message_bytes as usize
    }

    /// Serves the connection to its end, and tells the guest of it. Without a socket it is at its end.
    pub(super) async fn run(mut self: Box<Self>, mut wire: Option<Box<Wire>>) {
        if let Some(wire) = &mut wire {
            self.serve(wire).await;
        }
        let (heard, _) = self.heard.take().unwrap_or_else(|| (Fault::Lost.closing(), self.active_at));
        let was_failed = !matches!(heard.cause, CloseCause::Client | CloseCause::Lost);
        // From here on nothing can be sent to it; what closed it first is what counts.
        let _ = self.connection.close(heard.clone());
        let end = self.connection.closing().unwrap_or(heard);
        let Self { sockets, connection, target, counted, .. } = *self;
        drop(counted);
        sockets.metrics.socket_closed(target.project_name().as_str(), target.function().1.as_str(), end.cause.as_str());
        tracing::debug!(
            connection.id = %connection.id, code = end.code, cause = end.cause.as_str(), "connection closed"
        );
        let leave = async move {
            if let Some(mut wire) = wire {
                wire.shut_down().await;
                if was_failed {
                    let _ = timeout(CLOSING, wire.linger()).await;
                }
            }
        };
        let tell = Box::pin(guest::disconnect(&sockets, &target, &connection, end));
        tokio::join!(leave, tell);
        drop(connection);
    }

    /// Serves the connection until its socket is of no more use.
    async fn serve(&mut self, wire: &mut Wire) {
        let sockets = Arc::clone(&self.sockets);
        let mut stopping = pin!(sockets.draining.cancelled());
        let mut timer = pin!(sleep_until(self.deadline()));
        loop {
            self.begin_message();
            self.close_at_the_end();
            if self.is_over() {
                return;
            }
            self.stuck = match (wire.is_stuck(), self.stuck) {
                (true, None) => Some((Instant::now(), wire.written())),
                (true, since) => since,
                (false, _) => None,
            };
            let deadline = self.deadline();
            if deadline < timer.deadline() {
                timer.as_mut().reset(deadline);
            }
            let may_read = self.may_read();
            let Self { running, connection, is_lost, is_stopping, .. } = &mut *self;
            let now = || sockets.connections.ids().now();
            tokio::select! {
                biased;
                ended = async { match running { Some(running) => running.await, None => Ok(()) } },
                    if running.is_some() => self.message_ended(ended),
                event = wire.next(connection, may_read, now), if !*is_lost => self.happened(event, wire),
                () = connection.changed() => {}
                () = stopping.as_mut(), if !*is_stopping => *is_stopping = true,
                () = timer.as_mut() => {
                    self.time_is_up(wire);
                    timer.as_mut().reset(self.deadline());
                }
            }
        }
    }

    /// Starts with the next message, if there is one and the client reads what is sent to it.
    fn begin_message(&mut self) {
        if self.running.is_some() || self.ahead.is_none() {
            return;
        }
        let half = self.connection.about.buffer_bytes as usize / 2;
        if !self.is_lost && self.connection.waiting_bytes() > half && self.connection.closing().is_none() {
            return;
        }
        let Some(message) = self.ahead.take() else { return };
        // Nothing is handled after the connection was closed from this side.
        if self.connection.closing().is_some() {
            return;
        }
        self.follow();
        let (sockets, target) = (Arc::clone(&self.sockets), Arc::clone(&self.target));
        self.running = Some(Box::pin(guest::receive(sockets, target, self.connection.share(), message)));
    }

    /// Goes over to what is live, if the route says so.
    fn follow(&mut self) {
        let Some(target) = Arc::get_mut(&mut self.target) else { return };
        if target.follow(&self.sockets.routing, self.connection.id) {
            self.connection.move_to(target.version());
            self.counted = count(&self.sockets, target);
        }
    }

    /// Closes the connection if there is nothing left to do before that.
    fn close_at_the_end(&mut self) {
        if self.running.is_some() || self.ahead.is_some() || self.connection.closing().is_some() {
            return;
        }
        if let Some((closing, _)) = &self.heard {
            let _ = self.connection.close(closing.clone());
        } else if self.is_stopping {
            let _ = self.connection.close(self.sockets.stopping());
        }
    }

    /// Whether the socket is of no more use, and no guest runs.
    fn is_over(&self) -> bool {
        let is_closed = self.closed_at.is_some() && self.heard.is_some();
        (self.is_lost || is_closed) && self.running.is_none() && self.ahead.is_none()
    }

    /// Whether more may be read: also what is thrown away, to find the client's closing frame.
    fn may_read(&self) -> bool {
        self.heard.is_none() && self.ahead.is_none() && (!self.is_stopping || self.connection.closing().is_some())
    }

    fn message_ended(&mut self, ended: Result<(), InvokeFault>) {
        self.running = None;
        let Err(fault) = ended else { return };
        let closing = if fault.was_run() {
            let reason = format!("the function failed: {}", fault.code());
            Closing { code: 1_011, reason, cause: CloseCause::Failed }
        } else {
            let reason = "the function is busy; try again later".to_owned();
            Closing { code: 1_013, reason, cause: CloseCause::Busy }
        };
        let _ = self.connection.close(closing);
    }

    fn happened(&mut self, event: Event, wire: &mut Wire) {
        match event {
            Event::Sent(Sent::Message(bytes)) => {
                self.counted.transmitted(bytes);
                self.active_at = Instant::now();
            }
            Event::Sent(Sent::Close) => {
                self.closed_at.get_or_insert_with(Instant::now);
            }
            Event::Stuck => {}
            Event::Failed(Fault::Lost) => {
                self.is_lost = true;
                self.heard.get_or_insert_with(|| (Fault::Lost.closing(), Instant::now()));
            }
            Event::Failed(fault) => self.hear(fault.closing()),
            Event::Received(Received::Close(said)) => {
                // Without a code it is as if it were 1005 (RFC 6455, section 7.1.5).
                let (code, reason) = said.unwrap_or((1_005, String::new()));
                self.hear(Closing { code, reason, cause: CloseCause::Client });
            }
            Event::Received(Received::Message(message)) => self.received(message, wire),
            Event::Received(Received::Ping(ping)) => {
                wire.answer(ping);
                self.idle_frame();
            }
            Event::Received(Received::Pong | Received::Empty) => self.idle_frame(),
        }
    }

    /// Notes how the client ended its side: nothing more is read.
    fn hear(&mut self, closing: Closing) {
        self.heard.get_or_insert_with(|| (closing, Instant::now()));
    }

    fn received(&mut self, message: Content, wire: &Wire) {
        if wire.is_closed() {
            return;
        }
        self.connection.received(&message, self.sockets.connections.ids().now());
        self.counted.received(message.bytes.len());
        self.active_at = Instant::now();
        self.idle_frames = (0, self.active_at);
        self.ahead = Some(message);
    }

    /// Counts a frame that carries no message.
    fn idle_frame(&mut self) {
        let (count, since) = &mut self.idle_frames;
        if *count >= MAX_IDLE_FRAMES {
            let now = Instant::now();
            if now.duration_since(*since) < FLOOD_WINDOW {
                self.hear(Fault::Flood.closing());
                return;
            }
            (*count, *since) = (0, now);
        }
        *count += 1;
    }

    /// When something is to be done if nothing happens.
    fn deadline(&self) -> Instant {
        let idle = self.active_at + self.idle_timeout();
        if self.is_lost {
            // A guest runs, and its own deadline is all that counts.
            return Instant::now() + self.idle_timeout();
        }
        let closed = self.closed_at.map(|at| at + CLOSING);
        let heard = self.heard.as_ref().filter(|(closing, _)| closing.cause != CloseCause::Lost);
        let heard = heard.filter(|_| self.connection.closing().is_none()).map(|(_, at)| *at + CLOSING);
        let stuck = self.stuck.map(|(since, _)| since + self.patience());
        [closed, heard, stuck].into_iter().flatten().fold(idle, Instant::min)
    }

    fn idle_timeout(&self) -> Duration {
        Duration::from_millis(self.target.trigger().idle_timeout_ms.into())
    }

    /// How long the client may take nothing of a frame.
    fn patience(&self) -> Duration {
        let is_too_slow = self.connection.closing().is_some_and(|closing| closing.cause == CloseCause::SlowReader);
        if is_too_slow { CLOSING } else { STUCK }
    }

    fn time_is_up(&mut self, wire: &Wire) {
        let now = Instant::now();
        if self.closed_at.is_some_and(|at| at + CLOSING <= now) {
            self.is_lost = true;
            return;
        }
        if let Some((since, written)) = self.stuck
            && since + self.patience() <= now
        {
            if wire.written() == written {
                let reason = "the client does not read what is sent to it".to_owned();
                let _ = self.connection.close(Closing { code: 1_013, reason, cause: CloseCause::SlowReader });
                self.is_lost = true;
            } else {
                self.stuck = Some((now, wire.written()));
            }
            return;
        }
        if let Some((closing, at)) = &self.heard
            && *at + CLOSING <= now
        {
            let _ = self.connection.close(closing.clone());
        }
        if self.active_at + self.idle_timeout() <= now {
            if self.running.is_none() {
                let reason = "idle for too long".to_owned();
                let _ = self.connection.close(Closing { code: 1_001, reason, cause: CloseCause::Idle });
            }
            // It is idle from its last message on, and not while a guest is busy with it.
            self.active_at = now;
        }
    }
}

fn count(sockets: &Sockets, target: &SocketTarget) -> OpenSocket {
    let (_, function) = target.function();
    sockets.metrics.open_socket(target.project_name().as_str(), function.as_str(), target.version())
}
