//! What is known of a version: its number, its state and the verdict over its component.

use std::{fmt, iter, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::Invalid;

/// A version's number within its function: 1, 2, 3…, never reused. As text `v7`, or `7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct VersionNumber(pub u32);

impl VersionNumber {
    /// The most bytes that a number has as text.
    pub const MAX_TEXT_BYTES: usize = 11;

    /// The number as text, written into `buffer`: for where there are many, since formatting takes several times as long.
    pub fn encode(self, buffer: &mut [u8; Self::MAX_TEXT_BYTES]) -> &str {
        let numbers = iter::successors(Some(self.0), |number| Some(number / 10).filter(|rest| *rest > 0));
        let backwards = numbers.map(|number| b'0' + (number % 10) as u8).chain([b'v']);
        let mut begin = Self::MAX_TEXT_BYTES;
        for (place, byte) in buffer.iter_mut().rev().zip(backwards) {
            *place = byte;
            begin -= 1;
        }
        buffer.get(begin..).and_then(|text| str::from_utf8(text).ok()).unwrap_or_default()
    }
}

impl fmt::Display for VersionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.encode(&mut [0; Self::MAX_TEXT_BYTES]))
    }
}

impl FromStr for VersionNumber {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let digits = text.strip_prefix('v').unwrap_or(text);
        let plain = digits.starts_with(|c: char| matches!(c, '1'..='9'));
        match digits.parse() {
            Ok(number) if plain => Ok(Self(number)),
            _ => Err(Invalid::new("version", format!("is {text:?}; use a number such as 7 or v7"))),
        }
    }
}

/// Where a version stands on its way from upload to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum VersionState {
    /// The component is stored; it is being checked and compiled.
    Preparing,
    /// It can be deployed.
    Ready,
    /// It was refused; [`Failure`] says why.
    Failed,
}

impl VersionState {
    /// The name as clients and the database spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Preparing => "preparing",
            Self::Ready => "ready",
            Self::Failed => "failed",
        }
    }
}

/// Where a version came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A browser session.
    Console,
    /// The command line.
    Cli,
    /// Anything else that speaks to the API.
    #[default]
    Api,
}

impl Source {
    /// The name as clients and the database spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Console => "console",
            Self::Cli => "cli",
            Self::Api => "api",
        }
    }
}

/// Which generation of WASI a component's HTTP handler speaks, which decides the engine it runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Wasi {
    /// WASI 0.2: `wasi:http/incoming-handler`.
    #[serde(rename = "0.2")]
    Preview2,
    /// WASI 0.3: `wasi:http/handler`.
    #[serde(rename = "0.3")]
    Preview3,
}

/// What a component may do beyond computing, derived from its imports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Capability {
    /// Imports a client for outgoing HTTP requests. Denied unless the configuration allows hosts.
    OutboundHttp,
    /// Reads clocks.
    Clocks,
    /// Draws random bytes.
    Random,
    /// Imports files, which give nothing here.
    Filesystem,
    /// Imports sockets, which give nothing here.
    Sockets,
    /// Reads its variables and arguments.
    Environment,
    /// Keeps values by key. Denied but for the buckets in the configuration's `key_value`.
    KeyValue,
    /// Sends to queues. Denied but for those in the configuration's `sends_to`.
    Queues,
    /// Calls other functions. Denied but for those in the configuration's `invokes`.
    Functions,
    /// Reads secrets. Denied but for those in the configuration's `secrets`.
    Secrets,
    /// Sends to open WebSockets, groups and closes them: its own function's, and those of the functions in the
    /// configuration's `connections_of`.
    Connections,
}

impl Capability {
    /// The capability in words for people.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::OutboundHttp => "may call other hosts, where allowed",
            Self::Clocks => "reads clocks",
            Self::Random => "draws random numbers",
            Self::Filesystem => "imports files (none are given)",
            Self::Sockets => "imports sockets (all are denied)",
            Self::Environment => "reads its variables",
            Self::KeyValue => "keeps values by key, where declared",
            Self::Queues => "sends to queues, where declared",
            Self::Functions => "calls other functions, where declared",
            Self::Secrets => "reads secrets, where declared",
            Self::Connections => "sends to open connections, where its own or declared",
        }
    }
}

/// One step of preparing a version, with the time it took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Step {
    /// `received`, `checked`, `snapshotted` or `compiled`.
    pub name: String,
    /// How long it took, in microseconds.
    pub duration_us: u64,
}

/// What a fresh instance of a component begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Start {
    /// The memory that the component's file describes.
    #[default]
    Plain,
    /// The memory that the component's init left, frozen when the version was prepared.
    Snapshot {
        /// How long init ran, in microseconds.
        init_us: u64,
        /// What each instance holds from the start, in bytes.
        memory_bytes: u64,
    },
    /// The memory that the component's file describes, though it exports an init: what that left cannot be frozen.
    Fallback {
        /// Why not, in one sentence for people.
        reason: String,
    },
}

impl Start {
    /// The kind as clients spell it.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Snapshot { .. } => "snapshot",
            Self::Fallback { .. } => "fallback",
        }
    }
}

/// What was found in a component that can run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Verdict {
    /// The generation of WASI of its handler.
    pub wasi: Wasi,
    /// The component's world as WIT text.
    pub world: String,
    /// Imported interfaces, such as `wasi:clocks/wall-clock@0.2.3`, sorted.
    pub imports: Vec<String>,
    /// Exported interfaces, sorted.
    pub exports: Vec<String>,
    /// What the imports amount to, sorted.
    pub capabilities: Vec<Capability>,
    /// Size of the component in bytes.
    pub component_bytes: u64,
    /// Size of the compiled artifact in bytes.
    pub artifact_bytes: u64,
    /// What a fresh instance begins with.
    #[serde(default)]
    pub start: Start,
    /// What init wrote to its standard streams: the first 4 KiB.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub init_log: String,
    /// Whether it was compiled without optimisation, because that took more than the platform allows. It runs slower.
    #[serde(default)]
    pub unoptimised: bool,
    /// Steps in the order in which they ran.
    pub steps: Vec<Step>,
}

/// Why a component was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Failure {
    /// A stable word for programs: `not-wasm`, `core-module`, `truncated`, `invalid-component`, `no-handler`,
    /// `unknown-import`, `too-complex`, `out-of-time`, `out-of-memory` or `worker-died`; about the component's init
    /// `init-signature`, `init-trapped`, `init-out-of-time` or `init-out-of-memory`.
    pub code: String,
    /// One sentence for people: what is wrong, where, and the way out.
    pub message: String,
    /// Imports that the platform does not offer, each by its full name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_imports: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_same_as_text_and_back() {
        for (number, text) in [(0, "v0"), (1, "v1"), (10, "v10"), (907, "v907"), (u32::MAX, "v4294967295")] {
            assert_eq!(VersionNumber(number).to_string(), text);
            assert_eq!(text.parse().ok(), Some(VersionNumber(number)).filter(|_| number > 0));
        }
    }
}
