//! The console: a page in the browser that shows the platform and orders it about, over the REST API.
//!
//! [`api`] is the only module that speaks HTTP; [`pages`] has a module for each place that has an
//! address; [`components`] holds the parts that pages share. It knows no SQL and no runtime: all
//! it has of the server are the types of `wire`.

#![allow(unreachable_pub, reason = "the component macro makes `pub` of `pub(crate)`")]

mod account;
mod api;
mod app;
mod browser;
mod components;
mod format;
mod json;
mod keys;
mod order;
mod pages;
mod place;
mod remote;
mod saved;
mod toasts;
mod upload;

fn main() {
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(app::App);
}
