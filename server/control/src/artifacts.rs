//! Artifacts: made from components, sealed, kept beside them, and loaded.
//!
//! An artifact is native code, so it is loaded only with the MAC that this installation gave it under its name.
//! One that is missing, damaged, or made by another build is a cache miss: it is made again from its component.

mod key;

use std::{path::PathBuf, sync::Arc, time::Instant};

use domain::{
    Digest, Verdict,
    version::{Step, Wasi},
};
use runtime::{
    Function, LoadError, MacKey, Program, Runtime,
    artifact::{Compiler, PrepareError},
};
use store::Blobs;
use tokio::sync::Mutex;

use crate::Error;

/// Makes and loads artifacts. A cheap handle.
#[derive(Clone)]
pub(crate) struct Artifacts(Arc<Inner>);

struct Inner {
    runtime: Runtime,
    compiler: Compiler,
    blobs: Blobs,
    key: MacKey,
    /// Held while a missing artifact is made again, so that all who need it wait for one making.
    remaking: Mutex<()>,
}

/// Why a component gave no artifact.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MakeError {
    /// The component is at fault.
    #[error("the component was refused: {}", .0.message)]
    Refused(domain::Failure),
    /// The platform is; trying again may help.
    #[error("the artifact could not be made")]
    Platform(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Where a component is in the blob store: the folder, and below it its digest.
pub(crate) const COMPONENTS: &str = "components";

impl Artifacts {
    /// Reads the key in `data_dir`, or makes it.
    pub(crate) async fn open(
        runtime: Runtime,
        compiler: Compiler,
        blobs: Blobs,
        data_dir: PathBuf,
        ids: &domain::Ids,
    ) -> Result<Self, Error> {
        let key = key::open(data_dir, ids.random()).await?;
        Ok(Self(Arc::new(Inner { runtime, compiler, blobs, key, remaking: Mutex::default() })))
    }

    /// Replaces the pools after a busy time, as [`Runtime::shrink`] says.
    pub(crate) async fn shrink(&self) -> Result<bool, Error> {
        let runtime = self.0.runtime.clone();
        let shrinking = tokio::task::spawn_blocking(move || runtime.shrink());
        shrinking.await.map_err(Error::internal("shrinking"))?.map_err(Error::internal("reserving new pools"))
    }

    /// Whether `function` is on the pools of now.
    pub(crate) fn is_current(&self, function: &Function) -> bool {
        self.0.runtime.is_current(function)
    }

    /// Checks and compiles a stored component and keeps the artifact. `on_step` hears the name of each step that is done.
    pub(crate) async fn make(
        &self,
        component: &Digest,
        on_step: &(dyn Fn(&str) + Send + Sync),
    ) -> Result<Verdict, MakeError> {
        let Inner { runtime, compiler, blobs, key, .. } = &*self.0;
        if let Some(verdict) = self.recognise(component).await {
            return Ok(verdict);
        }
        let source = blobs.local_path(&format!("{COMPONENTS}/{component}")).await?;
        let source =
            source.ok_or_else(|| MakeError::Platform("the component is missing from the blob store".into()))?;
        let fresh = blobs.scratch();
        let name = name(runtime, component);
        let prepared = match compiler.prepare(&source, &fresh, &key.named(&name), on_step).await {
            Ok(prepared) => prepared,
            Err(PrepareError::Refused(failure)) => return Err(MakeError::Refused(failure)),
            Err(error @ PrepareError::Io(_)) => return Err(MakeError::Platform(error.into())),
        };
        let stored = blobs.put_file(&name, &fresh).await;
        if let Err(error) = tokio::fs::remove_file(&fresh).await {
            tracing::warn!(error = &error as &dyn std::error::Error, path = %fresh.display(), "a scratch file stays until the next start");
        }
        stored?;
        blobs.put(&seal_name(&name), hex::encode(prepared.mac).as_bytes()).await?;
        self.remember(&name, &prepared.verdict).await?;
        Ok(prepared.verdict)
    }

    /// Keeps what was found in a component beside its artifact, for when the same component comes again.
    async fn remember(&self, artifact: &str, verdict: &Verdict) -> Result<(), MakeError> {
        let name = verdict_name(artifact);
        let text = serde_json::to_vec(verdict).map_err(|error| MakeError::Platform(error.into()))?;
        Ok(self.0.blobs.put(&name, &self.0.key.named(&name).wrap(&text)).await?)
    }

    /// What was found in a component by this build, if its artifact is there still: then nothing is left to do. Whatever
    /// goes wrong with either, both are made again.
    async fn recognise(&self, component: &Digest) -> Option<Verdict> {
        let begun = Instant::now();
        let name = verdict_name(&name(&self.0.runtime, component));
        let kept = self.0.blobs.get(&name).await.ok()??;
        let text = self.0.key.named(&name).unwrapped(&kept)?;
        let mut verdict: Verdict =
            serde_json::from_slice(text).ok().filter(|verdict| self.0.compiler.agrees(verdict))?;
        self.open_artifact(component, verdict.wasi).await.ok()??;
        let duration_us = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        verdict.steps = vec![Step { name: "recognised".to_owned(), duration_us }];
        Some(verdict)
    }

    /// Loads the program of a component, whose artifact is made again if need be.
    ///
    /// What it takes goes on if this future is dropped: the next one finds the artifact.
    pub(crate) async fn load(&self, component: Digest, wasi: Wasi) -> Result<Program, Error> {
        if let Some(program) = self.open_artifact(&component, wasi).await? {
            return Ok(program);
        }
        let artifacts = self.clone();
        let remade = tokio::spawn(async move { artifacts.remake(component, wasi).await });
        remade.await.map_err(Error::internal("making an artifact again"))?
    }

    async fn remake(&self, component: Digest, wasi: Wasi) -> Result<Program, Error> {
        let _turn = self.0.remaking.lock().await;
        // Another one may have made it while this one waited.
        if let Some(program) = self.open_artifact(&component, wasi).await? {
            return Ok(program);
        }
        tracing::warn!(%component, "an artifact is made again from its component");
        self.make(&component, &|_| {}).await.map_err(Error::internal("making an artifact again"))?;
        let made = self.open_artifact(&component, wasi).await?;
        made.ok_or_else(|| Error::internal("loading a new artifact")("it cannot be loaded by the build that made it"))
    }

    /// Loads what is there; `None` if that is nothing, or nothing to trust.
    async fn open_artifact(&self, component: &Digest, wasi: Wasi) -> Result<Option<Program>, Error> {
        let name = name(&self.0.runtime, component);
        let Some(mac) = self.0.blobs.get(&seal_name(&name)).await? else { return Ok(None) };
        let mut seal = [0; 32];
        if hex::decode_to_slice(&mac, &mut seal).is_err() {
            return Ok(None);
        }
        let Some(path) = self.0.blobs.local_path(&name).await? else { return Ok(None) };
        let (runtime, key) = (self.0.runtime.clone(), self.0.key.named(&name));
        let loading = tokio::task::spawn_blocking(move || runtime.load(&path, &seal, &key, wasi));
        match loading.await.map_err(Error::internal("loading an artifact"))? {
            Ok(program) => Ok(Some(program)),
            Err(error @ (LoadError::Tampered | LoadError::Incompatible(_))) => {
                tracing::warn!(error = &error as &dyn std::error::Error, %component, "an artifact cannot be used");
                // A local copy of a bucket's artifact may be the damaged one: it goes, too.
                self.0.blobs.delete(&name).await?;
                Ok(None)
            }
            Err(LoadError::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error @ LoadError::Io(_)) => Err(Error::internal("loading an artifact")(error)),
        }
    }
}

fn name(runtime: &Runtime, component: &Digest) -> String {
    format!("artifacts/{}", runtime.artifact_key(component))
}

/// Where the verdict on an artifact's component is kept.
fn verdict_name(artifact: &str) -> String {
    format!("{artifact}.verdict")
}

/// Where the MAC of an artifact is kept.
fn seal_name(artifact: &str) -> String {
    format!("{artifact}.mac")
}

impl From<store::Error> for MakeError {
    fn from(error: store::Error) -> Self {
        Self::Platform(error.into())
    }
}
