//! The version's variables. `std::env::var` gives the same, and keeps a copy of all of them.

mod bindings {
    wit_bindgen::generate!({ path: "../../wit/platform/deps/wasi-config-0.2.0-rc.1.wit", world: "imports" });
}

use bindings::wasi::config::store;

/// The variable `name`, if the version has it.
#[must_use]
pub fn get(name: &str) -> Option<String> {
    // The platform has them at hand, so reading one does not fail.
    store::get(name).ok().flatten()
}
