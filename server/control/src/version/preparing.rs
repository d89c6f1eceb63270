//! The background work between upload and verdict: one version at a time, oldest first.
//!
//! The rows that are being prepared are the queue, so a server that starts goes on where the last one stopped.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::{
    Failure, Ids, Limits,
    id::VersionId,
    version::{Start, Step},
};
use store::{Preparation, Store};
use telemetry::Metrics;
use tokio::sync::{Notify, watch};

use crate::artifacts::{Artifacts, MakeError};

/// How far versions have come that are being prepared, for those who wait. In memory only.
#[derive(Default)]
pub(crate) struct Progress {
    versions: Mutex<HashMap<VersionId, Entry>>,
    wake: Notify,
}

struct Entry {
    step: watch::Sender<String>,
    /// How long the upload took, where this server took it in.
    received: Option<Step>,
}

impl Progress {
    /// The most versions that wait at one time.
    pub(super) const MOST: usize = 100;

    /// Notes that a version is about to be stored.
    pub(super) fn begin(&self, id: VersionId, received: Option<Duration>) {
        const FIRST: &str = "received";
        let received = received.map(|took| Step {
            name: FIRST.to_owned(),
            duration_us: u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        });
        self.lock().insert(id, Entry { step: watch::Sender::new(FIRST.to_owned()), received });
    }

    /// Has the background work look for versions.
    pub(super) fn wake(&self) {
        self.wake.notify_one();
    }

    /// Forgets a version, whose preparation has ended; those who wait for it go on.
    pub(super) fn end(&self, id: VersionId) {
        self.lock().remove(&id);
    }

    /// Whether no more versions should be taken in now.
    pub(super) fn is_full(&self) -> bool {
        self.lock().len() >= Self::MOST
    }

    /// The last step that is done of a version that is being prepared.
    pub(super) fn step(&self, id: VersionId) -> Option<String> {
        self.lock().get(&id).map(|entry| entry.step.borrow().clone())
    }

    /// Waits until a version is no longer being prepared, or `most` has passed.
    pub(super) async fn ended(&self, id: VersionId, most: Duration) {
        let Some(mut steps) = self.lock().get(&id).map(|entry| entry.step.subscribe()) else { return };
        let ended = async { while steps.changed().await.is_ok() {} };
        // Time that is up is no error: the caller looks at what is there.
        tokio::time::timeout(most, ended).await.ok();
    }

    fn reach(&self, id: VersionId, step: &str) {
        if let Some(entry) = self.lock().get(&id) {
            entry.step.send_replace(step.to_owned());
        }
    }

    fn received(&self, id: VersionId) -> Option<Step> {
        self.lock().get(&id).and_then(|entry| entry.received.clone())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<VersionId, Entry>> {
        self.versions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Prepares versions.
pub(crate) struct Preparer {
    pub(crate) store: Store,
    pub(crate) artifacts: Artifacts,
    pub(crate) progress: Arc<Progress>,
    pub(crate) metrics: Metrics,
    pub(crate) ids: Ids,
}

impl Preparer {
    /// How often a version is tried that fails through no fault of its component.
    const ATTEMPTS: u32 = 3;
    /// How long to wait before trying again.
    const PAUSE: Duration = Duration::from_secs(2);

    /// Takes up what an earlier server left; returns how many versions wait.
    pub(crate) async fn resume(&self) -> Result<usize, store::Error> {
        let waiting = self.store.read().await?.list_preparing_versions().await?;
        for version in &waiting {
            self.progress.begin(version.id, None);
        }
        Ok(waiting.len())
    }

    /// Prepares all versions that wait, and those that will. Never returns.
    pub(crate) async fn run(self) {
        loop {
            match self.next().await {
                Ok(Some(version)) => self.prepare(version).await,
                Ok(None) => self.progress.wake.notified().await,
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "the versions to prepare cannot be listed"
                    );
                    tokio::time::sleep(Self::PAUSE).await;
                }
            }
        }
    }

    async fn next(&self) -> Result<Option<store::Version>, store::Error> {
        let waiting = self.store.read().await?.list_preparing_versions().await?;
        Ok(waiting.into_iter().next())
    }

    #[tracing::instrument(name = "control.version.prepare", skip_all, fields(version.id = %version.id))]
    async fn prepare(&self, version: store::Version) {
        let ended = self.verdict(&version).await;
        let state = ended.state();
        let id = version.id;
        let stored: Result<bool, store::Error> = self
            .store
            .write(move |transaction| {
                Box::pin(async move {
                    match &ended {
                        Preparation::Ready(verdict) => transaction.update_version_ready(id, verdict).await,
                        Preparation::Failed(failure) => transaction.update_version_failed(id, failure).await,
                        Preparation::Preparing => Ok(false),
                    }
                })
            })
            .await;
        if let Err(error) = stored {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a version's end cannot be stored; it is prepared again"
            );
            return tokio::time::sleep(Self::PAUSE).await;
        }
        self.progress.end(id);
        let took_us = self.ids.now().as_us() - version.created_at_us.as_us();
        self.metrics.version_prepared(state, Duration::from_micros(took_us.try_into().unwrap_or(0)));
        tracing::info!(version.number = %version.number, state = state.as_str(), took_us, "version prepared");
    }

    /// What comes of a version's component.
    async fn verdict(&self, version: &store::Version) -> Preparation {
        for attempt in 1..=Self::ATTEMPTS {
            let on_step = |step: &str| self.progress.reach(version.id, step);
            match self.artifacts.make(&version.component, &on_step).await {
                Ok(mut verdict) => {
                    if let Some(failure) = too_large(&verdict.start, &version.configuration.limits) {
                        return Preparation::Failed(failure);
                    }
                    verdict.steps.splice(0..0, self.progress.received(version.id));
                    return Preparation::Ready(verdict);
                }
                Err(MakeError::Refused(failure)) => return Preparation::Failed(failure),
                Err(MakeError::Platform(error)) => {
                    tracing::error!(
                        error = &*error as &dyn std::error::Error,
                        attempt,
                        "a version could not be prepared"
                    );
                    tokio::time::sleep(Self::PAUSE).await;
                }
            }
        }
        Preparation::Failed(Failure {
            code: "worker-died".to_owned(),
            message: "the platform could not prepare the component; its log says why. Upload it again later".to_owned(),
            missing_imports: Vec::new(),
        })
    }
}

/// Says why no instance of a snapshot could be made within `limits`, if that is so.
fn too_large(start: &Start, limits: &Limits) -> Option<Failure> {
    let Start::Snapshot { memory_bytes, .. } = start else { return None };
    let needed_mib = memory_bytes.div_ceil(1 << 20);
    (needed_mib > u64::from(limits.memory_mib)).then(|| Failure {
        code: "init-out-of-memory".to_owned(),
        message: format!(
            "what the component's init left takes {needed_mib} MiB, and memory_mib is {}; raise it to {needed_mib} or \
             more, or let init prepare less",
            limits.memory_mib
        ),
        missing_imports: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_that_no_instance_could_hold_is_refused_with_the_figure_to_raise() {
        let start = Start::Snapshot { init_us: 1, memory_bytes: (2 << 20) + 1 };
        let limits = |memory_mib| Limits { memory_mib, ..Limits::default() };
        let failure = too_large(&start, &limits(2)).unwrap();
        assert!(failure.message.contains("raise it to 3"), "{}", failure.message);
        assert_eq!(too_large(&start, &limits(3)), None);
        assert_eq!(too_large(&Start::Plain, &limits(1)), None);
    }

    #[tokio::test]
    async fn those_who_wait_go_on_when_the_preparation_ends() {
        let progress = Arc::new(Progress::default());
        let id = VersionId::from_parts(1, [0; 10]);
        progress.begin(id, None);
        assert_eq!(progress.step(id).as_deref(), Some("received"));
        let waiting = tokio::spawn({
            let progress = Arc::clone(&progress);
            async move { progress.ended(id, Duration::from_secs(600)).await }
        });
        progress.reach(id, "checked");
        assert_eq!(progress.step(id).as_deref(), Some("checked"));
        progress.end(id);
        waiting.await.unwrap();
        assert_eq!(progress.step(id), None);
    }
}
