//! What every handler can ask for.

use std::sync::Arc;

use axum::extract::FromRef;
use control::Control;

use crate::ApiConfig;

/// The one state of the router: the use cases and the settings.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) control: Control,
    pub(crate) config: Arc<ApiConfig>,
}

impl FromRef<Shared> for Control {
    fn from_ref(shared: &Shared) -> Self {
        shared.control.clone()
    }
}

impl FromRef<Shared> for Arc<ApiConfig> {
    fn from_ref(shared: &Shared) -> Self {
        Self::clone(&shared.config)
    }
}
