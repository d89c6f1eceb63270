//! The head of a frame (RFC 6455, section 5.2), from bytes and to bytes; and the codes of a closing frame.
//!
//! It knows one frame at a time: what a sequence of frames may be is the reader's business.

use super::fault::Fault;

/// The most bytes of a frame's head: two, a length of eight, and a mask.
pub(super) const MAX_HEAD_BYTES: usize = 14;

/// The most bytes that a control frame carries (section 5.5).
pub(super) const MAX_CONTROL_BYTES: usize = 125;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opcode {
    /// Goes on with the message that the frames before it began.
    Continuation,
    /// Begins a text message.
    Text,
    /// Begins a binary message.
    Binary,
    /// Closes the connection.
    Close,
    /// Asks whether the other end lives.
    Ping,
    /// Answers a ping, or comes unasked.
    Pong,
}

impl Opcode {
    const fn read(bits: u8) -> Option<Self> {
        Some(match bits {
            0x0 => Self::Continuation,
            0x1 => Self::Text,
            0x2 => Self::Binary,
            0x8 => Self::Close,
            0x9 => Self::Ping,
            0xa => Self::Pong,
            _ => return None,
        })
    }

    const fn bits(self) -> u8 {
        match self {
            Self::Continuation => 0x0,
            Self::Text => 0x1,
            Self::Binary => 0x2,
            Self::Close => 0x8,
            Self::Ping => 0x9,
            Self::Pong => 0xa,
        }
    }

    pub(super) const fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}

/// The head of a client's frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) is_final: bool,
    pub(super) opcode: Opcode,
    pub(super) length: u64,
    pub(super) mask: [u8; 4],
}

impl Head {
    /// Reads a head from the front of `bytes`, and says how long it is; `None` where some of it is missing.
    ///
    /// # Errors
    ///
    /// [`Fault::Protocol`], as soon as the bytes that are there break the protocol.
    pub(super) fn read(bytes: &[u8]) -> Result<Option<(Self, usize)>, Fault> {
        let Some(first) = bytes.first() else { return Ok(None) };
        if first & 0x70 != 0 {
            return Err(Fault::Protocol("a reserved bit is set"));
        }
        let Some(opcode) = Opcode::read(first & 0x0f) else { return Err(Fault::Protocol("the opcode is reserved")) };
        let is_final = first & 0x80 != 0;
        if opcode.is_control() && !is_final {
            return Err(Fault::Protocol("a control frame is in fragments"));
        }
        let Some(second) = bytes.get(1) else { return Ok(None) };
        if second & 0x80 == 0 {
            return Err(Fault::Protocol("a client's frame is not masked"));
        }
        let short = second & 0x7f;
        if opcode.is_control() && usize::from(short) > MAX_CONTROL_BYTES {
            return Err(Fault::Protocol("a control frame has more than 125 bytes"));
        }
        let (length, mask_at) = match short {
            126 => match bytes.get(2..4).and_then(|field| field.try_into().ok()) {
                Some(field) => (u64::from(u16::from_be_bytes(field)), 4),
                None => return Ok(None),
            },
            127 => match bytes.get(2..10).and_then(|field| field.try_into().ok()) {
                Some(field) => (u64::from_be_bytes(field), 10),
                None => return Ok(None),
            },
            short => (u64::from(short), 2),
        };
        if length >> 63 != 0 {
            return Err(Fault::Protocol("a frame's length has its first bit set"));
        }
        let shortest = if length < 126 {
            2
        } else if length <= 0xffff {
            4
        } else {
            10
        };
        if mask_at != shortest {
            return Err(Fault::Protocol("a frame's length is not written in the fewest bytes"));
        }
        let end = mask_at + 4;
        let Some(mask) = bytes.get(mask_at..end).and_then(|field| field.try_into().ok()) else { return Ok(None) };
        Ok(Some((Self { is_final, opcode, length, mask }, end)))
    }
}

/// The head of a frame that we send: whole and not masked. Gives the bytes and how many of them count.
pub(super) fn head_of(opcode: Opcode, length: usize) -> ([u8; 10], u8) {
    let mut bytes = [0; 10];
    let first = 0x80 | opcode.bits();
    let written: &[u8] = match (u16::try_from(length), u8::try_from(length)) {
        (_, Ok(short)) if short < 126 => &[first, short],
        (Ok(medium), _) => {
            let [high, low] = medium.to_be_bytes();
            &[first, 126, high, low]
        }
        (Err(_), _) => {
            let [a, b, c, d, e, f, g, h] = (length as u64).to_be_bytes();
            &[first, 127, a, b, c, d, e, f, g, h]
        }
    };
    for (byte, written) in bytes.iter_mut().zip(written) {
        *byte = *written;
    }
    (bytes, u8::try_from(written.len()).unwrap_or(10))
}

/// Takes the mask off `payload`, which begins `offset` bytes behind the frame's head (section 5.3).
pub(super) fn unmask(payload: &mut [u8], mut mask: [u8; 4], offset: u64) {
    mask.rotate_left(usize::try_from(offset % 4).unwrap_or_default());
    let [a, b, c, d] = mask;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let mut words = payload.chunks_exact_mut(8);
    for word in &mut words {
        if let Ok(bytes) = <[u8; 8]>::try_from(&*word) {
            word.copy_from_slice(&(u64::from_ne_bytes(bytes) ^ wide).to_ne_bytes());
        }
    }
    for (byte, key) in words.into_remainder().iter_mut().zip(mask.iter().cycle()) {
        *byte ^= key;
    }
}

/// Whether a client may close with `code` (section 7.4): those that the RFC and its registry define for the wire, and
/// those for libraries and applications.
pub(super) const fn is_close_code(code: u16) -> bool {
    matches!(code, 1_000..=1_003 | 1_007..=1_014 | 3_000..=4_999)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_of_all_lengths_are_read_back() {
        for length in [0, 1, 125, 126, 127, 65_535, 65_536, 1 << 40] {
            let (mut bytes, count) = head_of(Opcode::Binary, length);
            bytes[1] |= 0x80;
            let mut bytes = bytes[..usize::from(count)].to_vec();
            for short in 0..bytes.len() {
                assert_eq!(Head::read(&bytes[..short]), Ok(None));
            }
            bytes.extend([1, 2, 3, 4]);
            let (head, end) = Head::read(&bytes).unwrap().unwrap();
            assert_eq!((head.length, head.mask, end), (length as u64, [1, 2, 3, 4], bytes.len()));
            assert!(head.is_final && head.opcode == Opcode::Binary);
        }
    }

    #[test]
    fn heads_that_break_the_protocol_are_refused_at_the_first_byte_that_shows_it() {
        for bad in [
            &[0xc1][..],
            &[0xa1],
            &[0x91],
            &[0x83],
            &[0x8b],
            &[0x09],
            &[0x81, 0x05],
            &[0x89, 0xfe],
            &[0x82, 0xfe, 0, 125],
            &[0x82, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff],
            &[0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0],
        ] {
            assert!(matches!(Head::read(bad), Err(Fault::Protocol(_))), "{bad:x?}");
        }
    }

    #[test]
    fn a_mask_is_taken_off_wherever_a_piece_begins() {
        let plain: Vec<u8> = (0..=40).collect();
        let mask = [9, 8, 7, 6];
        let masked: Vec<u8> = plain.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key).collect();
        for cut in 0..masked.len() {
            let (mut first, mut second) = (masked[..cut].to_vec(), masked[cut..].to_vec());
            unmask(&mut first, mask, 0);
            unmask(&mut second, mask, cut as u64);
            assert_eq!([first, second].concat(), plain);
        }
    }

    #[test]
    fn only_codes_of_the_registry_may_come() {
        for good in [1_000, 1_001, 1_002, 1_003, 1_007, 1_011, 1_014, 3_000, 4_999] {
            assert!(is_close_code(good), "{good}");
        }
        for bad in [0, 999, 1_004, 1_005, 1_006, 1_015, 1_100, 2_999, 5_000, 65_535] {
            assert!(!is_close_code(bad), "{bad}");
        }
    }
}
