//! Sending a component, with the progress that only `XMLHttpRequest` tells.

use futures::channel::oneshot;
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{File, FormData, ProgressEvent, XmlHttpRequest};
use wire::{Configuration, Version};

use super::{Api, Error, encoded, function_path, parse};

/// What is to be sent, and to where.
#[derive(Clone)]
pub(crate) struct Upload {
    /// The project's name.
    pub(crate) project: String,
    /// The function's name; it is created where it does not exist.
    pub(crate) function: String,
    /// The component.
    pub(crate) file: File,
    /// The component's SHA-256, for the server to compare.
    pub(crate) sha256: Option<String>,
    /// Why there is a new version.
    pub(crate) message: String,
    /// What the version runs with; that of the version before where absent.
    pub(crate) configuration: Option<Configuration>,
}

impl Upload {
    fn path(&self) -> String {
        let mut path = format!(
            "/api/v1{}/versions?create=true&message={}",
            function_path(&self.project, &self.function),
            encoded(&self.message)
        );
        if let Some(sha256) = &self.sha256 {
            path.push_str("&sha256=");
            path.push_str(sha256);
        }
        path
    }

    /// Sends the component alone, or as a form where there is more to say.
    fn send(&self, request: &XmlHttpRequest) -> Option<()> {
        let Some(configuration) = &self.configuration else {
            request.set_request_header("content-type", "application/wasm").ok()?;
            return request.send_with_opt_blob(Some(&self.file)).ok();
        };
        let form = FormData::new().ok()?;
        form.append_with_str("configuration", &serde_json::to_string(configuration).ok()?).ok()?;
        form.append_with_blob("component", &self.file).ok()?;
        request.send_with_opt_form_data(Some(&form)).ok()
    }
}

impl Api {
    /// Sends a component; tells `progress` how many bytes have left. `request` can be aborted, which
    /// ends this as [`Error::Unreachable`].
    pub(crate) async fn upload(
        self,
        request: XmlHttpRequest,
        upload: &Upload,
        progress: impl Fn(u64) + 'static,
    ) -> Result<Version, Error> {
        let (ended, end) = oneshot::channel();
        let mut ended = Some(ended);
        // Fires once however the request ends: answered, failed or aborted.
        let on_end = Closure::<dyn FnMut()>::new(move || {
            if let Some(ended) = ended.take() {
                let _ = ended.send(());
            }
        });
        let on_progress = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
            progress(event.loaded() as u64);
        });
        request.open("POST", &upload.path()).map_err(|_| Error::Unreachable)?;
        request.set_onloadend(Some(on_end.as_ref().unchecked_ref()));
        if let Ok(sending) = request.upload() {
            sending.set_onprogress(Some(on_progress.as_ref().unchecked_ref()));
        }
        if let Some(csrf) = self.account.csrf_token() {
            let _ = request.set_request_header("x-csrf-token", &csrf);
        }
        upload.send(&request).ok_or(Error::Unreachable)?;
        let _ = end.await;
        request.set_onloadend(None);

        let status = request.status().unwrap_or(0);
        if status == 0 {
            return Err(Error::Unreachable);
        }
        let text = request.response_text().ok().flatten().unwrap_or_default();
        let request_id = request.get_response_header("x-request-id").ok().flatten();
        parse(self.take(status, text, request_id)?)
    }
}
