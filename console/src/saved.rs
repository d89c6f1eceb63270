//! Test requests that the browser keeps between visits, for each function its own.

use serde::{Deserialize, Serialize};
use wire::Invoke;

use crate::{browser, json};

/// The most requests that are kept for one function.
const MOST: usize = 20;

/// A request with the name under which it was kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Saved {
    /// Its name, unique for its function.
    pub(crate) name: String,
    /// What it sends.
    pub(crate) request: Invoke,
}

fn key(project: &str, function: &str) -> String {
    format!("dormouse.requests.{project}.{function}")
}

/// The requests kept for a function, the newest first.
pub(crate) fn list(project: &str, function: &str) -> Vec<Saved> {
    browser::stored(&key(project, function)).and_then(|text| json::read(&text)).unwrap_or_default()
}

/// Keeps a request, in the place of an earlier one of the same name; drops the oldest beyond 20.
pub(crate) fn keep(project: &str, function: &str, saved: Saved) -> Vec<Saved> {
    let mut all = list(project, function);
    all.retain(|other| other.name != saved.name);
    all.insert(0, saved);
    all.truncate(MOST);
    write(project, function, all)
}

/// Drops the request of that name.
pub(crate) fn drop(project: &str, function: &str, name: &str) -> Vec<Saved> {
    let mut all = list(project, function);
    all.retain(|other| other.name != name);
    write(project, function, all)
}

fn write(project: &str, function: &str, all: Vec<Saved>) -> Vec<Saved> {
    if let Ok(text) = serde_json::to_string(&all) {
        browser::store(&key(project, function), &text);
    }
    all
}
