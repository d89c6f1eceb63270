//! Making a version of a component that is there already.

use domain::{Action, Configuration, FunctionName, Message, ProjectName, VersionNumber, version::Source};

use super::{
    Version, no_version,
    upload::{Arrival, below},
};
use crate::{Caller, Control, Error};

/// A version that differs from another one in what it runs with.
#[derive(Clone, Debug)]
pub struct Reconfiguration {
    /// The version whose component it has.
    pub version: VersionNumber,
    /// What it runs with.
    pub configuration: Configuration,
    /// Why it is made.
    pub message: Message,
    /// Where it comes from.
    pub source: Source,
}

impl Control {
    /// Makes a version of a component that the function has already, and starts to prepare it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Invalid`] for the configuration, [`Error::Conflict`]
    /// `version-not-ready` if the component was refused, [`Error::Unavailable`] if too many versions wait to be
    /// prepared.
    pub async fn reconfigure_version(
        &self,
        caller: &Caller,
        project: &ProjectName,
        function: &FunctionName,
        new: Reconfiguration,
    ) -> Result<Version, Error> {
        let Reconfiguration { version, configuration, message, source } = new;
        let access = caller.require(project, Action::VersionCreate)?;
        configuration.check()?;
        below(&access.ceiling, &configuration)?;
        let function = self.function_for(caller, project, function, Action::VersionCreate).await?;
        let found = self.0.store.read().await?.find_version(function.id, version).await?;
        let found = found.ok_or_else(|| no_version(&function.name, version))?;
        if let store::Preparation::Failed(failure) = &found.preparation {
            let detail = format!("the component of {version} was refused: {}; upload another one", failure.message);
            return Err(Error::conflict("version-not-ready", detail));
        }
        if self.0.progress.is_full() {
            return Err(Error::Unavailable { what: "room for more versions to prepare", source: None });
        }
        let (component, now) = (found.component, self.0.ids.now());
        let arrival = Arrival {
            component: store::Component { sha256: component, bytes: found.component_bytes, created_at_us: now },
            version: store::NewVersion {
                id: self.0.ids.next(),
                function_id: function.id,
                component,
                configuration,
                message,
                source,
                created_by: caller.name().clone(),
                created_at_us: now,
            },
            function: None,
        };
        self.0.progress.begin(arrival.version.id, None);
        let control = self.clone();
        // A task of its own: once the row is there it must be prepared, also if the caller does not wait.
        let storing = tokio::spawn(async move { control.store_arrival(arrival).await });
        storing.await.map_err(Error::internal("storing a version"))?
    }
}
