//! The way of a component from the disk to a version, step by step.

use leptos::prelude::*;
use wire::{Version, VersionState};

use super::icon::{Glyph, Icon};
use crate::{format, upload::Stage};

/// Where one step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Waiting,
    Running,
    Done(Option<u64>),
    Failed,
}

/// The server's steps in their order: the name in the API and the words for people.
const STEPS: [(&str, &str); 3] = [("received", "Received"), ("checked", "Checked"), ("compiled", "Compiled")];

/// All steps with where they stand and how long they took.
#[component]
pub(crate) fn UploadSteps(
    /// How far the upload is.
    #[prop(into)]
    stage: Signal<Stage>,
) -> impl IntoView {
    let rows = move || {
        let stage = stage.get();
        let rows = STEPS.iter().map(|(name, label)| row(label, standing(&stage, name)));
        rows.collect_view()
    };
    view! { <ol class="steps" aria-live="polite">{rows}</ol> }
}

fn row(label: &'static str, standing: Standing) -> impl IntoView {
    let (class, icon, note) = match standing {
        Standing::Waiting => ("waits", None, "waits".to_owned()),
        Standing::Running => ("runs", Some(Glyph::Wait), "under way".to_owned()),
        Standing::Done(time) => ("done", Some(Glyph::Check), time.map(format::duration).unwrap_or_default()),
        Standing::Failed => ("failed", Some(Glyph::Warning), "refused".to_owned()),
    };
    view! {
        <li class=class>
            <span class="step-sign">{icon.map(|glyph| view! { <Icon glyph /> })}</span>
            <span>{label}</span>
            <span class="muted number">{note}</span>
        </li>
    }
}

/// Where the step `name` stands when the upload is at `stage`.
fn standing(stage: &Stage, name: &str) -> Standing {
    match stage {
        Stage::Naming | Stage::Failed(_) => Standing::Waiting,
        Stage::Sending { .. } if name == "received" => Standing::Running,
        Stage::Sending { .. } => Standing::Waiting,
        Stage::Preparing(version) | Stage::Ended(version) => prepared(version, name),
    }
}

fn prepared(version: &Version, name: &str) -> Standing {
    let place = |name: &str| STEPS.iter().position(|(step, _)| *step == name);
    // What the server names is the last step that is done; the next one is under way.
    let last = version.step.as_deref().and_then(place).unwrap_or(0);
    let mine = place(name).unwrap_or(0);
    match version.state {
        VersionState::Ready => {
            let steps = version.verdict.as_ref().map(|verdict| verdict.steps.as_slice()).unwrap_or_default();
            Standing::Done(steps.iter().find(|step| step.name == name).map(|step| step.duration_us))
        }
        VersionState::Failed if name == "received" => Standing::Done(None),
        VersionState::Failed if name == "checked" => Standing::Failed,
        VersionState::Failed => Standing::Waiting,
        VersionState::Preparing if mine <= last => Standing::Done(None),
        VersionState::Preparing if mine == last + 1 => Standing::Running,
        VersionState::Preparing => Standing::Waiting,
    }
}
