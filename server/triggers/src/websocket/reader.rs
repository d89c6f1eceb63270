//! From a client's bytes to its messages: frames put together, unmasked and checked (RFC 6455, sections 5 and 8.1).
//!
//! Between messages it holds no buffer. What a frame announces is not reserved before it comes.

use std::{
    mem::MaybeUninit,
    pin::Pin,
    str,
    task::{Context, Poll, ready},
};

use bytes::{Buf as _, Bytes};
use control::Content;
use tokio::io::{AsyncRead, ReadBuf};

use super::{
    fault::Fault,
    frame::{Head, MAX_HEAD_BYTES, Opcode, is_close_code, unmask},
};

/// The most bytes that are read at once. They lie on the stack until they are looked at.
const READ_BYTES: usize = 16 << 10;

/// What came from the client.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Received {
    /// A whole message.
    Message(Content),
    /// A ping with what is to be answered.
    Ping(Bytes),
    /// A pong, which nobody asked for.
    Pong,
    /// A frame of a message that goes on, with nothing in it.
    Empty,
    /// The client closes, with its code and reason, if it gives them.
    Close(Option<(u16, String)>),
}

/// Puts messages together from bytes.
#[derive(Debug)]
pub(super) struct Reader {
    /// What was read and not looked at: further messages.
    rest: Bytes,
    /// The start of a head that has not come whole.
    head: [u8; MAX_HEAD_BYTES],
    head_bytes: u8,
    /// The frame whose payload comes, and how much of it came.
    frame: Option<(Head, u64)>,
    /// The message that comes in fragments: text or binary.
    message: Option<Opcode>,
    data: Vec<u8>,
    /// How much of the data is known to be UTF-8.
    checked: usize,
    control: Vec<u8>,
    /// The most bytes of a message.
    most: usize,
}

impl Reader {
    /// One that begins with what was `read` before, and takes messages of at most `most` bytes.
    pub(super) const fn new(read: Bytes, most: usize) -> Self {
        Self {
            rest: read,
            head: [0; MAX_HEAD_BYTES],
            head_bytes: 0,
            frame: None,
            message: None,
            data: Vec::new(),
            checked: 0,
            control: Vec::new(),
            most,
        }
    }

    /// Reads on until something came. Cancel safe.
    ///
    /// # Errors
    ///
    /// [`Fault`]; nothing can be read after one.
    pub(super) fn poll_next(
        &mut self,
        context: &mut Context<'_>,
        stream: &mut (impl AsyncRead + Unpin),
    ) -> Poll<Result<Received, Fault>> {
        loop {
            if !self.rest.is_empty() {
                let mut rest = std::mem::take(&mut self.rest);
                let received = self.take_from(&mut rest)?;
                if !rest.is_empty() {
                    // An empty view would keep the buffer alive.
                    self.rest = rest;
                }
                if let Some(received) = received {
                    return Poll::Ready(Ok(received));
                }
            }
            let mut buffer = [MaybeUninit::uninit(); READ_BYTES];
            let mut buffer = ReadBuf::uninit(&mut buffer);
            ready!(Pin::new(&mut *stream).poll_read(context, &mut buffer))?;
            let mut read = buffer.filled();
            if read.is_empty() {
                return Poll::Ready(Err(Fault::Lost));
            }
            let received = self.take_from(&mut read)?;
            self.rest = Bytes::copy_from_slice(read);
            if let Some(received) = received {
                return Poll::Ready(Ok(received));
            }
        }
    }

    /// Takes bytes from `input` until something is whole; without that, takes all.
    fn take_from(&mut self, input: &mut impl bytes::Buf) -> Result<Option<Received>, Fault> {
        loop {
            let Some((head, came)) = self.frame else {
                if !self.take_head(input)? {
                    return Ok(None);
                }
                continue;
            };
            let left = usize::try_from(head.length - came).unwrap_or(usize::MAX).min(input.remaining());
            let into = if head.opcode.is_control() { &mut self.control } else { &mut self.data };
            let start = into.len();
            // Both kinds of input are one piece.
            into.extend_from_slice(input.chunk().get(..left).unwrap_or_default());
            input.advance(left);
            unmask(into.get_mut(start..).unwrap_or_default(), head.mask, came);
            let came = came + left as u64;
            if came < head.length {
                self.frame = Some((head, came));
                self.check_text(false)?;
                return Ok(None);
            }
            self.frame = None;
            if let Some(received) = self.end_frame(&head)? {
                return Ok(Some(received));
            }
        }
    }

    /// Takes bytes of a head; says whether it is whole now.
    fn take_head(&mut self, input: &mut impl bytes::Buf) -> Result<bool, Fault> {
        while input.has_remaining() {
            if let Some(place) = self.head.get_mut(usize::from(self.head_bytes)) {
                *place = input.get_u8();
            }
            self.head_bytes += 1;
            let so_far = self.head.get(..usize::from(self.head_bytes)).unwrap_or_default();
            if let Some((head, _)) = Head::read(so_far)? {
                self.head_bytes = 0;
                self.begin(&head)?;
                self.frame = Some((head, 0));
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Checks that a frame may come now, before its payload does.
    fn begin(&mut self, head: &Head) -> Result<(), Fault> {
        match (head.opcode, self.message) {
            (Opcode::Close | Opcode::Ping | Opcode::Pong, _) => return Ok(()),
            (Opcode::Continuation, None) => return Err(Fault::Protocol("nothing is there to continue")),
            (Opcode::Text | Opcode::Binary, Some(_)) => {
                return Err(Fault::Protocol("a message begins before the one before it ended"));
            }
            (Opcode::Text | Opcode::Binary, None) => self.message = Some(head.opcode),
            (Opcode::Continuation, Some(_)) => {}
        }
        let fits = usize::try_from(head.length).is_ok_and(|length| length <= self.most.saturating_sub(self.data.len()));
        if fits { Ok(()) } else { Err(Fault::TooLarge) }
    }

    /// What a frame, now whole, gives.
    fn end_frame(&mut self, head: &Head) -> Result<Option<Received>, Fault> {
        match head.opcode {
            Opcode::Ping => Ok(Some(Received::Ping(std::mem::take(&mut self.control).into()))),
            Opcode::Pong => {
                self.control = Vec::new();
                Ok(Some(Received::Pong))
            }
            Opcode::Close => closed(std::mem::take(&mut self.control)).map(Received::Close).map(Some),
            Opcode::Continuation | Opcode::Text | Opcode::Binary => {
                self.check_text(head.is_final)?;
                if !head.is_final {
                    return Ok((head.length == 0).then_some(Received::Empty));
                }
                self.checked = 0;
                let data = std::mem::take(&mut self.data);
                let is_text = self.message.take() == Some(Opcode::Text);
                Ok(Some(Received::Message(Content { is_text, bytes: data.into() })))
            }
        }
    }

    /// Checks what came of a text since the last time; at its end a character must be whole, too.
    fn check_text(&mut self, is_end: bool) -> Result<(), Fault> {
        if self.message != Some(Opcode::Text) {
            return Ok(());
        }
        match str::from_utf8(self.data.get(self.checked..).unwrap_or_default()) {
            Ok(_) => self.checked = self.data.len(),
            // No byte is wrong, but the last character is not whole yet.
            Err(error) if error.error_len().is_none() && !is_end => self.checked += error.valid_up_to(),
            Err(_) => return Err(Fault::NotUtf8),
        }
        Ok(())
    }
}

/// The code and the reason of a closing frame.
fn closed(mut payload: Vec<u8>) -> Result<Option<(u16, String)>, Fault> {
    let code = match *payload.as_slice() {
        [] => return Ok(None),
        [_] => return Err(Fault::Protocol("a closing frame has half a code")),
        [high, low, ..] => u16::from_be_bytes([high, low]),
    };
    if !is_close_code(code) {
        return Err(Fault::Protocol("a closing frame has a code that may not be sent"));
    }
    let reason = String::from_utf8(payload.split_off(2)).map_err(|_| Fault::NotUtf8)?;
    Ok(Some((code, reason)))
}
