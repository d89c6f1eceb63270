//! The fields of an HTTP trigger.

use leptos::prelude::*;
use wire::{HttpTrigger, Trigger};

use crate::components::field::TextField;

/// An HTTP trigger while it is edited.
#[derive(Clone, Copy)]
pub(super) struct HttpRow {
    path: RwSignal<String>,
    methods: RwSignal<String>,
    host: RwSignal<String>,
    pub(super) wrong: RwSignal<Option<String>>,
}

impl HttpRow {
    /// With the values of `http`, or empty.
    pub(super) fn of(http: Option<&HttpTrigger>) -> Self {
        let path = http.map(|http| http.path.as_str().to_owned()).unwrap_or_default();
        let methods = http.map(|http| http.methods.join(", ")).unwrap_or_default();
        let host = http.and_then(|http| http.host.clone()).unwrap_or_default();
        Self {
            path: RwSignal::new(path),
            methods: RwSignal::new(methods),
            host: RwSignal::new(host),
            wrong: RwSignal::new(None),
        }
    }

    /// The trigger, or what is wrong with it.
    pub(super) fn read(self) -> Result<Trigger, String> {
        let methods = self.methods.get_untracked();
        let methods = methods.split([',', ' ']).filter(|method| !method.is_empty()).map(str::to_uppercase).collect();
        let host = Some(self.host.get_untracked().trim().to_owned()).filter(|host| !host.is_empty());
        let path = self.path.with_untracked(|path| path.trim().parse()).map_err(|invalid| format!("{invalid}"))?;
        Ok(Trigger::Http(HttpTrigger { path, methods, host }))
    }
}

/// Path, methods and host.
#[component]
pub(super) fn HttpFields(
    /// The trigger.
    row: HttpRow,
) -> impl IntoView {
    view! {
        <div class="trio">
            <TextField label="Path" value=row.path required=true mono=true maxlength=512 hint="Such as /users/{id} or /files/{*rest}." />
            <TextField label="Methods" value=row.methods mono=true hint="Empty for all of them." />
            <TextField label="Host" value=row.host mono=true maxlength=253 hint="Empty for the project's own." />
        </div>
    }
}
