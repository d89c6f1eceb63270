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

use std::fmt;

pub use consuming::dormouse::queue::types::{Batch, Message, Outcome};
use serde::de::DeserializeOwned;

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
