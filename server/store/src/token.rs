//! Machines' credentials: rows of `token`.

use domain::{
    Action, Digest, Label, Timestamp,
    id::{ProjectId, TokenId},
};

use crate::{
    Error, Page, Reader, Transaction,
    column::column,
    connection::on,
    page::{BEHIND_ALL, one_more},
};

/// A machine's credential for one project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Identifies it.
    pub id: TokenId,
    /// The project it is for.
    pub project_id: ProjectId,
    /// What it is called.
    pub name: Label,
    /// The digest of its secret.
    pub secret_hash: Digest,
    /// What it may do.
    pub actions: Vec<Action>,
    /// Who made it.
    pub created_by: Label,
    /// When it was made.
    pub created_at_us: Timestamp,
    /// When it ends.
    pub expires_at_us: Timestamp,
    /// When it was last used, as coarsely as [`Transaction::update_token_last_used`] is called.
    pub last_used_at_us: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct TokenRow {
    id: String,
    project_id: String,
    name: String,
    secret_hash: String,
    actions: String,
    created_by: String,
    created_at_us: i64,
    expires_at_us: i64,
    last_used_at_us: Option<i64>,
}

impl TryFrom<TokenRow> for Token {
    type Error = Error;

    fn try_from(row: TokenRow) -> Result<Self, Error> {
        Ok(Self {
            id: column("token", "id").parse(&row.id)?,
            project_id: column("token", "project_id").parse(&row.project_id)?,
            name: column("token", "name").parse(&row.name)?,
            secret_hash: column("token", "secret_hash").parse(&row.secret_hash)?,
            actions: column("token", "actions").json(&row.actions)?,
            created_by: column("token", "created_by").parse(&row.created_by)?,
            created_at_us: Timestamp(row.created_at_us),
            expires_at_us: Timestamp(row.expires_at_us),
            last_used_at_us: row.last_used_at_us.map(Timestamp),
        })
    }
}

impl Reader {
    /// The token with this secret, whether or not it is over. One that was revoked is gone.
    #[tracing::instrument(name = "store.token.find", skip_all)]
    pub async fn find_token(&mut self, secret_hash: &Digest) -> Result<Option<Token>, Error> {
        const SQL: &str = "
            select id, project_id, name, secret_hash, actions, created_by, created_at_us, expires_at_us,
                last_used_at_us
            from token where secret_hash = $1";
        let row: Option<TokenRow> = on!(self, connection => {
            sqlx::query_as(SQL).bind(secret_hash.to_string()).fetch_optional(connection).await
        })?;
        row.map(Token::try_from).transpose()
    }

    /// The tokens of `project`, newest first, behind the token `after`.
    #[tracing::instrument(name = "store.token.list", skip_all, fields(project.id = %project))]
    pub async fn list_tokens(
        &mut self,
        project: ProjectId,
        after: Option<TokenId>,
        limit: u32,
    ) -> Result<Page<Token, TokenId>, Error> {
        const SQL: &str = "
            select id, project_id, name, secret_hash, actions, created_by, created_at_us, expires_at_us,
                last_used_at_us
            from token where project_id = $1 and id < $2 order by id desc limit $3";
        let rows: Vec<TokenRow> = on!(self, connection => {
            sqlx::query_as(SQL)
                .bind(project.to_string())
                .bind(after.map_or_else(|| BEHIND_ALL.to_owned(), |id| id.to_string()))
                .bind(one_more(limit))
                .fetch_all(connection).await
        })?;
        let tokens = rows.into_iter().map(Token::try_from).collect::<Result<_, _>>()?;
        Ok(Page::cut(tokens, limit, |token: &Token| token.id))
    }
}

impl Transaction {
    /// Adds `token`.
    ///
    /// # Errors
    ///
    /// [`Error::Duplicate`] if there is one with its id or secret.
    #[tracing::instrument(name = "store.token.insert", skip_all, fields(token.id = %token.id))]
    pub async fn insert_token(&mut self, token: &Token) -> Result<(), Error> {
        const SQL: &str = "
            insert into token (id, project_id, name, secret_hash, actions, created_by, created_at_us, expires_at_us)
            values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing";
        let actions = column("token", "actions").to_json(&token.actions)?;
        let rows = on!(self, connection => {
            sqlx::query(SQL)
                .bind(token.id.to_string())
                .bind(token.project_id.to_string())
                .bind(token.name.as_str())
                .bind(token.secret_hash.to_string())
                .bind(actions)
                .bind(token.created_by.as_str())
                .bind(token.created_at_us.as_us())
                .bind(token.expires_at_us.as_us())
                .execute(connection).await.map(|done| done.rows_affected())
        })?;
        if rows == 1 { Ok(()) } else { Err(Error::Duplicate) }
    }

    /// Notes that a token was used. Does nothing if it was used later already, or is gone.
    #[tracing::instrument(name = "store.token.update_last_used", skip_all, fields(token.id = %id))]
    pub async fn update_token_last_used(&mut self, id: TokenId, at: Timestamp) -> Result<(), Error> {
        const SQL: &str = "
            update token set last_used_at_us = $2
            where id = $1 and (last_used_at_us is null or last_used_at_us < $2)";
        on!(self, connection => {
            sqlx::query(SQL).bind(id.to_string()).bind(at.as_us()).execute(connection).await.map(drop)
        })?;
        Ok(())
    }

    /// Revokes a token of `project`. `false` if the project has no such token.
    #[tracing::instrument(name = "store.token.delete", skip_all, fields(project.id = %project, token.id = %id))]
    pub async fn delete_token(&mut self, project: ProjectId, id: TokenId) -> Result<bool, Error> {
        const SQL: &str = "delete from token where project_id = $1 and id = $2";
        let rows = on!(self, connection => {
            sqlx::query(SQL)
                .bind(project.to_string())
                .bind(id.to_string())
                .execute(connection).await.map(|done| done.rows_affected())
        })?;
        Ok(rows == 1)
    }
}
