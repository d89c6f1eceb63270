//! HTTP requests as a source of events.

use serde::{Deserialize, Serialize};

use crate::{Invalid, PathPattern};

/// The HTTP requests that reach a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct HttpTrigger {
    /// The path pattern, such as `/users/{id}` or `/files/{*rest}`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub path: PathPattern,
    /// The methods, in capitals; all of them where the list is empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<String>,
    /// The host name; the project's own where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
}

impl HttpTrigger {
    pub(super) fn in_words(&self) -> String {
        let methods = if self.methods.is_empty() { "any method".to_owned() } else { self.methods.join("|") };
        format!("http {methods} {}{}", self.host.as_deref().unwrap_or_default(), self.path)
    }

    /// Checks methods and host.
    pub(super) fn check(&self) -> Result<(), Invalid> {
        let known_shape = |method: &String| {
            (1..=20).contains(&method.len()) && method.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-')
        };
        if self.methods.len() > 16 {
            return Err(Invalid::new("methods", format!("has {} entries; use at most 16", self.methods.len())));
        }
        if let Some(bad) = self.methods.iter().find(|method| !known_shape(method)) {
            return Err(Invalid::new("methods", format!("has {bad:?}; write methods in capitals, such as GET")));
        }
        self.host.as_deref().map_or(Ok(()), check_host)
    }
}

/// Checks a host that a trigger names.
pub(super) fn check_host(host: &str) -> Result<(), Invalid> {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    if host.len() > 253 || !host.split('.').all(label) {
        let message = format!("is {host:?}; write a host name in lower case without a port, such as api.example.com");
        return Err(Invalid::new("host", message));
    }
    Ok(())
}
