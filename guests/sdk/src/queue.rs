//! Queues: handles their messages, and sends to them.

#[doc(hidden)]
pub mod consuming {
    wit_bindgen::generate!({
        path: "../../wit/queue",
        world: "consuming",
        pub_export_macro: true,
        export_macro_name: "export_consumer",
        default_bindings_module: "dormouse::queue::consuming",
    });

    pub use exports::dormouse::queue::consumer::Guest;
}

mod producing {
    wit_bindgen::generate!({ path: "../../wit/queue", world: "producing" });
}

use std::{fmt, time::Duration};

pub use consuming::dormouse::queue::types::{Batch, Message, Outcome};
use producing::dormouse::queue::producer;
pub use producing::dormouse::queue::producer::{Error, NewMessage};
use serde::{Serialize, de::DeserializeOwned};
pub use serde_json::Error as JsonError;

impl Message {
    /// Reads the body as JSON.
    ///
    /// # Errors
    ///
    /// The body is no JSON, or not of this shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }
}

impl Outcome {
    /// The message is handed out again, after the queue's backoff.
    pub const RETRY: Self = Self::Retry(None);

    /// The message can never be handled.
    pub fn reject(reason: impl fmt::Display) -> Self {
        Self::Reject(reason.to_string())
    }
}

/// Done, or tried again: the error goes to the invocation's log.
impl<E: fmt::Display> From<Result<(), E>> for Outcome {
    fn from(result: Result<(), E>) -> Self {
        match result {
            Ok(()) => Self::Ack,
            Err(error) => {
                crate::log!("the message is retried: {error}");
                Self::RETRY
            }
        }
    }
}

impl NewMessage {
    /// A message of these bytes.
    pub fn new(content_type: impl Into<String>, body: impl Into<Vec<u8>>) -> Self {
        Self {
            body: body.into(),
            content_type: content_type.into(),
            attributes: Vec::new(),
            group: None,
            deduplication_key: None,
            delay_ms: 0,
        }
    }

    /// A message of plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new("text/plain; charset=utf-8", text.into())
    }

    /// `value` as JSON.
    ///
    /// # Errors
    ///
    /// The value cannot be written as JSON, such as a map whose keys are no text.
    pub fn json<T: Serialize>(value: &T) -> Result<Self, serde_json::Error> {
        Ok(Self::new("application/json", serde_json::to_vec(value)?))
    }

    /// Tells consumers something besides the body.
    #[must_use]
    pub fn attribute(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.attributes.push((name.into(), value.into()));
        self
    }

    /// Has it handled in order with the others of `group`.
    #[must_use]
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.group = Some(group.into());
        self
    }

    /// Has it taken for the one that came with the same `key` in the last five minutes, if one did.
    #[must_use]
    pub fn deduplicated_by(mut self, key: impl Into<String>) -> Self {
        self.deduplication_key = Some(key.into());
        self
    }

    /// Keeps it back for `delay`, of at most 15 minutes.
    #[must_use]
    pub fn delayed(mut self, delay: Duration) -> Self {
        self.delay_ms = u32::try_from(delay.as_millis()).unwrap_or(u32::MAX);
        self
    }
}

/// Sends one message and gives its id. It is on disk then.
///
/// # Errors
///
/// [`Error::Undeclared`] when the version's `sends_to` does not list the queue; else why it was not sent.
pub fn send(queue: &str, message: &NewMessage) -> Result<String, Error> {
    producer::send(queue, message)
}

/// Sends up to 100 messages, all of them or none, and gives their ids.
///
/// # Errors
///
/// As for [`send`].
pub fn send_batch(queue: &str, messages: &[NewMessage]) -> Result<Vec<String>, Error> {
    producer::send_batch(queue, messages)
}

/// Handles each message of `batch` by itself.
#[doc(hidden)]
pub fn each<O: Into<Outcome>>(batch: Batch, handle: impl Fn(Message) -> O) -> Vec<Outcome> {
    batch.messages.into_iter().map(|message| handle(message).into()).collect()
}

/// Has a function handle the messages of queues.
///
/// With `each` it takes the path of a function that handles one [`Message`] and gives an [`Outcome`](queue::Outcome),
/// or a `Result<(), E>` of which an error is a retry. Without, that of a `fn(Batch) -> Vec<Outcome>`, which handles a
/// whole batch and says what became of each message, in their order. Stands once in a component.
///
/// ```ignore
/// dormouse::consumer!(each ship);
///
/// fn ship(message: Message) -> Outcome {
///     match message.json::<Order>() {
///         Ok(order) => order.ship().into(),
///         Err(error) => Outcome::reject(error),
///     }
/// }
/// ```
///
/// [`Message`]: queue::Message
/// [queue::Outcome]: queue::Outcome
#[macro_export]
macro_rules! consumer {
    (each $function:path) => {
        const _: () = {
            fn consume(batch: $crate::queue::Batch) -> ::std::vec::Vec<$crate::queue::Outcome> {
                $crate::queue::each(batch, $function)
            }
            $crate::consumer!(consume);
        };
    };
    ($function:path) => {
        const _: () = {
            struct Consumer;
            impl $crate::queue::consuming::Guest for Consumer {
                fn consume(batch: $crate::queue::Batch) -> ::std::vec::Vec<$crate::queue::Outcome> {
                    $function(batch)
                }
            }
            $crate::queue::consuming::export_consumer! { Consumer with_types_in $crate::queue::consuming }
        };
    };
}
