//! Places where a test has the server die, and bugs that a test plants to see that it would find them. Debug builds
//! only: in what is shipped there is nothing of this.
//!
//! `TEST_DORMOUSE_DIE_AT=<place>:<n>` ends the process when it comes to the place for the n-th time;
//! `TEST_DORMOUSE_BUG=<bug>` plants a bug.

use std::time::Duration;

use crate::{Error, Transaction, connection::on};

/// How long a planted bug leaves its window open.
pub(crate) const WINDOW: Duration = Duration::from_millis(40);

/// A place where the server can die.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Writes have run and are not committed.
    BeforeCommit,
    /// Writes are committed, and nobody was told.
    AfterCommit,
    /// A message has left its queue for another, within a write.
    Moving,
}

/// A bug that can be planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bug {
    /// Callers are told of a success before their writes are committed.
    EarlyAnswer,
    /// Anybody may settle, whatever token they show and however late.
    UncheckedLease,
    /// A message leaves its queue in one transaction and comes to the next in another. Of SQLite only.
    MoveApart,
}

/// Dies here, if that is what the test wants.
#[inline]
pub(crate) fn reach(place: Place) {
    #[cfg(debug_assertions)]
    plan::reach(place);
    #[cfg(not(debug_assertions))]
    let _ = place;
}

/// Whether `bug` was planted.
#[inline]
pub(crate) fn planted(bug: Bug) -> bool {
    #[cfg(debug_assertions)]
    return plan::planted(bug);
    #[cfg(not(debug_assertions))]
    {
        let _ = bug;
        false
    }
}

/// Takes the message at `sequence` out of its queue and puts it back in a transaction of its own.
pub(crate) async fn move_apart(transaction: &mut Transaction, sequence: i64) -> Result<(), Error> {
    const OUT: &str = "create temp table moving as select * from message where sequence = (select sequence from held);
        delete from message where sequence = (select sequence from held)";
    const BACK: &str = "insert into message select * from temp.moving; drop table temp.moving; drop table temp.held";
    const HELD: &str = "insert into temp.held (sequence) values ($1)";
    transaction.bound("create temp table held (sequence integer)").await?;
    on!(transaction, connection => sqlx::query(HELD).bind(sequence).execute(connection).await.map(drop))?;
    transaction.bound(OUT).await?;
    transaction.bound("commit; begin immediate; savepoint job").await?;
    tokio::time::sleep(WINDOW).await;
    reach(Place::Moving);
    transaction.bound(BACK).await?;
    Ok(())
}

#[cfg(debug_assertions)]
mod plan {
    use std::sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    };

    use super::{Bug, Place};

    /// Where to die, and after how many times more.
    static DEATH: LazyLock<Option<(Place, AtomicU64)>> = LazyLock::new(|| {
        let text = std::env::var("TEST_DORMOUSE_DIE_AT").ok()?;
        let (place, times) = text.split_once(':')?;
        let place = match place {
            "before-commit" => Place::BeforeCommit,
            "after-commit" => Place::AfterCommit,
            "moving" => Place::Moving,
            _ => return None,
        };
        Some((place, AtomicU64::new(times.parse().ok()?)))
    });

    static BUG: LazyLock<Option<Bug>> = LazyLock::new(|| match std::env::var("TEST_DORMOUSE_BUG").ok()?.as_str() {
        "early-answer" => Some(Bug::EarlyAnswer),
        "unchecked-lease" => Some(Bug::UncheckedLease),
        "move-apart" => Some(Bug::MoveApart),
        _ => None,
    });

    pub(super) fn reach(place: Place) {
        if let Some((wanted, left)) = &*DEATH
            && *wanted == place
            && left.fetch_sub(1, Ordering::Relaxed) == 1
        {
            std::process::abort();
        }
    }

    pub(super) fn planted(bug: Bug) -> bool {
        *BUG == Some(bug)
    }
}
