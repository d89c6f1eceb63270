//! What clients and the witness were told, beside what the database holds.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use sqlx::{Connection as _, PgConnection, SqliteConnection};

use super::witness::Seen;

/// Where the database is.
#[derive(Clone, Debug)]
pub(super) enum Database {
    Sqlite(std::path::PathBuf),
    Postgres(String),
}

/// A message in the database: its id, its body, its queue.
type Kept = (String, Vec<u8>, String);

/// What a run came to.
#[derive(Debug, Default)]
pub(super) struct Account {
    pub(super) kills: u64,
    pub(super) acknowledged: u64,
    /// Messages that were acknowledged and are nowhere.
    pub(super) lost: Vec<String>,
    /// Messages that were done.
    pub(super) done: u64,
    /// How often one was done again.
    pub(super) duplicates: u64,
    /// Messages that were done for the first time behind one of their group that was sent later.
    pub(super) inversions: u64,
    /// Bodies that became more than one message, though all sends had one key.
    pub(super) doubled: Vec<String>,
    /// Letters that are neither where they died nor where they should be, or in both.
    pub(super) astray: Vec<String>,
    /// Queues whose count is not the number of their messages.
    pub(super) miscounted: Vec<String>,
}

impl Account {
    /// Ends the test where something is wrong.
    pub(super) fn check(&self) {
        assert!(self.is_right() && self.done > 0, "{self}");
        assert!(self.duplicates * 100 <= self.acknowledged.max(1_000) * 5, "{self}");
    }

    pub(super) fn is_right(&self) -> bool {
        let nothing = self.lost.is_empty() && self.doubled.is_empty() && self.astray.is_empty();
        nothing && self.miscounted.is_empty() && self.inversions == 0
    }

    /// Compares. `acknowledged` are bodies with the ids that their senders were told.
    pub(super) async fn of(database: &Database, kills: u64, acknowledged: &[(String, String)], seen: &[Seen]) -> Self {
        let (kept, counts) = read(database).await;
        let done: BTreeSet<&str> = seen.iter().map(|seen| seen.body.as_str()).collect();
        let text = |kept: &Kept| String::from_utf8(kept.1.clone()).unwrap();
        let letters: BTreeSet<String> = kept.iter().filter(|kept| kept.2 == "orders-dlq").map(text).collect();
        let waiting: BTreeSet<String> = kept.iter().filter(|kept| kept.2 == "orders").map(text).collect();
        let mut account = Self { kills, acknowledged: acknowledged.len() as u64, ..Self::default() };
        for (body, _) in acknowledged {
            let is_kept = letters.contains(body) || waiting.contains(body);
            // What is rejected or fails is never done with: it must be somewhere.
            let is_done = body.starts_with("good") && done.contains(body.as_str());
            if !(is_kept || is_done) {
                account.lost.push(body.clone());
            }
        }
        account.astray.extend(letters.iter().filter(|body| body.starts_with("good")).cloned());
        account.astray.extend(letters.intersection(&waiting).cloned());
        account.doubled = doubled(acknowledged, &kept, seen);
        account.done = done.iter().filter(|body| body.starts_with("good")).count() as u64;
        account.duplicates = duplicates(seen);
        account.inversions = inversions(seen);
        let held = |queue: &str| kept.iter().filter(|kept| kept.2 == queue).count() as i64;
        account.miscounted.extend(
            counts
                .into_iter()
                .filter(|(queue, count)| held(queue) != *count)
                .map(|(queue, count)| format!("{queue}: {count}")),
        );
        account
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} kills, {} acknowledged, {} lost {:?}, {} done, {} done again, {} inversions, {} doubled {:?}, astray {:?}, \
             miscounted {:?}",
            self.kills,
            self.acknowledged,
            self.lost.len(),
            self.lost.iter().take(5).collect::<Vec<_>>(),
            self.done,
            self.duplicates,
            self.inversions,
            self.doubled.len(),
            self.doubled.iter().take(5).collect::<Vec<_>>(),
            self.astray,
            self.miscounted,
        )
    }
}

/// Bodies that have more than one id.
fn doubled(acknowledged: &[(String, String)], kept: &[Kept], seen: &[Seen]) -> Vec<String> {
    let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let told = acknowledged.iter().map(|(body, id)| (body.clone(), id.clone()));
    let kept = kept.iter().map(|(id, body, _)| (String::from_utf8(body.clone()).unwrap(), id.clone()));
    let seen = seen.iter().map(|seen| (seen.body.clone(), seen.id.clone()));
    for (body, id) in told.chain(kept).chain(seen) {
        ids.entry(body).or_default().insert(id);
    }
    ids.into_iter().filter(|(_, ids)| ids.len() > 1).map(|(body, _)| body).collect()
}

/// How often a message was done again that was done before.
fn duplicates(seen: &[Seen]) -> u64 {
    let mut done = BTreeSet::new();
    seen.iter().filter(|seen| seen.body.starts_with("good")).filter(|seen| !done.insert(&seen.body)).count() as u64
}

/// How often a message came for the first time behind a later one of its group.
fn inversions(seen: &[Seen]) -> u64 {
    let (mut latest, mut known, mut inversions) = (BTreeMap::new(), BTreeSet::new(), 0);
    for seen in seen.iter().filter(|seen| seen.group != "-") {
        if !known.insert(&seen.body) {
            continue;
        }
        let last = latest.entry(&seen.group).or_insert(&seen.body);
        if **last > seen.body {
            inversions += 1;
        } else {
            *last = &seen.body;
        }
    }
    inversions
}

/// The messages with the names of their queues, and the counts that queues keep.
async fn read(database: &Database) -> (Vec<Kept>, Vec<(String, i64)>) {
    const MESSAGES: &str = "select m.id, m.body, q.name from message m join queue q on q.id = m.queue_id";
    const COUNTS: &str = "
        select q.name, cast(sum(c.messages) as bigint) from queue_count c join queue q on q.id = c.queue_id
        group by q.name";
    match database {
        Database::Sqlite(path) => {
            let mut connection = SqliteConnection::connect(path.to_str().unwrap()).await.unwrap();
            let messages = sqlx::query_as(MESSAGES).fetch_all(&mut connection).await.unwrap();
            (messages, sqlx::query_as(COUNTS).fetch_all(&mut connection).await.unwrap())
        }
        Database::Postgres(url) => {
            let mut connection = PgConnection::connect(url).await.unwrap();
            let messages = sqlx::query_as(MESSAGES).fetch_all(&mut connection).await.unwrap();
            (messages, sqlx::query_as(COUNTS).fetch_all(&mut connection).await.unwrap())
        }
    }
}
