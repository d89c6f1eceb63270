//! The pages: one module for each place that has an address.

pub(crate) mod access;
pub(crate) mod connections;
pub(crate) mod door;
pub(crate) mod function;
pub(crate) mod functions;
pub(crate) mod functions_empty;
pub(crate) mod here;
pub(crate) mod home;
pub(crate) mod join;
pub(crate) mod not_found;
pub(crate) mod queues;
pub(crate) mod schedules;
pub(crate) mod secrets;
pub(crate) mod set_up;
pub(crate) mod settings;
pub(crate) mod sign_in;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// One parameter of the address, such as `project`; empty where there is none.
pub(crate) fn parameter(name: &'static str) -> Memo<String> {
    let parameters = use_params_map();
    Memo::new(move |_| parameters.with(|map| map.get(name).unwrap_or_default()))
}
