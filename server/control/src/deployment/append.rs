//! Appending a deployment: checks, the one transaction, and the new table, in this order.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    DeploymentSpec, FunctionName, Label, Message, ProjectName, QueueName, SecretName, Split, SplitKey, Trigger,
    VersionNumber, id::ProjectId,
};
use store::{Preparation, Reader, Transaction};

use super::{
    Deployment,
    handlers::Handlers,
    ready::Ready,
    routes::{Claim, Other},
};
use crate::{Addresses, Control, Error, function::no_function, schedule, secret, version::no_version};

/// What is to be appended.
#[derive(Clone)]
pub(super) struct Intent {
    pub(super) project: ProjectId,
    pub(super) project_name: ProjectName,
    pub(super) function: store::Function,
    pub(super) split: Split,
    pub(super) split_key: Option<SplitKey>,
    /// Absent: those of the live deployment, or the default ones.
    pub(super) triggers: Option<Vec<Trigger>>,
    pub(super) message: Message,
    pub(super) created_by: Label,
    pub(super) rolled_back_to: Option<u32>,
    /// Absent: the newest versions of the secrets that the versions declare.
    pub(super) secrets: Option<BTreeMap<SecretName, u32>>,
    pub(super) expected_live: Option<u32>,
}

impl Control {
    /// Appends a deployment and makes it live. Programs are loaded first, so that what goes live answers at once.
    pub(super) async fn append(&self, intent: Intent) -> Result<Deployment, Error> {
        if let Some(triggers) = &intent.triggers {
            intent.spec(triggers.clone(), BTreeMap::new()).check()?;
            schedule::check(triggers)?;
        } else if let Some(split_key) = &intent.split_key {
            split_key.check()?;
        }
        intent.check_versions(&mut self.0.store.read().await?).await?;
        let versions = intent.split.parts().iter().map(|part| part.version).collect();
        let loaded = self.0.routing.load(&intent.project_name, &intent.function.name, versions).await?;
        let control = self.clone();
        // A task of its own: once it is committed it must go live, also if the caller does not wait.
        let appending = tokio::spawn(async move {
            let appended = control.commit_and_publish(intent).await;
            drop(loaded);
            appended
        });
        appending.await.map_err(Error::internal("appending a deployment"))?
    }

    async fn commit_and_publish(&self, intent: Intent) -> Result<Deployment, Error> {
        let (project, function) = (intent.project_name.clone(), intent.function.clone());
        let new = (self.0.ids.next(), self.0.ids.now());
        let (addresses, queues) = (self.0.config.addresses.clone(), self.0.queues.clone());
        let most_at_once = self.0.config.project_concurrency;
        let publishing = self.0.routing.publishing().await;
        let committed: Result<store::LiveFunction, Error> = self
            .0
            .store
            .write(move |transaction| {
                Box::pin(async move {
                    let live = intent.commit(transaction, (&addresses, most_at_once), new).await?;
                    queues.ensure(transaction, live.project_id, queues_of(&live)).await?;
                    Ok(live)
                })
            })
            .await;
        let live = match committed {
            Ok(live) => live,
            Err(error) => {
                if matches!(error, Error::Unavailable { .. }) {
                    publishing.repair(&project, &function.name, function.id).await;
                }
                return Err(error);
            }
        };
        let deployment = live.deployment.clone();
        publishing.publish(live);
        drop(publishing);
        self.0.schedules.wake();
        self.0.metrics.deployed(deployment.rolled_back_to.is_some());
        tracing::info!(
            project.name = %project,
            function.name = %function.name,
            deployment.number = deployment.number,
            rolled_back_to = deployment.rolled_back_to,
            created_by = %deployment.created_by,
            "deployment is live",
        );
        Ok(deployment.into())
    }
}

impl Intent {
    fn spec(&self, triggers: Vec<Trigger>, secrets: BTreeMap<SecretName, u32>) -> DeploymentSpec {
        DeploymentSpec { split: self.split.clone(), split_key: self.split_key.clone(), triggers, secrets }
    }

    /// Checks that all versions are there and ready, and says what they handle.
    async fn check_versions(&self, reader: &mut Reader) -> Result<Handlers, Error> {
        let name = &self.function.name;
        let mut handlers = Handlers::default();
        for part in self.split.parts() {
            let number = part.version;
            let found = reader.find_version(self.function.id, number).await?;
            let why = match found.ok_or_else(|| no_version(name, number))?.preparation {
                Preparation::Ready(verdict) => {
                    handlers.add(number, verdict);
                    continue;
                }
                Preparation::Preparing => "is still being prepared; wait until it is ready",
                Preparation::Failed(_) => "failed; upload a component that passes",
            };
            return Err(Error::conflict("version-not-ready", format!("{number} of {name} {why}")));
        }
        Ok(handlers)
    }

    /// The secrets that the versions declare.
    async fn declared_secrets(&self, reader: &mut Reader) -> Result<Vec<(VersionNumber, SecretName)>, Error> {
        let mut declared = Vec::new();
        for part in self.split.parts() {
            let found = reader.find_version(self.function.id, part.version).await?;
            let secrets = found.map(|version| version.configuration.secrets).unwrap_or_default();
            declared.extend(secrets.into_iter().map(|name| (part.version, name)));
        }
        Ok(declared)
    }

    /// The part that is one transaction.
    async fn commit(
        self,
        transaction: &mut Transaction,
        (addresses, most_at_once): (&Addresses, u32),
        (id, now): (domain::id::DeploymentId, domain::Timestamp),
    ) -> Result<store::LiveFunction, Error> {
        let function = self.function.id;
        let gone = || no_function(&self.function.name);
        if !transaction.lock_project(self.project).await? {
            return Err(gone());
        }
        // A version that no deployment names may have been deleted since it was loaded.
        let handlers = self.check_versions(transaction).await?;
        let triggers = match &self.triggers {
            Some(triggers) => triggers.clone(),
            None => match transaction.find_live_deployment(function).await? {
                Some(live) => live.spec.triggers,
                None => handlers.default_triggers(&self.function.name)?,
            },
        };
        handlers.check(&self.function.name, &triggers)?;
        let declared = self.declared_secrets(transaction).await?;
        let secrets = secret::bind(transaction, self.project, &declared, self.secrets.clone()).await?;
        let claim = Claim { project: self.project, name: &self.project_name, triggers: &triggers };
        claim.check(addresses)?;
        // Hosts of their own are the only routes that functions of other projects could take, too.
        let mut others = if claim.has_own_hosts() {
            transaction.list_live_functions().await?
        } else {
            transaction.list_live_functions_of(self.project).await?
        };
        others.retain(|other| other.deployment.function_id != function);
        claim.place(&others.iter().map(Other::from).collect::<Vec<_>>())?;
        let elsewhere = others.iter().filter(|other| other.project_id == self.project);
        let elsewhere = elsewhere.map(|other| Ready::from(other).instances).sum();
        let deployment = store::NewDeployment {
            id,
            function_id: function,
            spec: self.spec(triggers, secrets),
            message: self.message.clone(),
            created_by: self.created_by.clone(),
            created_at_us: now,
            rolled_back_to: self.rolled_back_to,
            expected_live: self.expected_live,
        };
        if transaction.insert_deployment(&deployment).await?.is_none() {
            let there = transaction.find_function(self.project, &self.function.name).await?;
            return Err(there.map_or_else(gone, |there| replaced(&there)));
        }
        schedule::replace(transaction, &self.function, &deployment.spec.triggers, now).await?;
        let live = transaction.find_live_function(function).await?.ok_or_else(gone)?;
        // What was live once may be put back, whatever has become of the room since.
        if self.rolled_back_to.is_none() {
            let project = transaction.find_project(self.project).await?.ok_or_else(gone)?;
            let most = project.ceiling.project_concurrency(most_at_once);
            Ready::from(&live).check(elsewhere, most)?;
        }
        Ok(live)
    }
}

impl<'a> From<&'a store::LiveFunction> for Other<'a> {
    fn from(live: &'a store::LiveFunction) -> Self {
        let function: &FunctionName = &live.function;
        Self { project: live.project_id, function, triggers: &live.deployment.spec.triggers }
    }
}

/// The queues that a deployment needs: those of its triggers, and those for what its functions could not process.
fn queues_of(live: &store::LiveFunction) -> BTreeSet<QueueName> {
    let triggers = live.deployment.spec.triggers.iter().filter_map(Trigger::as_queue);
    let consumed = triggers.flat_map(|trigger| [Some(trigger.queue.clone()), trigger.dead_letters().ok()]);
    let letters = live.versions.iter().map(|version| version.configuration.dead_letter_queue.clone());
    consumed.chain(letters).flatten().collect()
}

fn replaced(function: &store::Function) -> Error {
    let detail = match function.live_deployment {
        Some(number) => format!("deployment {number} of {} is live now; look at it and try again", function.name),
        None => format!("{} has no deployment yet; expect 0", function.name),
    };
    Error::PreconditionFailed { detail }
}
