//! Groups: rows of `message_group`. A group's row says when its next batch may be handed out, and is what
//! those who send to it, claim from it and settle it take turns by.

use std::collections::BTreeSet;

use domain::{
    Timestamp,
    id::{MessageId, QueueId},
};

use super::sequences::ids;
use crate::{
    Error, Transaction,
    connection::{Connection, on},
};

impl Transaction {
    /// Has the groups there are messages to come for, and keeps others from deleting them until the end.
    pub(super) async fn enter_groups(
        &mut self,
        queue: QueueId,
        groups: &BTreeSet<&str>,
        now: Timestamp,
    ) -> Result<(), Error> {
        const SQL: &str = "
            insert into message_group (queue_id, group_key, available_at_us) values ($1, $2, $3)
            on conflict (queue_id, group_key) do update set available_at_us = message_group.available_at_us";
        for group in groups {
            on!(self, connection => {
                sqlx::query(SQL)
                    .bind(queue.to_string())
                    .bind(*group)
                    .bind(now.as_us())
                    .execute(connection).await.map(drop)
            })?;
        }
        Ok(())
    }

    /// Locks the groups of `messages`, in one order for all. SQLite has one writer, who is alone already.
    pub(super) async fn lock_groups_of(
        &mut self,
        queue: QueueId,
        messages: impl IntoIterator<Item = MessageId>,
    ) -> Result<(), Error> {
        const POSTGRES: &str = "
            select group_key from message_group
            where queue_id = $2 and group_key in (
                select m.group_key from message m
                where m.grouped = 1 and m.id in (select value from jsonb_array_elements_text($1::jsonb))
            )
            order by group_key for update";
        if matches!(self.connection, Connection::Sqlite(_)) {
            return Ok(());
        }
        let _locked: Vec<String> = on!(self, connection => {
            sqlx::query_scalar(POSTGRES).bind(ids(messages)).bind(queue.to_string()).fetch_all(connection).await
        })?;
        Ok(())
    }

    /// Says anew when the next batch of a group may be handed out, and forgets a group without messages.
    ///
    /// While messages of the group are in flight, it is when the last lease ends; else when the first of its
    /// messages is due, but not before `now`, so that groups take turns.
    pub(super) async fn settle_group(&mut self, queue: QueueId, group: &str, now: Timestamp) -> Result<(), Error> {
        const NEXT: &str = "
            select
                (select max(available_at_us) from message
                    where queue_id = $1 and group_key = $2 and lease_token is not null
                    and available_at_us > $3) as leased_until_us,
                (select available_at_us from message where queue_id = $1 and group_key = $2 and grouped = 1
                    order by sequence limit 1) as first_at_us";
        const UPDATE: &str = "update message_group set available_at_us = $3 where queue_id = $1 and group_key = $2";
        const DELETE: &str = "delete from message_group where queue_id = $1 and group_key = $2";
        let (leased_until, first): (Option<i64>, Option<i64>) = on!(self, connection => {
            sqlx::query_as(NEXT).bind(queue.to_string()).bind(group).bind(now.as_us()).fetch_one(connection).await
        })?;
        let next = leased_until.or_else(|| first.map(|first| first.max(now.as_us())));
        on!(self, connection => {
            let query = match next {
                Some(next) => sqlx::query(UPDATE).bind(queue.to_string()).bind(group).bind(next),
                None => sqlx::query(DELETE).bind(queue.to_string()).bind(group),
            };
            query.execute(connection).await.map(drop)
        })?;
        Ok(())
    }
}
