//! What functions' traffic does, and did: rows of `deployment`, only ever appended.

use std::collections::HashMap;

use domain::{
    DeploymentSpec, Label, Message, Split, Timestamp, VersionNumber, WeightedVersion,
    id::{DeploymentId, FunctionId, ProjectId},
};

use crate::{Error, Page, Reader, Transaction, column::column, connection::on, page::one_more};

/// A record of what a function's traffic does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// Identifies it.
    pub id: DeploymentId,
    /// The function it belongs to.
    pub function_id: FunctionId,
    /// Its number within the function: 1, 2, 3…. The highest is live.
    pub number: u32,
    /// All that it decides.
    pub spec: DeploymentSpec,
    /// Why it was made.
    pub message: Message,
    /// Who made it.
    pub created_by: Label,
    /// When it went live.
    pub created_at_us: Timestamp,
    /// The deployment that it copies, where it is a rollback.
    pub rolled_back_to: Option<u32>,
    /// When the next one took its place; absent while it is live.
    pub replaced_at_us: Option<Timestamp>,
}

/// A deployment that is to be appended; its number is drawn then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDeployment {
    /// Identifies it.
    pub id: DeploymentId,
    /// The function it belongs to.
    pub function_id: FunctionId,
    /// All that it decides. The versions must be the function's.
    pub spec: DeploymentSpec,
    /// Why it is made.
    pub message: Message,
    /// Who makes it.
    pub created_by: Label,
    /// When it goes live.
    pub created_at_us: Timestamp,
    /// The deployment that it copies, where it is a rollback.
    pub rolled_back_to: Option<u32>,
    /// Which deployment must be live before it, 0 for none; absent where that does not matter.
    pub expected_live: Option<u32>,
}

#[derive(sqlx::FromRow)]
pub(crate) struct DeploymentRow {
    id: String,
    function_id: String,
    number: i64,
    first_version_number: i64,
    first_weight: i64,
    second_version_number: Option<i64>,
    second_weight: Option<i64>,
    split_key: Option<String>,
    triggers: String,
    secrets: String,
    message: String,
    created_by: String,
    created_at_us: i64,
    rolled_back_to: Option<i64>,
    replaced_at_us: Option<i64>,
}

impl DeploymentRow {
    fn split(&self) -> Result<Split, Error> {
        let part = |version: i64, weight: i64| -> Result<_, Error> {
            let version = VersionNumber(column("deployment", "first_version_number").number(version)?);
            Ok(WeightedVersion { version, weight: column("deployment", "first_weight").number(weight)? })
        };
        let mut parts = vec![part(self.first_version_number, self.first_weight)?];
        if let (Some(version), Some(weight)) = (self.second_version_number, self.second_weight) {
            parts.push(part(version, weight)?);
        }
        Split::try_from(parts).map_err(|invalid| column("deployment", "first_weight").corrupt(invalid))
    }
}

impl TryFrom<DeploymentRow> for Deployment {
    type Error = Error;

    fn try_from(row: DeploymentRow) -> Result<Self, Error> {
        let spec = DeploymentSpec {
            split: row.split()?,
            split_key: row.split_key.map(|key| column("deployment", "split_key").json(&key)).transpose()?,
            triggers: column("deployment", "triggers").json(&row.triggers)?,
            secrets: column("deployment", "secrets").json(&row.secrets)?,
        };
        let number_of = |number| column("deployment", "rolled_back_to").number(number);
        Ok(Self {
            id: column("deployment", "id").parse(&row.id)?,
            function_id: column("deployment", "function_id").parse(&row.function_id)?,
            number: column("deployment", "number").number(row.number)?,
            spec,
            message: column("deployment", "message").parse(&row.message)?,
            created_by: column("deployment", "created_by").parse(&row.created_by)?,
            created_at_us: Timestamp(row.created_at_us),
            rolled_back_to: row.rolled_back_to.map(number_of).transpose()?,
            replaced_at_us: row.replaced_at_us.map(Timestamp),
        })
    }
}

/// The columns of a [`DeploymentRow`] of the table's alias `d`; more columns and the rest of the query follow.
macro_rules! select_deployment {
    ($($rest:literal),+) => {
        concat!(
            "
            select d.id, d.function_id, d.number, d.first_version_number, d.first_weight, d.second_version_number,
                d.second_weight, d.split_key, d.triggers, d.secrets, d.message, d.created_by, d.created_at_us,
                d.rolled_back_to,
                (select n.created_at_us from deployment n
                    where n.function_id = d.function_id and n.number = d.number + 1) as replaced_at_us",
            $($rest),+
        )
    };
}
pub(crate) use select_deployment;

impl Reader {
    /// The deployment of `function` with this number.
    #[tracing::instrument(
        name = "store.deployment.find", skip_all, fields(function.id = %function, deployment.number = number)
    )]
    pub async fn find_deployment(&mut self, function: FunctionId, number: u32) -> Result<Option<Deployment>, Error> {
        const SQL: &str = select_deployment!(" from deployment d where d.function_id = $1 and d.number = $2");
        let row: Option<DeploymentRow> = on!(self, connection => {
            sqlx::query_as(SQL)
                .bind(function.to_string())
                .bind(i64::from(number))
                .fetch_optional(connection).await
        })?;
        row.map(Deployment::try_from).transpose()
    }

    /// The live deployment of `function`.
    #[tracing::instrument(name = "store.deployment.find_live", skip_all, fields(function.id = %function))]
    pub async fn find_live_deployment(&mut self, function: FunctionId) -> Result<Option<Deployment>, Error> {
        Ok(self.list_deployments(function, None, 1).await?.items.pop())
    }

    /// The deployments of `function`, newest first, behind the number `after`.
    #[tracing::instrument(name = "store.deployment.list", skip_all, fields(function.id = %function))]
    pub async fn list_deployments(
        &mut self,
        function: FunctionId,
        after: Option<u32>,
        limit: u32,
    ) -> Result<Page<Deployment, u32>, Error> {
        const SQL: &str = select_deployment!(
            " from deployment d where d.function_id = $1 and d.number < $2 order by d.number desc limit $3"
        );
        let rows: Vec<DeploymentRow> = on!(self, connection => {
            sqlx::query_as(SQL)
                .bind(function.to_string())
                .bind(after.map_or(i64::MAX, i64::from))
                .bind(one_more(limit))
                .fetch_all(connection).await
        })?;
        let deployments = rows.into_iter().map(Deployment::try_from).collect::<Result<_, _>>()?;
        Ok(Page::cut(deployments, limit, |deployment: &Deployment| deployment.number))
    }

    /// The live deployments of those functions of `project` whose ids are between the two, both included.
    pub(crate) async fn live_between(
        &mut self,
        project: ProjectId,
        oldest: &str,
        newest: &str,
    ) -> Result<HashMap<FunctionId, Deployment>, Error> {
        const SQL: &str = select_deployment!(
            " from function f join deployment d on d.function_id = f.id and d.number = f.live_deployment_number
            where f.project_id = $1 and f.id >= $2 and f.id <= $3"
        );
        let rows: Vec<DeploymentRow> = on!(self, connection => {
            sqlx::query_as(SQL)
                .bind(project.to_string())
                .bind(oldest)
                .bind(newest)
                .fetch_all(connection).await
        })?;
        let by_function = |row| Deployment::try_from(row).map(|deployment| (deployment.function_id, deployment));
        rows.into_iter().map(by_function).collect()
    }
}

impl Transaction {
    /// Appends `deployment` and makes it live. `None` if the function is gone, or another deployment is
    /// live than expected.
    ///
    /// # Errors
    ///
    /// [`Error::Database`] if a version that it names is not the function's.
    #[tracing::instrument(name = "store.deployment.insert", skip_all, fields(deployment.id = %deployment.id))]
    pub async fn insert_deployment(&mut self, deployment: &NewDeployment) -> Result<Option<Deployment>, Error> {
        const DRAW: &str = "
            update function set live_deployment_number = live_deployment_number + 1, revision = revision + 1
            where id = $1 and live_deployment_number = coalesce($2, live_deployment_number)
            returning live_deployment_number";
        const INSERT: &str = "
            insert into deployment (id, function_id, number, first_version_number, first_weight,
                second_version_number, second_weight, split_key, triggers, secrets, message, created_by, created_at_us,
                rolled_back_to)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
        let spec = &deployment.spec;
        let triggers = column("deployment", "triggers").to_json(&spec.triggers)?;
        let secrets = column("deployment", "secrets").to_json(&spec.secrets)?;
        let split_key =
            spec.split_key.as_ref().map(|key| column("deployment", "split_key").to_json(key)).transpose()?;
        let mut parts = spec.split.parts().iter();
        let (first, second) = (parts.next(), parts.next());
        let version = |part: &WeightedVersion| i64::from(part.version.0);
        let weight = |part: &WeightedVersion| i64::from(part.weight);

        let drawn: Option<i64> = on!(self, connection => {
            sqlx::query_scalar(DRAW)
                .bind(deployment.function_id.to_string())
                .bind(deployment.expected_live.map(i64::from))
                .fetch_optional(connection).await
        })?;
        let Some(drawn) = drawn else { return Ok(None) };
        on!(self, connection => {
            sqlx::query(INSERT)
                .bind(deployment.id.to_string())
                .bind(deployment.function_id.to_string())
                .bind(drawn)
                .bind(first.map(version))
                .bind(first.map(weight))
                .bind(second.map(version))
                .bind(second.map(weight))
                .bind(split_key)
                .bind(triggers)
                .bind(secrets)
                .bind(deployment.message.as_str())
                .bind(deployment.created_by.as_str())
                .bind(deployment.created_at_us.as_us())
                .bind(deployment.rolled_back_to.map(i64::from))
                .execute(connection).await.map(drop)
        })?;
        let number = column("deployment", "number").number(drawn)?;
        self.find_deployment(deployment.function_id, number).await
    }
}
