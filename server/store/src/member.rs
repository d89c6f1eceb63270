//! Who is what in a project: rows of `member`.

use domain::{
    ProjectName, Role, Timestamp,
    id::{PersonId, ProjectId},
};

use crate::{
    Error, Page, Person, Project, Reader, Transaction, column::column, connection::on, page::one_more,
    person::PersonRow, project::ProjectRow,
};

/// A person in a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The person.
    pub person: Person,
    /// What they are.
    pub role: Role,
    /// Since when they are in the project.
    pub created_at_us: Timestamp,
}

/// A project of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The project.
    pub project: Project,
    /// What they are in it.
    pub role: Role,
}

#[derive(sqlx::FromRow)]
struct MemberRow {
    role: String,
    created_at_us: i64,
    #[sqlx(flatten)]
    person: PersonRow,
}

impl TryFrom<MemberRow> for Member {
    type Error = Error;

    fn try_from(row: MemberRow) -> Result<Self, Error> {
        Ok(Self {
            person: row.person.try_into()?,
            role: column("member", "role").parse(&row.role)?,
            created_at_us: Timestamp(row.created_at_us),
        })
    }
}

#[derive(sqlx::FromRow)]
struct MembershipRow {
    role: String,
    #[sqlx(flatten)]
    project: ProjectRow,
}

impl TryFrom<MembershipRow> for Membership {
    type Error = Error;

    fn try_from(row: MembershipRow) -> Result<Self, Error> {
        Ok(Self { project: row.project.try_into()?, role: column("member", "role").parse(&row.role)? })
    }
}

impl Reader {
    /// What `person` is in `project`.
    #[tracing::instrument(name = "store.member.find_role", skip_all, fields(project.id = %project, person.id = %person))]
    pub async fn find_role(&mut self, project: ProjectId, person: PersonId) -> Result<Option<Role>, Error> {
        const SQL: &str = "select role from member where project_id = $1 and person_id = $2";
        let role: Option<String> = on!(self, connection => {
            sqlx::query_scalar(SQL)
                .bind(project.to_string())
                .bind(person.to_string())
                .fetch_optional(connection).await
        })?;
        role.map(|role| column("member", "role").parse(&role)).transpose()
    }

    /// A member of `project`.
    #[tracing::instrument(name = "store.member.find", skip_all, fields(project.id = %project, person.id = %person))]
    pub async fn find_member(&mut self, project: ProjectId, person: PersonId) -> Result<Option<Member>, Error> {
        const SQL: &str = "
            select m.role, m.created_at_us,
                p.id as person_id, p.email, p.name as person_name, p.created_at_us as joined_at_us
            from member m join person p on p.id = m.person_id
            where m.project_id = $1 and m.person_id = $2";
        let row: Option<MemberRow> = on!(self, connection => {
            sqlx::query_as(SQL)
                .bind(project.to_string())
                .bind(person.to_string())
                .fetch_optional(connection).await
        })?;
        row.map(Member::try_from).transpose()
    }

    /// The projects of `person`, by name, behind the name `after`.
    #[tracing::instrument(name = "store.member.list_projects", skip_all, fields(person.id = %person))]
    pub async fn list_projects_of(
        &mut self,
        person: PersonId,
        after: Option<&ProjectName>,
        limit: u32,
    ) -> Result<Page<Membership, ProjectName>, Error> {
        const SQL: &str = "
            select p.id, p.name, p.created_at_us, p.ceiling, p.revision, m.role
            from member m join project p on p.id = m.project_id
            where m.person_id = $1 and p.name > $2 order by p.name limit $3";
        let rows: Vec<MembershipRow> = on!(self, connection => {
            sqlx::query_as(SQL)
                .bind(person.to_string())
                .bind(after.map_or("", ProjectName::as_str))
                .bind(one_more(limit))
                .fetch_all(connection).await
        })?;
        let memberships = rows.into_iter().map(Membership::try_from).collect::<Result<_, _>>()?;
        Ok(Page::cut(memberships, limit, |membership: &Membership| membership.project.name.clone()))
    }

    /// The members of `project`, those who joined the platform first in front, behind the person `after`.
    #[tracing::instrument(name = "store.member.list", skip_all, fields(project.id = %project))]
    pub async fn list_members(
        &mut self,
        project: ProjectId,
        after: Option<PersonId>,
        limit: u32,
    ) -> Result<Page<Member, PersonId>, Error> {
        const SQL: &str = "
            select m.role, m.created_at_us,
                p.id as person_id, p.email, p.name as person_name, p.created_at_us as joined_at_us
            from member m join person p on p.id = m.person_id
            where m.project_id = $1 and m.person_id > $2 order by m.person_id limit $3";
        let rows: Vec<MemberRow> = on!(self, connection => {
            sqlx::query_as(SQL)
                .bind(project.to_string())
                .bind(after.map(|id| id.to_string()).unwrap_or_default())
                .bind(one_more(limit))
                .fetch_all(connection).await
        })?;
        let members = rows.into_iter().map(Member::try_from).collect::<Result<_, _>>()?;
        Ok(Page::cut(members, limit, |member: &Member| member.person.id))
    }

    /// How many owners `project` has. Stays true in a transaction that holds [`Transaction::lock_project`].
    #[tracing::instrument(name = "store.member.count_owners", skip_all, fields(project.id = %project))]
    pub async fn count_owners(&mut self, project: ProjectId) -> Result<u64, Error> {
        const SQL: &str = "select count(*) from member where project_id = $1 and role = $2";
        let count: i64 = on!(self, connection => {
            sqlx::query_scalar(SQL)
                .bind(project.to_string())
                .bind(Role::Owner.as_str())
                .fetch_one(connection).await
        })?;
        column("member", "role").number(count)
    }
}

impl Transaction {
    /// Makes `person` a member of `project`, or changes what they are in it.
    #[tracing::instrument(name = "store.member.upsert", skip_all, fields(project.id = %project, person.id = %person))]
    pub async fn upsert_member(
        &mut self,
        project: ProjectId,
        person: PersonId,
        role: Role,
        now: Timestamp,
    ) -> Result<(), Error> {
        const SQL: &str = "
            insert into member (project_id, person_id, role, created_at_us) values ($1, $2, $3, $4)
            on conflict (project_id, person_id) do update set role = excluded.role";
        on!(self, connection => {
            sqlx::query(SQL)
                .bind(project.to_string())
                .bind(person.to_string())
                .bind(role.as_str())
                .bind(now.as_us())
                .execute(connection).await.map(drop)
        })?;
        Ok(())
    }

    /// Changes what `person` is in `project`. `false` if they are not in it.
    #[tracing::instrument(name = "store.member.update", skip_all, fields(project.id = %project, person.id = %person))]
    pub async fn update_member(&mut self, project: ProjectId, person: PersonId, role: Role) -> Result<bool, Error> {
        const SQL: &str = "update member set role = $3 where project_id = $1 and person_id = $2";
        let rows = on!(self, connection => {
            sqlx::query(SQL)
                .bind(project.to_string())
                .bind(person.to_string())
                .bind(role.as_str())
                .execute(connection).await.map(|done| done.rows_affected())
        })?;
        Ok(rows == 1)
    }

    /// Takes `person` out of `project`. `false` if they are not in it.
    #[tracing::instrument(name = "store.member.delete", skip_all, fields(project.id = %project, person.id = %person))]
    pub async fn delete_member(&mut self, project: ProjectId, person: PersonId) -> Result<bool, Error> {
        const SQL: &str = "delete from member where project_id = $1 and person_id = $2";
        let rows = on!(self, connection => {
            sqlx::query(SQL)
                .bind(project.to_string())
                .bind(person.to_string())
                .execute(connection).await.map(|done| done.rows_affected())
        })?;
        Ok(rows == 1)
    }
}
