//! Calls by name: `dormouse:function/handler`.

use std::sync::atomic::Ordering::Relaxed;

use domain::invocation::Outcome;

use super::{Event, words};
use crate::{
    account::Account,
    bindings::function_handler,
    instances::Instance,
    linked::{FUNCTION, Handlers},
};

/// A value with its type, which goes into a function or comes out of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload {
    /// The media type of the body.
    pub content_type: String,
    /// At most [`Self::MAX_BYTES`].
    pub body: Vec<u8>,
}

impl Payload {
    /// The most bytes of a body.
    pub const MAX_BYTES: usize = 6 << 20;
    /// The most bytes of a media type.
    const MAX_TYPE_BYTES: usize = 256;

    /// Whether body and media type are within their bounds.
    #[must_use]
    pub const fn fits(&self) -> bool {
        self.body.len() <= Self::MAX_BYTES && self.content_type.len() <= Self::MAX_TYPE_BYTES
    }
}

/// Why a function could not do what it was called for, in its own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// A stable word for programs.
    pub code: String,
    /// One sentence for people.
    pub message: String,
}

impl Event for Payload {
    type Answer = Result<Payload, Failure>;

    const INTERFACE: &str = FUNCTION;

    fn is_handled(handlers: &Handlers) -> bool {
        handlers.function.is_some()
    }

    fn bytes(&self) -> u64 {
        self.body.len() as u64
    }

    async fn run(
        self,
        handlers: &Handlers,
        instance: &mut Instance,
        account: &Account,
    ) -> wasmtime::Result<Self::Answer> {
        let Some(indices) = &handlers.function else { return Ok(Ok(self)) };
        let Instance { store, exports, .. } = instance;
        let handler = indices.load(&mut *store, exports)?;
        let Self { content_type, body } = self;
        let payload = function_handler::Payload { content_type, body };
        let answer = match handler.call_invoke(&mut *store, &payload).await? {
            Ok(function_handler::Payload { content_type, body }) => Ok(Self { content_type, body }),
            Err(function_handler::Failure { code, message }) => {
                Err(Failure { code: words(code), message: words(message) })
            }
        };
        if let Ok(answer) = &answer {
            account.response_bytes.store(answer.body.len() as u64, Relaxed);
            if !answer.fits() {
                let (bytes, most) = (answer.body.len(), Self::MAX_BYTES);
                let message = format!(
                    "the guest's answer has {bytes} bytes and a media type of {}; it has at most {most} and {}",
                    answer.content_type.len(),
                    Self::MAX_TYPE_BYTES
                );
                account.fail(Outcome::NoAnswer, message);
            }
        }
        Ok(answer)
    }

    fn failure(answer: &Self::Answer) -> Option<String> {
        let Failure { code, message } = answer.as_ref().err()?;
        Some(format!("{code}: {message}"))
    }
}
