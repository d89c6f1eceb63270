//! The kinds of problem: a stable code, its status and its title.

use axum::http::StatusCode;

/// A kind of problem. Its type is `/problems/` and the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) code: &'static str,
    pub(crate) status: StatusCode,
    pub(crate) title: &'static str,
}

macro_rules! kinds {
    ($($name:ident = $code:literal, $status:ident, $title:literal;)*) => {
        impl Kind {
            $(pub(crate) const $name: Self = Self { code: $code, status: StatusCode::$status, title: $title };)*

            /// All of them.
            pub(crate) const ALL: &[Self] = &[$(Self::$name,)*];
        }
    };
}

kinds! {
    MALFORMED = "malformed", BAD_REQUEST, "The request cannot be read";
    TRUNCATED = "truncated", BAD_REQUEST, "The body is not whole";
    UNAUTHENTICATED = "unauthenticated", UNAUTHORIZED, "Sign in or send a token";
    FORBIDDEN = "forbidden", FORBIDDEN, "Not allowed";
    CSRF = "csrf", FORBIDDEN, "The request does not come from the console";
    NOT_FOUND = "not-found", NOT_FOUND, "Not found";
    METHOD_NOT_ALLOWED = "method-not-allowed", METHOD_NOT_ALLOWED, "Method not allowed";
    TIMEOUT = "timeout", REQUEST_TIMEOUT, "The body took too long";
    NAME_TAKEN = "name-taken", CONFLICT, "The name is taken";
    ROUTE_CONFLICT = "route-conflict", CONFLICT, "Another function has the route";
    TOO_MANY_PROVISIONED = "too-many-provisioned", CONFLICT, "The project keeps too many instances ready";
    VERSION_NOT_READY = "version-not-ready", CONFLICT, "The version is not ready";
    MISSING_HANDLER = "missing-handler", CONFLICT, "A version does not export what a trigger needs";
    VERSION_DEPLOYED = "version-deployed", CONFLICT, "The version was deployed";
    NOTHING_TO_ROLL_BACK_TO = "nothing-to-roll-back-to", CONFLICT, "There is nothing to roll back to";
    LAST_OWNER = "last-owner", CONFLICT, "A project keeps one owner";
    ALREADY_MEMBER = "already-member", CONFLICT, "They are a member already";
    TOO_MANY_PROJECTS = "too-many-projects", CONFLICT, "There are too many projects";
    QUEUE_NOT_EMPTY = "queue-not-empty", CONFLICT, "The queue holds messages";
    REDRIVE_RUNNING = "redrive-running", CONFLICT, "The queue is being redriven";
    IDEMPOTENCY_CONFLICT = "idempotency-conflict", CONFLICT, "The idempotency key was used for another request";
    SECRET_SHOWN_ONCE = "secret-shown-once", CONFLICT, "The answer held a secret and was not kept";
    CONFLICT = "conflict", CONFLICT, "The request does not fit what is there";
    PRECONDITION_FAILED = "precondition-failed", PRECONDITION_FAILED, "It changed in the meantime";
    GONE = "gone", GONE, "It is gone";
    CONNECTION_TOO_SLOW = "connection-too-slow", CONFLICT, "The client does not read";
    TOO_LARGE = "too-large", PAYLOAD_TOO_LARGE, "The body is too large";
    UNSUPPORTED_MEDIA_TYPE = "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, "The body has another type";
    WRONG_HOST = "wrong-host", MISDIRECTED_REQUEST, "This host name is not ours";
    INVALID = "invalid", UNPROCESSABLE_ENTITY, "The input breaks a rule";
    DIGEST_MISMATCH = "digest-mismatch", UNPROCESSABLE_ENTITY, "The component is not the announced one";
    NOT_WASM = "not-wasm", UNPROCESSABLE_ENTITY, "The file is not WebAssembly";
    CORE_MODULE = "core-module", UNPROCESSABLE_ENTITY, "The file is a core module, not a component";
    NO_HANDLER = "no-handler", UNPROCESSABLE_ENTITY, "The component exports no handler";
    UNKNOWN_IMPORT = "unknown-import", UNPROCESSABLE_ENTITY, "The component imports what is not offered";
    TOO_COMPLEX = "too-complex", UNPROCESSABLE_ENTITY, "The component is too complex";
    OUT_OF_TIME = "out-of-time", UNPROCESSABLE_ENTITY, "Compiling the component takes too long";
    OUT_OF_MEMORY = "out-of-memory", UNPROCESSABLE_ENTITY, "Compiling the component takes too much memory";
    WORKER_DIED = "worker-died", UNPROCESSABLE_ENTITY, "Compiling the component ended the compiler";
    INIT_SIGNATURE = "init-signature", UNPROCESSABLE_ENTITY, "The component's init takes or gives something";
    INIT_TRAPPED = "init-trapped", UNPROCESSABLE_ENTITY, "The component's init failed";
    INIT_OUT_OF_TIME = "init-out-of-time", UNPROCESSABLE_ENTITY, "The component's init takes too long";
    INIT_OUT_OF_MEMORY = "init-out-of-memory", UNPROCESSABLE_ENTITY, "The component's init takes too much memory";
    INVALID_COMPONENT = "invalid-component", UNPROCESSABLE_ENTITY, "The component is not valid";
    RATE_LIMITED = "rate-limited", TOO_MANY_REQUESTS, "Too many attempts";
    INTERNAL = "internal", INTERNAL_SERVER_ERROR, "We failed";
    UNAVAILABLE = "unavailable", SERVICE_UNAVAILABLE, "Not available right now";
}

impl Kind {
    /// The conflict called `code`.
    pub(crate) fn conflict(code: &'static str) -> Self {
        Self::known(code).unwrap_or(Self { code, ..Self::CONFLICT })
    }

    /// The refusal of a component that the compiler calls `code`.
    pub(crate) fn refusal(code: &str) -> Self {
        Self::known(code).unwrap_or(Self::INVALID_COMPONENT)
    }

    fn known(code: &str) -> Option<Self> {
        Self::ALL.iter().find(|kind| kind.code == code).copied()
    }
}
