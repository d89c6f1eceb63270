//! How a client's side of a connection fails, and what it is told.

use std::io;

use control::{CloseCause, Closing};

/// How a client's side of a connection failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    /// It broke the protocol; how.
    #[error("{0}")]
    Protocol(&'static str),
    /// A text message, or a reason, is not UTF-8.
    #[error("a text is not UTF-8")]
    NotUtf8,
    /// A message is larger than may be.
    #[error("a message is larger than may be")]
    TooLarge,
    /// It sends control frames or empty ones, and no messages.
    #[error("there are too many control frames")]
    Flood,
    /// The connection broke off.
    #[error("the connection broke off")]
    Lost,
}

impl From<io::Error> for Fault {
    fn from(_: io::Error) -> Self {
        Self::Lost
    }
}

impl Fault {
    /// How the connection is closed for it (RFC 6455, section 7.4.1).
    pub(super) fn closing(self) -> Closing {
        let (code, cause) = match self {
            Self::Protocol(_) => (1_002, CloseCause::Protocol),
            Self::NotUtf8 => (1_007, CloseCause::Protocol),
            Self::TooLarge => (1_009, CloseCause::TooLarge),
            Self::Flood => (1_008, CloseCause::Flood),
            Self::Lost => (1_006, CloseCause::Lost),
        };
        Closing { code, reason: if self == Self::Lost { String::new() } else { self.to_string() }, cause }
    }
}
