//! Functions that are called by name: answers calls, and makes them.

#[doc(hidden)]
pub mod callable {
    wit_bindgen::generate!({
        path: "../../wit/function",
        world: "callable",
        pub_export_macro: true,
        export_macro_name: "export_function",
        default_bindings_module: "dormouse::function::callable",
    });

    pub use exports::dormouse::function::handler::Guest;
}

mod calling {
    wit_bindgen::generate!({
        path: "../../wit/function",
        world: "calling",
        with: { "dormouse:function/types@0.1.0": super::callable::dormouse::function::types },
    });
}

use std::fmt;

pub use callable::dormouse::function::types::{Failure, Payload};
use calling::dormouse::function::invoker;
pub use calling::dormouse::function::invoker::Error;
use serde::{Serialize, de::DeserializeOwned};

/// The media type of JSON.
const JSON: &str = "application/json";

impl Payload {
    /// Plain text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self { content_type: "text/plain; charset=utf-8".to_owned(), body: text.into().into_bytes() }
    }

    /// `value` as JSON.
    ///
    /// # Errors
    ///
    /// The value cannot be written as JSON, such as a map whose keys are no text.
    pub fn json<T: Serialize>(value: &T) -> Result<Self, serde_json::Error> {
        Ok(Self { content_type: JSON.to_owned(), body: serde_json::to_vec(value)? })
    }

    /// Reads the body as JSON.
    ///
    /// # Errors
    ///
    /// The body is no JSON, or not of this shape.
    pub fn read_json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }
}

impl Failure {
    /// A failure with a stable `code` for programs and one sentence for people.
    pub fn new(code: impl Into<String>, message: impl fmt::Display) -> Self {
        Self { code: code.into(), message: message.to_string() }
    }
}

/// Calls another function of the project and waits for its answer.
///
/// # Errors
///
/// [`Error::Undeclared`] when the version's `invokes` does not list the function, [`Error::Failed`] with its own words
/// when it failed; else why it was not called.
pub fn call(function: &str, payload: &Payload) -> Result<Payload, Error> {
    invoker::invoke(function, payload)
}

/// Calls another function with JSON and reads its answer from JSON.
///
/// # Errors
///
/// As for [`call`]; [`Error::Failed`] `invalid-payload` or `invalid-answer` when one of the two is none.
pub fn call_json<Q: Serialize, A: DeserializeOwned>(function: &str, question: &Q) -> Result<A, Error> {
    let no_json = |code: &str, error: serde_json::Error| Error::Failed(Failure::new(code, error));
    let payload = Payload::json(question).map_err(|error| no_json("invalid-payload", error))?;
    let answer = call(function, &payload)?;
    answer.read_json().map_err(|error| no_json("invalid-answer", error))
}

/// Has another function called without waiting for its answer, and gives the call's id. It is on disk then.
///
/// # Errors
///
/// As for [`call`].
pub fn call_later(function: &str, payload: &Payload) -> Result<String, Error> {
    invoker::invoke_async(function, payload)
}

/// Has `function` answer with JSON what it was asked in JSON.
#[doc(hidden)]
pub fn answer_json<Q: DeserializeOwned, A: Serialize>(
    payload: Payload,
    function: impl Fn(Q) -> Result<A, Failure>,
) -> Result<Payload, Failure> {
    let question = payload.read_json().map_err(|error| Failure::new("invalid-payload", error))?;
    let answer = function(question)?;
    Payload::json(&answer).map_err(|error| Failure::new("invalid-answer", error))
}

/// Has a function answer calls by name.
///
/// Takes the path of a `fn(Payload) -> Result<Payload, Failure>`; with `json` that of a `fn(Q) -> Result<A, Failure>`,
/// where the question is read from JSON and the answer written to it. Stands once in a component.
///
/// ```ignore
/// dormouse::function!(json price);
///
/// fn price(order: Order) -> Result<Price, Failure> {
///     order.price().ok_or_else(|| Failure::new("unknown-item", "no such item is sold"))
/// }
/// ```
#[macro_export]
macro_rules! function {
    (json $function:path) => {
        const _: () = {
            fn invoke(
                payload: $crate::function::Payload,
            ) -> ::std::result::Result<$crate::function::Payload, $crate::function::Failure> {
                $crate::function::answer_json(payload, $function)
            }
            $crate::function!(invoke);
        };
    };
    ($function:path) => {
        const _: () = {
            struct Function;
            impl $crate::function::callable::Guest for Function {
                fn invoke(
                    payload: $crate::function::Payload,
                ) -> ::std::result::Result<$crate::function::Payload, $crate::function::Failure> {
                    $function(payload)
                }
            }
            $crate::function::callable::export_function! { Function with_types_in $crate::function::callable }
        };
    };
}
