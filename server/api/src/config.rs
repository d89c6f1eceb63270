//! What the control plane's listener has to know of its surroundings.

use domain::Ids;
use telemetry::Metrics;
use tokio_util::sync::CancellationToken;

/// Settings of the API.
#[derive(Clone, Debug)]
pub struct ApiConfig {
    /// Where people and machines reach the control plane, such as `https://dormouse.example.com`.
    pub public_url: String,
    /// Makes request ids.
    pub ids: Ids,
    /// Records requests, and renders `/metrics`.
    pub metrics: Metrics,
    /// Cancelled when the server begins to stop: `/readyz` turns 503 and long polls end early.
    pub draining: CancellationToken,
}

impl ApiConfig {
    /// Whether browsers come by https, so that cookies can be `Secure`.
    pub(crate) fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// The host of the public URL, without its port.
    pub(crate) fn public_host(&self) -> Option<String> {
        let uri: http::Uri = self.public_url.parse().ok()?;
        uri.host().map(str::to_ascii_lowercase)
    }
}
