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
const STEPS: [(&str, &str); 4] =
    [("received", "Received"), ("checked", "Checked"), (SNAPSHOT, "Snapshot taken"), ("compiled", "Compiled")];
/// The step that only a component with an init has.
const SNAPSHOT: &str = "snapshotted";

/// All steps with where they stand and how long they took.
#[component]
pub(crate) fn UploadSteps(
    /// How far the upload is.
    #[prop(into)]
    stage: Signal<Stage>,
) -> impl IntoView {
    let rows = move || {
        let stage = stage.get();
        let shown = STEPS.iter().filter(|(name, _)| *name != SNAPSHOT || has_snapshot(&stage));
        let rows = shown.map(|(name, label)| row(label, standing(&stage, name)));
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

/// Whether the component that is at `stage` is known to have had a snapshot taken.
fn has_snapshot(stage: &Stage) -> bool {
    match stage {
        Stage::Preparing(version) | Stage::Ended(version) => {
            let steps = version.verdict.as_ref().map(|verdict| verdict.steps.as_slice()).unwrap_or_default();
            failed_at(version) == SNAPSHOT
                || version.step.as_deref() == Some(SNAPSHOT)
                || steps.iter().any(|step| step.name == SNAPSHOT)
        }
        Stage::Naming | Stage::Failed(_) | Stage::Sending { .. } => false,
    }
}

/// The step at which a version fails, if it does.
fn failed_at(version: &Version) -> &'static str {
    match &version.failure {
        Some(failure) if failure.code.starts_with("init-") => SNAPSHOT,
        _ => "checked",
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
    // What the server names is the last step that is done; the next one is under way. Whether there is a snapshot
    // to take is not known before it is taken, so until then compiling is what is under way.
    let last = version.step.as_deref().and_then(place).unwrap_or(0);
    let mine = place(name).unwrap_or(0);
    match version.state {
        VersionState::Ready => {
            let steps = version.verdict.as_ref().map(|verdict| verdict.steps.as_slice()).unwrap_or_default();
            Standing::Done(steps.iter().find(|step| step.name == name).map(|step| step.duration_us))
        }
        VersionState::Failed if name == failed_at(version) => Standing::Failed,
        VersionState::Failed if mine < place(failed_at(version)).unwrap_or(0) => Standing::Done(None),
        VersionState::Failed => Standing::Waiting,
        VersionState::Preparing if mine <= last => Standing::Done(None),
        VersionState::Preparing if mine == last + 1 || (name, last) == ("compiled", 1) => Standing::Running,
        VersionState::Preparing => Standing::Waiting,
    }
}
