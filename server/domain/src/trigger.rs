//! What binds an event source to a function.

use serde::{Deserialize, Serialize};

use crate::{FunctionName, Invalid, PathPattern};

/// Binds an event source to a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Trigger {
    /// HTTP requests to the project's host.
    Http(HttpTrigger),
}

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

impl Trigger {
    /// The triggers of a function that was never given any: everything below its name.
    ///
    /// # Errors
    ///
    /// None in practice: every function name makes a valid pattern.
    pub fn default_for(function: &FunctionName) -> Result<Vec<Self>, Invalid> {
        let path = format!("/{function}/{{*rest}}").parse()?;
        Ok(vec![Self::Http(HttpTrigger { path, methods: Vec::new(), host: None })])
    }

    /// Checks methods and host.
    ///
    /// # Errors
    ///
    /// [`Invalid`] that names the first field out of bounds.
    pub fn check(&self) -> Result<(), Invalid> {
        let Self::Http(http) = self;
        let known_shape = |method: &String| {
            (1..=20).contains(&method.len()) && method.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-')
        };
        if http.methods.len() > 16 {
            return Err(Invalid::new("methods", format!("has {} entries; use at most 16", http.methods.len())));
        }
        if let Some(bad) = http.methods.iter().find(|method| !known_shape(method)) {
            return Err(Invalid::new("methods", format!("has {bad:?}; write methods in capitals, such as GET")));
        }
        if let Some(host) = &http.host {
            let label = |label: &str| {
                (1..=63).contains(&label.len())
                    && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            };
            if host.len() > 253 || !host.split('.').all(label) {
                let message =
                    format!("is {host:?}; write a host name in lower case without a port, such as api.example.com");
                return Err(Invalid::new("host", message));
            }
        }
        Ok(())
    }
}
