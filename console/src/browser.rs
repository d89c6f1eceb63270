//! What the browser gives besides the page itself: the time, storage, the clipboard, random bytes.
//!
//! Everything here may be denied by the browser; then it does nothing or gives nothing.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::js_sys;

/// The present in microseconds since 1970-01-01 UTC.
pub(crate) fn now_us() -> i64 {
    (js_sys::Date::now() * 1_000.0) as i64
}

/// Reads what an earlier visit stored under `key`.
pub(crate) fn stored(key: &str) -> Option<String> {
    window().local_storage().ok().flatten()?.get_item(key).ok().flatten()
}

/// Stores `value` under `key` for later visits.
pub(crate) fn store(key: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(key, value);
    }
}

/// Puts `text` on the clipboard; says whether the browser allowed it.
pub(crate) async fn copy(text: &str) -> bool {
    // Outside of secure contexts there is no clipboard object, whatever the types say.
    let clipboard = js_sys::Reflect::get(window().navigator().as_ref(), &"clipboard".into()).ok();
    let Some(clipboard) = clipboard.and_then(|found| found.dyn_into::<web_sys::Clipboard>().ok()) else {
        return false;
    };
    JsFuture::from(clipboard.write_text(text)).await.is_ok()
}

/// A key that no other request has: 32 random hexadecimal digits.
pub(crate) fn random_key() -> String {
    let mut bytes = [0_u8; 16];
    if let Ok(crypto) = window().crypto() {
        let _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    hex(&bytes)
}

/// The SHA-256 of a file; nothing where the browser does not offer it (outside of secure contexts).
pub(crate) async fn sha256(file: &web_sys::File) -> Option<String> {
    let subtle = js_sys::Reflect::get(window().crypto().ok()?.as_ref(), &"subtle".into()).ok()?;
    let subtle = subtle.dyn_into::<web_sys::SubtleCrypto>().ok()?;
    let content = JsFuture::from(file.array_buffer()).await.ok()?;
    let digest = subtle.digest_with_str_and_buffer_source("SHA-256", content.unchecked_ref()).ok()?;
    let digest = JsFuture::from(digest).await.ok()?;
    Some(hex(&js_sys::Uint8Array::new(&digest).to_vec()))
}

/// Waits.
pub(crate) async fn pause(time: Duration) {
    gloo_timers::future::sleep(time).await;
}

/// Whether the page is in front.
pub(crate) fn is_visible() -> bool {
    document().visibility_state() == web_sys::VisibilityState::Visible
}

/// Where the console itself came from, such as `http://127.0.0.1:7070`.
pub(crate) fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

/// Whether the keyboard has a command key, as Apple's do.
pub(crate) fn has_command_key() -> bool {
    window().navigator().platform().is_ok_and(|name| name.starts_with("Mac") || name.starts_with("iP"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
