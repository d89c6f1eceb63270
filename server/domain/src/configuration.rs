//! What a version runs with, apart from its component: immutable with the version.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{BucketName, FunctionName, Invalid, Limits, OutboundHost, QueueName, Reuse, SecretName};

/// Limits, variables, what the guest may reach, and the instances of one version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Configuration {
    /// What one invocation may use.
    pub limits: Limits,
    /// Environment variables of the guest: at most 100, names of `A-Z`, `a-z`, `0-9` and `_` that do
    /// not start with a digit, values of at most 4 KiB, 32 KiB in all.
    pub variables: BTreeMap<String, String>,
    /// Where the guest may send HTTP requests: at most 64 entries of scheme, host and perhaps port, such as
    /// `https://api.example.com`, `https://*.example.com:8443` or `https://*` for any host name. Names lead to
    /// public addresses only; another address is reached where an entry names it, such as
    /// `http://10.1.2.3:8080` or `http://10.1.0.0/16:8080`, or as `http://localhost:3000`. None by default:
    /// every request is denied.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, max_items = 64))]
    pub allowed_outbound_hosts: BTreeSet<OutboundHost>,
    /// Secrets that the guest may read: at most 64 names of the project's secrets.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, max_items = 64))]
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub secrets: BTreeSet<SecretName>,
    /// Key-value buckets of the project that the guest may open: at most 64.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, max_items = 64))]
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub key_value: BTreeSet<BucketName>,
    /// Queues of the project that the guest may send to: at most 64.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, max_items = 64))]
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub sends_to: BTreeSet<QueueName>,
    /// Functions of the project that the guest may call: at most 64.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, max_items = 64))]
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub invokes: BTreeSet<FunctionName>,
    /// Functions of the project whose WebSocket connections the guest may reach, besides its own: at most 64.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, max_items = 64))]
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub connections_of: BTreeSet<FunctionName>,
    /// The queue for asynchronous calls that failed for good; absent, they end as failed alone.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dead_letter_queue: Option<QueueName>,
    /// Instances that are kept ready for the next invocations on each server: at most 100, and by all live functions
    /// of a project no more than it may run at once. Default 0: an instance is made when it is called for.
    pub provisioned: u32,
    /// Whether an instance serves more than one invocation. By default each has a fresh instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reuse: Option<Reuse>,
}

impl Configuration {
    /// Checks every field against its bounds.
    ///
    /// # Errors
    ///
    /// [`Invalid`] that names the first field out of bounds.
    pub fn check(&self) -> Result<(), Invalid> {
        const MAX_VARIABLES: usize = 100;
        const MAX_VALUE_BYTES: usize = 4 << 10;
        const MAX_TOTAL_BYTES: usize = 32 << 10;
        const MAX_PROVISIONED: u32 = 100;
        const MAX_DECLARED: usize = 64;
        self.limits.check().map_err(|invalid| invalid.within("limits"))?;
        if self.variables.len() > MAX_VARIABLES {
            let message = format!("has {} entries; a version has at most {MAX_VARIABLES}", self.variables.len());
            return Err(Invalid::new("variables", message));
        }
        let mut total = 0;
        for (name, value) in &self.variables {
            let letters = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if name.is_empty() || name.len() > 128 || !letters || name.starts_with(|c: char| c.is_ascii_digit()) {
                let message = format!("has the name {name:?}; use 1 to 128 of A-Z, a-z, 0-9 and _, no digit first");
                return Err(Invalid::new("variables", message));
            }
            if value.len() > MAX_VALUE_BYTES || value.contains('\0') {
                let message =
                    format!("has {} bytes or a zero byte; a value has at most {MAX_VALUE_BYTES}", value.len());
                return Err(Invalid::new(format!("variables.{name}"), message));
            }
            total += name.len() + value.len();
        }
        if total > MAX_TOTAL_BYTES {
            let message = format!("take {total} bytes; all together have at most {MAX_TOTAL_BYTES}");
            return Err(Invalid::new("variables", message));
        }
        let hosts = self.allowed_outbound_hosts.len();
        if hosts > OutboundHost::MAX_ENTRIES {
            let message = format!(
                "has {hosts} entries; a version has at most {}, and *.example.com stands for all names below one",
                OutboundHost::MAX_ENTRIES
            );
            return Err(Invalid::new("allowed_outbound_hosts", message));
        }
        let declared = [
            ("secrets", self.secrets.len()),
            ("key_value", self.key_value.len()),
            ("sends_to", self.sends_to.len()),
            ("invokes", self.invokes.len()),
            ("connections_of", self.connections_of.len()),
        ];
        if let Some((field, entries)) = declared.into_iter().find(|(_, entries)| *entries > MAX_DECLARED) {
            return Err(Invalid::new(field, format!("has {entries} entries; a version has at most {MAX_DECLARED}")));
        }
        if self.provisioned > MAX_PROVISIONED {
            let message = format!("is {}; use 0 to {MAX_PROVISIONED}", self.provisioned);
            return Err(Invalid::new("provisioned", message));
        }
        match &self.reuse {
            Some(reuse) => reuse.check().map_err(|invalid| invalid.within("reuse")),
            None => Ok(()),
        }
    }
}
