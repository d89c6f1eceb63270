//! Taking a component in.

use std::{io, time::Instant};

use bytes::Bytes;
use domain::{
    Action, Ceiling, Configuration, Digest, FunctionName, Invalid, Message, ProjectName, VersionNumber, version::Source,
};
use futures::Stream;
use store::{Preparation, StoredBlob, Transaction};

use super::Version;
use crate::{Access, Caller, Control, Error, artifacts::COMPONENTS, deployment::written, function::no_function};

/// What comes with an upload besides the component.
#[derive(Clone, Debug, Default)]
pub struct NewVersion {
    /// Why it is made; empty where absent.
    pub message: Option<Message>,
    /// What it runs with; that of the function's newest version where absent, else the defaults.
    pub configuration: Option<Configuration>,
    /// The digest that the component must have.
    pub expected: Option<Digest>,
    /// How many bytes the caller says will come, so that too many are refused before the first.
    pub announced_bytes: Option<u64>,
    /// Where it comes from.
    pub source: Source,
    /// Whether to create the function if there is none.
    pub create_function: bool,
}

/// What is stored once the component has come.
pub(super) struct Arrival {
    /// The function, where it is to be created.
    pub(super) function: Option<store::Function>,
    pub(super) component: store::Component,
    pub(super) version: store::NewVersion,
}

impl Control {
    /// Takes a component in and starts to prepare it; answers as soon as it is stored.
    ///
    /// Not cancel safe in the sense that bytes already taken from `component` are lost; nothing is kept
    /// of an upload that does not end well.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Invalid`] for the configuration or an empty
    /// component, [`Error::TooLarge`], [`Error::Truncated`] if the stream fails, [`Error::DigestMismatch`],
    /// [`Error::Unavailable`] if too many versions wait to be prepared.
    pub async fn create_version(
        &self,
        caller: &Caller,
        project: &ProjectName,
        function: &FunctionName,
        new: NewVersion,
        component: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> Result<Version, Error> {
        let access = caller.require(project, Action::VersionCreate)?;
        if let Some(configuration) = &new.configuration {
            configuration.check()?;
        }
        let (message, source) = (written(new.message.clone())?, new.source);
        let (function, create) = self.function_to_extend(access, function, new.create_function).await?;
        let configuration = match &new.configuration {
            Some(configuration) => configuration.clone(),
            None => self.newest_configuration(&function, &access.ceiling).await?,
        };
        below(&access.ceiling, &configuration)?;
        let began = Instant::now();
        let stored = self.receive(&new, component).await?;
        let received = began.elapsed();
        let now = self.0.ids.now();
        let arrival = Arrival {
            component: store::Component { sha256: stored.digest, bytes: stored.bytes, created_at_us: now },
            version: store::NewVersion {
                id: self.0.ids.next(),
                function_id: function.id,
                component: stored.digest,
                configuration,
                message,
                source,
                created_by: caller.name().clone(),
                created_at_us: now,
            },
            function: create.then_some(function),
        };
        self.0.progress.begin(arrival.version.id, Some(received));
        let control = self.clone();
        // A task of its own: once the row is there it must be prepared, also if the caller does not wait.
        let storing = tokio::spawn(async move { control.store_arrival(arrival).await });
        storing.await.map_err(Error::internal("storing a version"))?
    }

    /// The function that gets a version, and whether it is yet to be stored.
    async fn function_to_extend(
        &self,
        access: &Access,
        name: &FunctionName,
        create: bool,
    ) -> Result<(store::Function, bool), Error> {
        match self.0.store.read().await?.find_function(access.project, name).await? {
            Some(function) => Ok((function, false)),
            None if !create => Err(no_function(name)),
            None if !access.actions.contains(&Action::FunctionCreate) => {
                Err(Error::Forbidden { action: Action::FunctionCreate })
            }
            None => Ok((self.new_function(access.project, name.clone(), written(None)?), true)),
        }
    }

    /// Stores the component, checked while it comes.
    async fn receive(
        &self,
        new: &NewVersion,
        component: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> Result<StoredBlob, Error> {
        let max_bytes = self.0.config.upload_max_bytes;
        if new.announced_bytes.is_some_and(|bytes| bytes > max_bytes) {
            return Err(Error::TooLarge { max_bytes });
        }
        if self.0.progress.is_full() {
            return Err(Error::Unavailable { what: "room for more versions to prepare", source: None });
        }
        let stored = self.0.blobs.put_stream(COMPONENTS, component, max_bytes, new.expected.as_ref()).await;
        let stored = stored.map_err(|error| match (error, new.expected) {
            (store::Error::DigestMismatch { found }, Some(expected)) => Error::DigestMismatch { expected, found },
            (other, _) => other.into(),
        })?;
        if stored.bytes == 0 {
            self.0.blobs.delete(&format!("{COMPONENTS}/{}", stored.digest)).await?;
            return Err(Error::invalid("component", "is empty; send the bytes of a WebAssembly component"));
        }
        Ok(stored)
    }

    /// What a new version runs with where its caller does not say.
    async fn newest_configuration(
        &self,
        function: &store::Function,
        ceiling: &Ceiling,
    ) -> Result<Configuration, Error> {
        let newest = self.0.store.read().await?.find_latest_version(function.id).await?;
        let first = || Configuration { limits: ceiling.defaults(), ..Configuration::default() };
        Ok(newest.map_or_else(first, |version| version.configuration))
    }

    pub(super) async fn store_arrival(&self, arrival: Arrival) -> Result<Version, Error> {
        let (version, component) = (arrival.version.clone(), arrival.component);
        let stored = self.0.store.write(move |transaction| Box::pin(arrival.insert(transaction))).await;
        let number: VersionNumber = match stored {
            Ok(number) => number,
            Err(error) => {
                self.0.progress.end(version.id);
                return Err(error);
            }
        };
        self.0.progress.wake();
        let made = store::Version {
            id: version.id,
            function_id: version.function_id,
            number,
            component: version.component,
            component_bytes: component.bytes,
            configuration: version.configuration,
            preparation: Preparation::Preparing,
            message: version.message,
            source: version.source,
            created_by: version.created_by,
            created_at_us: version.created_at_us,
        };
        Ok(self.version(made, None))
    }
}

/// Checks that what a version is to run with stays below its project's ceiling.
pub(super) fn below(ceiling: &Ceiling, configuration: &Configuration) -> Result<(), Error> {
    let over = |over: Vec<Invalid>| over.into_iter().map(|invalid| invalid.within("limits")).collect();
    ceiling.admit(&configuration.limits).map_err(|invalid| Error::Invalid(over(invalid)))
}

impl Arrival {
    /// The part that is one transaction.
    async fn insert(mut self, transaction: &mut Transaction) -> Result<VersionNumber, Error> {
        if let Some(function) = &self.function {
            match transaction.insert_function(function).await {
                // Someone else was faster, which is as good.
                Err(store::Error::Duplicate) => {
                    let there = transaction.find_function(function.project_id, &function.name).await?;
                    self.version.function_id = there.ok_or_else(|| no_function(&function.name))?.id;
                }
                other => other?,
            }
        }
        transaction.insert_component(&self.component).await?;
        let number = transaction.insert_version(&self.version).await?;
        number.ok_or_else(|| Error::not_found("such function any more"))
    }
}
