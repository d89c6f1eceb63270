//! What a component can be called for, told from its exports.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An event that a component can handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Handler {
    /// HTTP requests.
    Http,
    /// Batches of a queue's messages.
    Queue,
    /// Slots of a schedule.
    Cron,
    /// Calls by the function's name.
    Function,
    /// What happens on WebSockets.
    WebSocket,
}

/// An interface in all releases of one minor number.
type Interface = (&'static str, &'static str);

impl Handler {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Http, Self::Queue, Self::Cron, Self::Function, Self::WebSocket];

    /// The interfaces that stand for it, any of which is enough.
    const fn interfaces(self) -> &'static [Interface] {
        match self {
            Self::Http => &[("wasi:http/incoming-handler", "0.2"), ("wasi:http/handler", "0.3")],
            Self::Queue => &[("dormouse:queue/consumer", "0.1")],
            Self::Cron => &[("dormouse:cron/handler", "0.1")],
            Self::Function => &[("dormouse:function/handler", "0.1")],
            Self::WebSocket => &[("dormouse:websocket/handler", "0.1")],
        }
    }

    /// Whether a component with these `exports` handles it.
    #[must_use]
    pub fn is_among(self, exports: &[String]) -> bool {
        let stands_for_it =
            |export: &String| self.interfaces().iter().any(|interface| is_release_of(export, *interface));
        exports.iter().any(stands_for_it)
    }

    /// What a component that handles it exports, in words.
    #[must_use]
    pub fn export(self) -> String {
        let names: Vec<_> = self.interfaces().iter().map(|(name, release)| format!("{name}@{release}")).collect();
        names.join(" or ")
    }
}

impl fmt::Display for Handler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http => "http",
            Self::Queue => "queue",
            Self::Cron => "cron",
            Self::Function => "function",
            Self::WebSocket => "websocket",
        })
    }
}

/// Whether `export` is `interface` in a final release.
fn is_release_of(export: &str, (interface, release): Interface) -> bool {
    let patch = export.strip_prefix(interface).and_then(|rest| rest.strip_prefix('@')).and_then(|version| {
        let patch = version.strip_prefix(release)?;
        patch.strip_prefix('.')
    });
    patch.is_some_and(|patch| !patch.is_empty() && patch.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handlers_are_told_from_exports_by_interface_and_minor_release() {
        let among = |export: &str| {
            let exports = [export.to_owned()];
            Handler::ALL.into_iter().filter(|handler| handler.is_among(&exports)).collect::<Vec<_>>()
        };
        assert_eq!(among("wasi:http/incoming-handler@0.2.3"), [Handler::Http]);
        assert_eq!(among("wasi:http/handler@0.3.0"), [Handler::Http]);
        assert_eq!(among("dormouse:queue/consumer@0.1.0"), [Handler::Queue]);
        assert_eq!(among("dormouse:cron/handler@0.1.7"), [Handler::Cron]);
        assert_eq!(among("dormouse:function/handler@0.1.0"), [Handler::Function]);
        assert_eq!(among("dormouse:websocket/handler@0.1.0"), [Handler::WebSocket]);
        for other in [
            "wasi:http/handler@0.3.0-rc-2026-01-06",
            "wasi:http/incoming-handler@0.20.0",
            "dormouse:queue/consumer@0.2.0",
            "dormouse:queue/consumer",
            "dormouse:queue/consumers@0.1.0",
            "run",
        ] {
            assert_eq!(among(other), [], "{other}");
        }
    }
}
