//! Putting an earlier deployment back.

use domain::{Action, FunctionName, ProjectName};
use store::Reader;

use super::{Deployment, Intent, RollBack, no_deployment, written};
use crate::{Caller, Control, Error, PageQuery};

impl Control {
    /// Puts an earlier deployment back, whole, as a new one. Needs no compiling.
    ///
    /// # Errors
    ///
    /// As [`Self::deploy`], and [`Error::Conflict`] `nothing-to-roll-back-to`.
    pub async fn roll_back(
        &self,
        caller: &Caller,
        project: &ProjectName,
        function: &FunctionName,
        to: RollBack,
    ) -> Result<Deployment, Error> {
        let access = caller.require(project, Action::DeploymentRollBack)?.clone();
        let function = self.function_for(caller, project, function, Action::DeploymentRollBack).await?;
        let mut reader = self.0.store.read().await?;
        let live = reader.find_live_deployment(function.id).await?;
        let live = live.ok_or_else(|| nothing(format!("{} has no deployment yet", function.name)))?;
        let earlier = match to.to {
            Some(number) if number == live.number => {
                return Err(nothing(format!("deployment {number} of {} is live already", function.name)));
            }
            Some(number) => {
                let found = reader.find_deployment(function.id, number).await?;
                found.ok_or_else(|| no_deployment(&function, Some(number)))?
            }
            None => newest_other(&mut reader, &live).await?.ok_or_else(|| {
                nothing(format!("no earlier deployment of {} differs from the live one", function.name))
            })?,
        };
        drop(reader);
        let intent = Intent {
            project: access.project,
            project_name: access.name,
            function,
            split: earlier.spec.split,
            split_key: earlier.spec.split_key,
            triggers: Some(earlier.spec.triggers),
            secrets: Some(earlier.spec.secrets),
            message: written(to.message)?,
            created_by: caller.name().clone(),
            rolled_back_to: Some(earlier.number),
            expected_live: to.expected_live,
        };
        self.append(intent).await
    }
}

/// The newest deployment before `live` that decides otherwise.
async fn newest_other(reader: &mut Reader, live: &store::Deployment) -> Result<Option<store::Deployment>, Error> {
    let mut after = Some(live.number);
    while let Some(number) = after {
        let page = reader.list_deployments(live.function_id, Some(number), PageQuery::MAX_LIMIT).await?;
        after = page.next;
        if let Some(other) = page.items.into_iter().find(|earlier| earlier.spec != live.spec) {
            return Ok(Some(other));
        }
    }
    Ok(None)
}

fn nothing(detail: String) -> Error {
    Error::conflict("nothing-to-roll-back-to", detail)
}
