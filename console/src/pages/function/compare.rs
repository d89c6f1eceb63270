//! Two versions side by side: interface, capabilities, size, configuration.

use std::collections::BTreeSet;

use leptos::prelude::*;
use wire::{Change, DeploymentChanges, Version};

use super::Here;
use crate::{api::Api, components::changes::ChangesView, format, pages::parameter, remote::Remote};

/// The page.
#[component]
pub(crate) fn ComparePage() -> impl IntoView {
    let api = Api::here();
    let here = Here::get();
    let (one, other) = (parameter("version"), parameter("other"));
    let pair = Remote::new(
        move || (here.project.get(), here.name.get(), number(&one.get()), number(&other.get())),
        move |(project, name, one, other)| async move {
            let one = api.find_version(&project, &name, one).await?;
            let other = api.find_version(&project, &name, other).await?;
            Ok((one, other))
        },
    );
    view! {
        <h2>"v" {one} " and v" {other} ", side by side"</h2>
        {pair.view("versions", |(one, other)| {
            let title = (format!("v{}", one.number), format!("v{}", other.number));
            let changes = DeploymentChanges { from: one.number, to: other.number, changes: differences(&one, &other) };
            view! { <section class="panel"><ChangesView changes title /></section> }
        })}
    }
}

fn number(text: &str) -> u32 {
    text.trim_start_matches('v').parse().unwrap_or(0)
}

/// All that can differ between two versions, field by field.
fn differences(one: &Version, other: &Version) -> Vec<Change> {
    let fact = |field: &str, of: &dyn Fn(&Version) -> String| {
        let (now, after) = (of(one), of(other));
        Change { field: field.to_owned(), changed: now != after, now, after }
    };
    let verdict = |of: fn(&wire::Verdict) -> String| {
        move |version: &Version| version.verdict.as_ref().map(of).unwrap_or_default()
    };
    let mut all = vec![
        fact("component", &|version| format::short_digest(&version.component_sha256)),
        fact("component size", &|version| format::bytes(version.component_bytes)),
        fact("compiled size", &verdict(|verdict| format::bytes(verdict.artifact_bytes))),
        fact("start", &verdict(|verdict| verdict.start.as_str().to_owned())),
        fact("imports", &verdict(|verdict| verdict.imports.join("\n"))),
        fact("exports", &verdict(|verdict| verdict.exports.join("\n"))),
        fact(
            "capabilities",
            &verdict(|verdict| verdict.capabilities.iter().map(|one| one.in_words()).collect::<Vec<_>>().join("\n")),
        ),
        fact("outgoing hosts", &|version| {
            let hosts = &version.configuration.allowed_outbound_hosts;
            hosts.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        }),
    ];
    all.push(fact("instances kept ready", &|version| version.configuration.provisioned.to_string()));
    all.push(fact("instances serve again", &|version| {
        version.configuration.reuse.map_or_else(|| "no".to_owned(), |reuse| reuse.in_words())
    }));
    let mut names: BTreeSet<&String> = BTreeSet::new();
    names.extend(one.configuration.variables.keys().chain(other.configuration.variables.keys()));
    for (limit, _) in one.configuration.limits.values() {
        let value = |version: &Version| {
            let figure = version.configuration.limits.values().find(|(known, _)| known.name == limit.name);
            figure.map(|(limit, value)| format::figure(limit.unit, value)).unwrap_or_default()
        };
        all.push(fact(&format!("limits.{}", limit.name), &value));
    }
    for name in names {
        let value = |version: &Version| version.configuration.variables.get(name).cloned().unwrap_or_default();
        all.push(fact(&format!("variables.{name}"), &value));
    }
    all
}
