//! Words for why a component cannot run here.

use std::io;

use domain::Failure;

/// A refusal with a stable code and a sentence for people.
pub(super) fn refusal(code: &str, message: impl Into<String>) -> Failure {
    Failure { code: code.to_owned(), message: message.into(), missing_imports: Vec::new() }
}

/// The file is a component, but not a valid one.
pub(super) fn invalid(error: impl std::fmt::Display) -> Failure {
    refusal("invalid-component", format!("the component is not valid: {error:#}"))
}

/// The component cannot be compiled.
pub(super) fn uncompiled(error: &wasmtime::Error) -> Failure {
    let for_want_of_memory = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::OutOfMemory)
    };
    match error.chain().any(for_want_of_memory) {
        true => out_of_memory(),
        false => invalid(format!("{error:#}")),
    }
}

/// The component imports what the platform does not offer.
pub(super) fn unknown_imports(missing: Vec<String>) -> Failure {
    let message = format!(
        "the component imports what this platform does not offer: {}; build it for a world that wasi:http \
         hosts offer, or compose it with a component that exports them",
        missing.join(", ")
    );
    Failure { missing_imports: missing, ..refusal("unknown-import", message) }
}

/// Compiling took too much CPU time.
pub(super) fn out_of_time() -> Failure {
    refusal("out-of-time", "compiling the component took more CPU time than the platform allows; make it smaller")
}

/// Compiling did not come to an end.
pub(super) fn too_slow() -> Failure {
    refusal(
        "out-of-time",
        "compiling the component took longer than the platform allows; try again, or make it smaller",
    )
}

/// Compiling took too much memory.
pub(super) fn out_of_memory() -> Failure {
    refusal("out-of-memory", "compiling the component took more memory than the platform allows; make it smaller")
}
