//! People: rows of `person`.

use domain::{Email, Label, Timestamp, id::PersonId};

use crate::{Error, Reader, Transaction, column::column, connection::on};

/// A human who signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Identifies them.
    pub id: PersonId,
    /// How they sign in; no two people have the same.
    pub email: Email,
    /// What they are called.
    pub name: Label,
    /// When they joined.
    pub created_at_us: Timestamp,
}

#[derive(sqlx::FromRow)]
pub(crate) struct PersonRow {
    person_id: String,
    email: String,
    person_name: String,
    joined_at_us: i64,
}

impl TryFrom<PersonRow> for Person {
    type Error = Error;

    fn try_from(row: PersonRow) -> Result<Self, Error> {
        Ok(Self {
            id: column("person", "id").parse(&row.person_id)?,
            email: column("person", "email").parse(&row.email)?,
            name: column("person", "name").parse(&row.person_name)?,
            created_at_us: Timestamp(row.joined_at_us),
        })
    }
}

impl Reader {
    /// How many people there are.
    #[tracing::instrument(name = "store.person.count", skip_all)]
    pub async fn count_people(&mut self) -> Result<u64, Error> {
        const SQL: &str = "select count(*) from person";
        let count: i64 = on!(self, connection => sqlx::query_scalar(SQL).fetch_one(connection).await)?;
        column("person", "id").number(count)
    }

    /// The person with this address.
    #[tracing::instrument(name = "store.person.find_by_email", skip_all)]
    pub async fn find_person_by_email(&mut self, email: &Email) -> Result<Option<Person>, Error> {
        const SQL: &str = "
            select id as person_id, email, name as person_name, created_at_us as joined_at_us
            from person where email = $1";
        let row: Option<PersonRow> = on!(self, connection => {
            sqlx::query_as(SQL).bind(email.as_str()).fetch_optional(connection).await
        })?;
        row.map(Person::try_from).transpose()
    }

    /// The person with this id.
    #[tracing::instrument(name = "store.person.find", skip_all, fields(person.id = %id))]
    pub async fn find_person(&mut self, id: PersonId) -> Result<Option<Person>, Error> {
        const SQL: &str = "
            select id as person_id, email, name as person_name, created_at_us as joined_at_us
            from person where id = $1";
        let row: Option<PersonRow> = on!(self, connection => {
            sqlx::query_as(SQL).bind(id.to_string()).fetch_optional(connection).await
        })?;
        row.map(Person::try_from).transpose()
    }

    /// The hash of a person's password, in the form in which it was inserted.
    #[tracing::instrument(name = "store.person.find_password_hash", skip_all, fields(person.id = %id))]
    pub async fn find_password_hash(&mut self, id: PersonId) -> Result<Option<String>, Error> {
        const SQL: &str = "select password_hash from person where id = $1";
        Ok(on!(self, connection => {
            sqlx::query_scalar(SQL).bind(id.to_string()).fetch_optional(connection).await
        })?)
    }
}

impl Transaction {
    /// Adds `person`, who signs in with the password that `password_hash` was made of.
    ///
    /// # Errors
    ///
    /// [`Error::Duplicate`] if someone has that address.
    #[tracing::instrument(name = "store.person.insert", skip_all, fields(person.id = %person.id))]
    pub async fn insert_person(&mut self, person: &Person, password_hash: &str) -> Result<(), Error> {
        const SQL: &str = "
            insert into person (id, email, name, password_hash, created_at_us)
            values ($1, $2, $3, $4, $5) on conflict do nothing";
        let rows = on!(self, connection => {
            sqlx::query(SQL)
                .bind(person.id.to_string())
                .bind(person.email.as_str())
                .bind(person.name.as_str())
                .bind(password_hash)
                .bind(person.created_at_us.as_us())
                .execute(connection).await.map(|done| done.rows_affected())
        })?;
        if rows == 1 { Ok(()) } else { Err(Error::Duplicate) }
    }

    /// Replaces the hash of a person's password. `false` if there is no such person.
    #[tracing::instrument(name = "store.person.update_password_hash", skip_all, fields(person.id = %id))]
    pub async fn update_password_hash(&mut self, id: PersonId, password_hash: &str) -> Result<bool, Error> {
        const SQL: &str = "update person set password_hash = $2 where id = $1";
        let rows = on!(self, connection => {
            sqlx::query(SQL)
                .bind(id.to_string())
                .bind(password_hash)
                .execute(connection).await.map(|done| done.rows_affected())
        })?;
        Ok(rows == 1)
    }
}
