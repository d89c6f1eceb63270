//! What the data plane serves: live deployments with the versions that they name.

use domain::{
    Configuration, Digest, FunctionName, ProjectName, Verdict, VersionNumber,
    id::{FunctionId, ProjectId, VersionId},
};

use crate::{
    Deployment, Error, Reader,
    column::column,
    connection::on,
    deployment::{DeploymentRow, select_deployment},
};

/// A function that answers, with all that is needed to have it answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveFunction {
    /// The project.
    pub project_id: ProjectId,
    /// The project's name.
    pub project: ProjectName,
    /// The function's name; its id is the deployment's.
    pub function: FunctionName,
    /// What its traffic does.
    pub deployment: Deployment,
    /// The versions that the deployment names, in the order of its split.
    pub versions: Vec<ServedVersion>,
}

/// A version, as far as serving it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServedVersion {
    /// Identifies it.
    pub id: VersionId,
    /// Its number within the function.
    pub number: VersionNumber,
    /// The component's SHA-256.
    pub component: Digest,
    /// What it runs with.
    pub configuration: Configuration,
    /// What was found in the component.
    pub verdict: Verdict,
}

/// A version that is tried under a host of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// The project.
    pub project_id: ProjectId,
    /// The function.
    pub function_id: FunctionId,
    /// The version.
    pub version: ServedVersion,
}

#[derive(sqlx::FromRow)]
struct ServedVersionRow {
    version_id: String,
    version_number: i64,
    component_sha256: String,
    configuration: String,
    verdict: Option<String>,
}

impl TryFrom<ServedVersionRow> for ServedVersion {
    type Error = Error;

    fn try_from(row: ServedVersionRow) -> Result<Self, Error> {
        let verdict =
            row.verdict.ok_or_else(|| column("version", "verdict").corrupt("is missing from a deployed version"))?;
        Ok(Self {
            id: column("version", "id").parse(&row.version_id)?,
            number: VersionNumber(column("version", "number").number(row.version_number)?),
            component: column("version", "component_sha256").parse(&row.component_sha256)?,
            configuration: column("version", "configuration").json(&row.configuration)?,
            verdict: column("version", "verdict").json(&verdict)?,
        })
    }
}

/// One version of one live deployment; a deployment of two versions has two rows, one after the other.
#[derive(sqlx::FromRow)]
struct LiveRow {
    #[sqlx(flatten)]
    deployment: DeploymentRow,
    project_id: String,
    project_name: String,
    function_name: String,
    #[sqlx(flatten)]
    version: ServedVersionRow,
}

impl TryFrom<LiveRow> for LiveFunction {
    type Error = Error;

    fn try_from(row: LiveRow) -> Result<Self, Error> {
        Ok(Self {
            project_id: column("project", "id").parse(&row.project_id)?,
            project: column("project", "name").parse(&row.project_name)?,
            function: column("function", "name").parse(&row.function_name)?,
            deployment: row.deployment.try_into()?,
            versions: vec![row.version.try_into()?],
        })
    }
}

#[derive(sqlx::FromRow)]
struct PreviewRow {
    project_id: String,
    function_id: String,
    #[sqlx(flatten)]
    version: ServedVersionRow,
}

/// Live deployments with project, function and versions, in front of the part of a query that says which.
macro_rules! select_live {
    ($which:literal) => {
        select_deployment!(
            ", p.id as project_id, p.name as project_name, f.name as function_name, v.id as version_id,
                v.number as version_number, v.component_sha256, v.configuration, v.verdict
            from function f
            join project p on p.id = f.project_id
            join deployment d on d.function_id = f.id and d.number = f.live_deployment_number
            join version v on v.function_id = f.id
                and (v.number = d.first_version_number or v.number = d.second_version_number) ",
            $which,
            " order by f.id, case when v.number = d.first_version_number then 1 else 2 end"
        )
    };
}

impl Reader {
    /// All functions that answer, for the table that a starting server builds.
    #[tracing::instrument(name = "store.live.list", skip_all)]
    pub async fn list_live_functions(&mut self) -> Result<Vec<LiveFunction>, Error> {
        const SQL: &str = select_live!("");
        let rows: Vec<LiveRow> = on!(self, connection => sqlx::query_as(SQL).fetch_all(connection).await)?;
        gather(rows)
    }

    /// The functions of `project` that answer.
    #[tracing::instrument(name = "store.live.list_of_project", skip_all, fields(project.id = %project))]
    pub async fn list_live_functions_of(&mut self, project: ProjectId) -> Result<Vec<LiveFunction>, Error> {
        const SQL: &str = select_live!("where f.project_id = $1");
        let rows: Vec<LiveRow> = on!(self, connection => {
            sqlx::query_as(SQL).bind(project.to_string()).fetch_all(connection).await
        })?;
        gather(rows)
    }

    /// The live state of one function.
    #[tracing::instrument(name = "store.live.find", skip_all, fields(function.id = %function))]
    pub async fn find_live_function(&mut self, function: FunctionId) -> Result<Option<LiveFunction>, Error> {
        const SQL: &str = select_live!("where f.id = $1");
        let rows: Vec<LiveRow> = on!(self, connection => {
            sqlx::query_as(SQL).bind(function.to_string()).fetch_all(connection).await
        })?;
        Ok(gather(rows)?.pop())
    }

    /// A version by the names in its preview host, if it is ready.
    #[tracing::instrument(name = "store.live.find_preview", skip_all, fields(version.number = %number))]
    pub async fn find_preview(
        &mut self,
        project: &ProjectName,
        function: &FunctionName,
        number: VersionNumber,
    ) -> Result<Option<Preview>, Error> {
        const SQL: &str = "
            select p.id as project_id, f.id as function_id, v.id as version_id, v.number as version_number,
                v.component_sha256, v.configuration, v.verdict
            from project p join function f on f.project_id = p.id join version v on v.function_id = f.id
            where p.name = $1 and f.name = $2 and v.number = $3 and v.state = 'ready'";
        let row: Option<PreviewRow> = on!(self, connection => {
            sqlx::query_as(SQL)
                .bind(project.as_str())
                .bind(function.as_str())
                .bind(i64::from(number.0))
                .fetch_optional(connection).await
        })?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Preview {
            project_id: column("project", "id").parse(&row.project_id)?,
            function_id: column("function", "id").parse(&row.function_id)?,
            version: row.version.try_into()?,
        }))
    }
}

/// Joins the rows of deployments that name two versions.
fn gather(rows: Vec<LiveRow>) -> Result<Vec<LiveFunction>, Error> {
    let mut functions: Vec<LiveFunction> = Vec::with_capacity(rows.len());
    for row in rows {
        let one = LiveFunction::try_from(row)?;
        match functions.last_mut() {
            Some(last) if last.deployment.id == one.deployment.id => last.versions.extend(one.versions),
            _ => functions.push(one),
        }
    }
    Ok(functions)
}
