//! What deploying a manifest would change: each function as it is to be beside what the platform has.

mod difference;
mod print;
mod queues;
mod secrets;

use std::path::PathBuf;

use domain::{Ceiling, FunctionName, Trigger, VersionNumber, VersionState, manifest::FunctionManifest};
use serde::Serialize;

pub(crate) use self::{
    difference::Difference,
    print::print,
    queues::{QueuePlan, apply as apply_queues},
};
use crate::{
    error::Error,
    manifest::ManifestFile,
    scope::{FunctionScope, Scope},
    upload::Component,
};

/// How many of a function's newest versions are looked through for one that is what the manifest asks for.
const VERSIONS_LOOKED_AT: u32 = 50;

/// What deploying would do.
#[derive(Serialize)]
pub(crate) struct Plan {
    /// The project.
    pub(crate) project: String,
    /// The queues by name.
    pub(crate) queues: Vec<QueuePlan>,
    /// The functions by name.
    pub(crate) functions: Vec<FunctionPlan>,
}

/// What deploying would do to one function.
#[derive(Serialize)]
pub(crate) struct FunctionPlan {
    /// The function.
    pub(crate) function: FunctionName,
    /// Whether it is yet to be created.
    pub(crate) create: bool,
    /// Where its version comes from.
    pub(crate) version: VersionPlan,
    /// The component's size in bytes.
    pub(crate) component_bytes: u64,
    /// The configuration's fields that differ from those that run, or from the defaults.
    pub(crate) configuration: Vec<Difference>,
    /// The secrets of which the live deployment reads an earlier version.
    pub(crate) secrets: Vec<Difference>,
    /// The triggers that are not there yet, in words.
    pub(crate) triggers_added: Vec<String>,
    /// The triggers that are no more, in words.
    pub(crate) triggers_removed: Vec<String>,
    /// Whether traffic moves at all.
    pub(crate) deploy: bool,
    /// What the function is for, where that changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    /// The version that all traffic goes to now.
    #[serde(skip)]
    pub(crate) live: Option<wire::Deployment>,
    #[serde(skip)]
    pub(crate) path: PathBuf,
    #[serde(skip)]
    pub(crate) wanted: wire::Configuration,
    #[serde(skip)]
    pub(crate) triggers: Vec<Trigger>,
}

/// Where a version comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "from", rename_all = "lowercase")]
pub(crate) enum VersionPlan {
    /// The component is uploaded.
    Upload,
    /// The component of that version runs with another configuration, and nothing is uploaded.
    Reconfigure {
        /// The version's number.
        version: u32,
    },
    /// That version is what the manifest asks for.
    Keep {
        /// The version's number.
        version: u32,
    },
}

impl FunctionPlan {
    /// Whether anything is to be done.
    pub(crate) fn changes(&self) -> bool {
        self.create || self.deploy || self.description.is_some()
    }
}

impl Plan {
    /// Compares `file` with what the platform has; only the function `only`, and no queue, where one is named.
    ///
    /// # Errors
    ///
    /// Those of the platform, and [`Error::File`] for a component that is not there.
    pub(crate) async fn make(
        file: &ManifestFile,
        scope: &Scope<'_>,
        only: Option<&FunctionName>,
    ) -> Result<Self, Error> {
        let project = scope.project_or(file.manifest.project.as_ref()).await?;
        let about: wire::Project = scope.client().get(&format!("/projects/{project}")).await?;
        let planned = file.functions(only)?;
        let reads_secrets =
            planned.iter().any(|(_, manifest)| !manifest.configuration(&about.ceiling).secrets.is_empty());
        let secrets = if reads_secrets { secrets::list(scope.client(), &project).await? } else { Vec::new() };
        let mut functions = Vec::new();
        for (name, manifest) in planned {
            let scope = FunctionScope { client: scope.client(), project: project.clone(), function: name.to_string() };
            let path = file.folder().join(&manifest.component);
            functions.push(FunctionPlan::make(name.clone(), manifest, path, &scope, (&about.ceiling, &secrets)).await?);
        }
        let queues = match only {
            None => queues::make(&file.manifest.queues, scope.client(), &project).await?,
            Some(_) => Vec::new(),
        };
        Ok(Self { project, queues, functions })
    }

    /// Whether anything is to be done.
    pub(crate) fn changes(&self) -> bool {
        self.functions.iter().any(FunctionPlan::changes) || self.queues.iter().any(QueuePlan::changes)
    }
}

impl FunctionPlan {
    async fn make(
        function: FunctionName,
        manifest: &FunctionManifest,
        path: PathBuf,
        scope: &FunctionScope<'_>,
        (ceiling, secrets): (&Ceiling, &[wire::Secret]),
    ) -> Result<Self, Error> {
        let component = Component::read(&path).await.map_err(|error| unbuilt(error, manifest))?;
        let existing = scope.find().await?;
        let versions = match &existing {
            Some(_) => {
                let path = scope.path(&format!("/versions?limit={VERSIONS_LOOKED_AT}"));
                scope.client.get::<wire::Page<wire::Version>>(&path).await?.items
            }
            None => Vec::new(),
        };
        let wanted = manifest.configuration(ceiling);
        let digest = component.sha256().to_string();
        let same = |version: &&wire::Version| version.component_sha256 == digest;
        let usable = |version: &&wire::Version| version.state != VersionState::Failed;
        let kept = versions.iter().filter(same).filter(usable).find(|version| version.configuration == wanted);
        let version = match (kept, versions.iter().filter(same).find(usable)) {
            (Some(kept), _) => VersionPlan::Keep { version: kept.number },
            (None, Some(same)) => VersionPlan::Reconfigure { version: same.number },
            (None, None) => VersionPlan::Upload,
        };
        let live = existing.as_ref().and_then(|function| function.live.clone());
        let running = live.as_ref().and_then(|live| live.versions.last()).map(|part| part.version);
        let running = versions.iter().find(|version| Some(VersionNumber(version.number)) == running);
        let configuration = difference::between(running.map(|version| &version.configuration), &wanted);
        let told = |triggers: &[Trigger]| triggers.iter().map(Trigger::in_words).collect::<Vec<_>>();
        let (now, after) =
            (live.as_ref().map(|live| told(&live.triggers)).unwrap_or_default(), told(&manifest.triggers));
        let without = |these: &[String], those: &[String]| -> Vec<String> {
            these.iter().filter(|one| !those.contains(one)).cloned().collect()
        };
        let (triggers_added, triggers_removed) = (without(&after, &now), without(&now, &after));
        let as_wanted = match (version, live.as_ref().map(|live| live.versions.as_slice())) {
            (VersionPlan::Keep { version }, Some([only])) => only.version.0 == version,
            _ => false,
        };
        let secrets = secrets::newer(secrets, live.as_ref(), &wanted);
        let deploy = !as_wanted || !triggers_added.is_empty() || !triggers_removed.is_empty() || !secrets.is_empty();
        let said = manifest.description.as_ref().map(|text| text.as_str().to_owned());
        let is = existing.as_ref().map(|function| function.description.clone()).unwrap_or_default();
        Ok(Self {
            function,
            create: existing.is_none(),
            version,
            component_bytes: component.bytes(),
            configuration,
            secrets,
            triggers_added,
            triggers_removed,
            deploy,
            description: said.filter(|said| *said != is),
            live,
            path,
            wanted,
            triggers: manifest.triggers.clone(),
        })
    }
}

/// Says how to make a component that is not there.
fn unbuilt(error: Error, manifest: &FunctionManifest) -> Error {
    match error {
        Error::File { path, source } if source.kind() == std::io::ErrorKind::NotFound => {
            let way_out = match manifest.build {
                Some(_) => "make it with `dormouse build`, or deploy with --build",
                None => "make it first, or correct the manifest's component",
            };
            Error::Failed(format!("there is no {path}; {way_out}"))
        }
        other => other,
    }
}
