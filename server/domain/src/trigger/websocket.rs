//! WebSockets as a source of events.

use serde::{Deserialize, Serialize};

use super::{http, within};
use crate::{
    Invalid, PathPattern,
    connection::{MAX_MESSAGE_BYTES, MAX_SENT_BYTES},
};

/// The WebSockets that reach a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct WebSocketTrigger {
    /// The path pattern, such as `/chat/{room}`. HTTP requests may have the same one.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub path: PathPattern,
    /// The host name; the project's own where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The origins whose pages may connect, such as `https://app.example.com`, or `*` for all: at most 32. Where the
    /// list is empty, pages of the same host may. A client that sends no origin is no page, and may always.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(max_items = 32))]
    pub origins: Vec<String>,
    /// Which version handles the messages of a connection that is open while something else is deployed.
    #[serde(default)]
    pub migrate: Migrate,
    /// How long a connection may be without a message in either direction, in milliseconds: 1,000 to 86,400,000, by
    /// default 600,000. The client's pings do not count.
    #[serde(default = "WebSocketTrigger::default_idle_timeout_ms")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1000, maximum = 86400000, default = 600000))]
    pub idle_timeout_ms: u32,
    /// The most bytes of a message from the client: 1 to 16,777,216, by default 1 MiB. A larger one closes the
    /// connection with 1009.
    #[serde(default = "WebSocketTrigger::default_message_bytes")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 16777216, default = 1048576))]
    pub message_bytes: u32,
    /// The most bytes that wait to be sent to a client that reads slowly: 1,024 to 16,777,216, by default 256 KiB. A
    /// single message may have more. Beyond it the connection is closed with 1013.
    #[serde(default = "WebSocketTrigger::default_buffer_bytes")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1024, maximum = 16777216, default = 262144))]
    pub buffer_bytes: u32,
}

/// Which version handles the messages of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Migrate {
    /// The one that accepted it, until it closes.
    #[default]
    Never,
    /// The live one, from the next message on.
    NextMessage,
}

impl WebSocketTrigger {
    /// The default of [`Self::idle_timeout_ms`].
    const IDLE_TIMEOUT_MS: u32 = 600_000;
    /// The default of [`Self::message_bytes`].
    const MESSAGE_BYTES: u32 = 1 << 20;
    /// The default of [`Self::buffer_bytes`].
    const BUFFER_BYTES: u32 = 256 << 10;

    /// A trigger at `path` with the defaults.
    #[must_use]
    pub const fn at(path: PathPattern) -> Self {
        Self {
            path,
            host: None,
            origins: Vec::new(),
            migrate: Migrate::Never,
            idle_timeout_ms: Self::IDLE_TIMEOUT_MS,
            message_bytes: Self::MESSAGE_BYTES,
            buffer_bytes: Self::BUFFER_BYTES,
        }
    }

    const fn default_idle_timeout_ms() -> u32 {
        Self::IDLE_TIMEOUT_MS
    }

    const fn default_message_bytes() -> u32 {
        Self::MESSAGE_BYTES
    }

    const fn default_buffer_bytes() -> u32 {
        Self::BUFFER_BYTES
    }

    /// The most bytes of a message to the client.
    #[must_use]
    pub fn sent_bytes(&self) -> u32 {
        self.message_bytes.max(MAX_SENT_BYTES)
    }

    /// Whether a page of `origin` may connect to `host`, both as the client sent them.
    #[must_use]
    pub fn admits(&self, origin: &str, host: &str) -> bool {
        if self.origins.is_empty() {
            let of_page = origin.split_once("://").map(|(_, host)| host);
            return of_page.is_some_and(|page| page.eq_ignore_ascii_case(host));
        }
        self.origins.iter().any(|allowed| allowed == "*" || allowed.eq_ignore_ascii_case(origin))
    }

    pub(super) fn in_words(&self) -> String {
        let Self { path, idle_timeout_ms, message_bytes, buffer_bytes, .. } = self;
        let origins = if self.origins.is_empty() { "its own host".to_owned() } else { self.origins.join("|") };
        let migrate = match self.migrate {
            Migrate::Never => "stays on its version",
            Migrate::NextMessage => "moves with its next message",
        };
        format!(
            "websocket {}{path} (pages of {origins}, {migrate}, {idle_timeout_ms} ms idle, messages of {message_bytes} \
             bytes, {buffer_bytes} bytes waiting)",
            self.host.as_deref().unwrap_or_default(),
        )
    }

    /// Checks host, origins and every figure.
    pub(super) fn check(&self) -> Result<(), Invalid> {
        const MAX_ORIGINS: usize = 32;
        if let Some(host) = &self.host {
            http::check_host(host)?;
        }
        if self.origins.len() > MAX_ORIGINS {
            let message = format!("has {} entries; use at most {MAX_ORIGINS}, or * for all", self.origins.len());
            return Err(Invalid::new("origins", message));
        }
        if let Some(bad) = self.origins.iter().find(|origin| !is_origin(origin)) {
            let message = format!("has {bad:?}; write a scheme and a host, such as https://app.example.com, or *");
            return Err(Invalid::new("origins", message));
        }
        within("idle_timeout_ms", self.idle_timeout_ms, 1_000, 86_400_000)?;
        within("message_bytes", self.message_bytes, 1, MAX_MESSAGE_BYTES)?;
        within("buffer_bytes", self.buffer_bytes, 1 << 10, 16 << 20)
    }
}

/// Whether `text` is an origin as browsers send it (RFC 6454, section 6.2), or stands for all of them.
fn is_origin(text: &str) -> bool {
    if text == "*" {
        return true;
    }
    let Some((scheme, host)) = text.split_once("://") else { return false };
    let plain = |host: &str| host.bytes().all(|byte| byte.is_ascii_graphic() && !b"/?#@*".contains(&byte));
    text.len() <= 300
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
        && !host.is_empty()
        && plain(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trigger(origins: &[&str]) -> WebSocketTrigger {
        let origins = origins.iter().map(ToString::to_string).collect();
        WebSocketTrigger { origins, ..WebSocketTrigger::at("/chat".parse().unwrap()) }
    }

    #[test]
    fn pages_of_the_same_host_may_connect_where_no_origin_is_named() {
        let own = trigger(&[]);
        assert!(own.admits("http://demo.localhost:8080", "demo.localhost:8080"));
        assert!(own.admits("https://Demo.localhost", "demo.localhost"));
        for origin in
            ["http://demo.localhost", "http://evil.example", "null", "", "http://demo.localhost:8080.evil.example"]
        {
            assert!(!own.admits(origin, "demo.localhost:8080"), "{origin}");
        }
    }

    #[test]
    fn pages_of_named_origins_may_connect_and_no_others() {
        let named = trigger(&["https://app.example.com", "http://localhost:3000"]);
        assert!(named.admits("https://app.example.com", "x") && named.admits("http://localhost:3000", "x"));
        for origin in ["http://app.example.com", "https://app.example.com.evil.example", "https://x", "null"] {
            assert!(!named.admits(origin, "x"), "{origin}");
        }
        assert!(trigger(&["*"]).admits("null", "x"));
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for good in ["*", "https://app.example.com", "http://[::1]:8080", "tauri://localhost"] {
            assert!(trigger(&[good]).check().is_ok(), "{good}");
        }
        for bad in ["", "app.example.com", "https://", "https://a/b", "https://*.example.com", "://a", "https://a b"] {
            assert!(trigger(&[bad]).check().is_err_and(|invalid| invalid.field == "origins"), "{bad}");
        }
    }
}
