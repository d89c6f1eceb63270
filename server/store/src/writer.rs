//! Writes: SQLite's single writer with group commit, and PostgreSQL's one transaction for each.
//!
//! A write that is under way runs to its end even if its caller goes away. Knows no tables.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures::{FutureExt, future::BoxFuture};
use sqlx::{PgPool, SqlitePool};
use tokio::sync::{mpsc, oneshot};
use tracing::Instrument;

use crate::{
    Error, Transaction,
    connection::Connection,
    fault::{self, Bug, Place},
};

/// The most writes that share one commit: enough to hide its cost, few enough to answer soon.
const MAX_GROUP: usize = 256;

/// What stands before a job and after it.
struct Bounds {
    begin: &'static str,
    keep: &'static str,
    forget: &'static str,
}

/// A job alone.
const TRANSACTION: Bounds = Bounds { begin: "begin", keep: "commit", forget: "rollback" };
/// A job in a group's transaction.
const SAVEPOINT: Bounds =
    Bounds { begin: "savepoint job", keep: "release job", forget: "rollback to job; release job" };

/// Tells a write's caller the result, once it is known whether the commit held.
type Answer = Box<dyn FnOnce(Result<(), Error>) + Send>;

/// A write that has run and waits for its commit.
pub(crate) struct Ran {
    keep: bool,
    answer: Answer,
}

/// One write, with its result's type forgotten. Given an error instead of a transaction, it only answers.
pub(crate) type Job = Box<dyn for<'t> FnOnce(Result<&'t mut Transaction, Error>) -> BoxFuture<'t, Ran> + Send>;

/// Makes a job of `work`; the receiver gets the result after the commit.
pub(crate) fn job<T, E, F>(work: F) -> (Job, oneshot::Receiver<Result<T, E>>)
where
    T: Send + 'static,
    E: From<Error> + Send + 'static,
    F: for<'t> FnOnce(&'t mut Transaction) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
{
    let (sender, receiver) = oneshot::channel();
    let span = tracing::Span::current();
    let job: Job = Box::new(move |transaction| {
        let run = async move {
            let result = match transaction {
                Ok(transaction) => work(transaction).await,
                Err(error) => Err(E::from(error)),
            };
            let keep = result.is_ok();
            // A caller that went away needs no answer.
            let answer: Answer = Box::new(move |commit| drop(sender.send(commit.map_err(E::from).and(result))));
            Ran { keep, answer }
        };
        Box::pin(run.instrument(span))
    });
    (job, receiver)
}

/// Runs SQLite's writes, as many together as have gathered while the last group was committed.
/// Ends when every [`mpsc::Sender`] is gone.
pub(crate) async fn run_groups(pool: SqlitePool, mut jobs: mpsc::Receiver<Job>) {
    let mut group = Vec::with_capacity(MAX_GROUP);
    while jobs.recv_many(&mut group, MAX_GROUP).await > 0 {
        run_group(&pool, group.drain(..)).await;
    }
}

/// Runs each job in a savepoint of one transaction, so that a job that fails takes no other with it.
async fn run_group(pool: &SqlitePool, jobs: impl Iterator<Item = Job>) {
    let mut answers = Vec::new();
    let ended = match pool.acquire().await {
        Ok(pooled) => {
            let mut transaction = Transaction::over(Connection::Sqlite(pooled));
            let ended = run_savepoints(&mut transaction, jobs, &mut answers).await;
            if ended.is_err() {
                transaction.discard();
            }
            ended
        }
        Err(error) => refuse(jobs, error, &mut answers).await,
    };
    for answer in answers {
        answer(ended.clone().map_err(Error::Commit));
    }
}

async fn run_savepoints(
    transaction: &mut Transaction,
    mut jobs: impl Iterator<Item = Job>,
    answers: &mut Vec<Answer>,
) -> Result<(), Arc<sqlx::Error>> {
    // SQLite's lock for writing is taken at once: a transaction that reads first could not take it later.
    if let Err(error) = transaction.bound("begin immediate").await {
        return refuse(jobs, error, answers).await;
    }
    while let Some(job) = jobs.next() {
        let (answer, ended) = run(job, transaction, &SAVEPOINT).await;
        answers.extend(answer);
        if let Err(error) = ended {
            return refuse(jobs, error, answers).await;
        }
    }
    if fault::planted(Bug::EarlyAnswer) {
        for answer in answers.drain(..) {
            answer(Ok(()));
        }
        tokio::time::sleep(fault::WINDOW).await;
    }
    fault::reach(Place::BeforeCommit);
    transaction.bound("commit").await.map_err(Arc::new)?;
    fault::reach(Place::AfterCommit);
    Ok(())
}

/// Has all of `jobs` answered with `error` without running them.
async fn refuse(
    jobs: impl Iterator<Item = Job>,
    error: sqlx::Error,
    answers: &mut Vec<Answer>,
) -> Result<(), Arc<sqlx::Error>> {
    for job in jobs {
        answers.push(job(Err(Error::Abandoned)).await.answer);
    }
    Err(Arc::new(error))
}

/// Runs one of PostgreSQL's writes in a transaction of its own.
pub(crate) async fn run_alone(pool: PgPool, job: Job) {
    let pooled = match pool.acquire().await {
        Ok(pooled) => pooled,
        Err(error) => return (job(Err(error.into())).await.answer)(Ok(())),
    };
    let mut transaction = Transaction::over(Connection::Postgres(pooled));
    let (answer, ended) = run(job, &mut transaction, &TRANSACTION).await;
    if ended.is_err() {
        transaction.discard();
    }
    if let Some(answer) = answer {
        answer(ended.map_err(|error| Error::Commit(Arc::new(error))));
    }
}

/// Runs `job` within `bounds`. There is no answer if it panicked; its caller then sees that the write was
/// abandoned. An error says that the connection's state is not known any more.
async fn run(job: Job, transaction: &mut Transaction, bounds: &Bounds) -> (Option<Answer>, Result<(), sqlx::Error>) {
    if let Err(error) = transaction.bound(bounds.begin).await {
        return (Some(job(Err(Error::Abandoned)).await.answer), Err(error));
    }
    let caught = AssertUnwindSafe(job(Ok(&mut *transaction))).catch_unwind().await;
    let keep = caught.as_ref().is_ok_and(|ran| ran.keep);
    let is_whole = bounds.keep == TRANSACTION.keep && keep;
    if is_whole {
        fault::reach(Place::BeforeCommit);
    }
    let ended = transaction.bound(if keep { bounds.keep } else { bounds.forget }).await;
    if is_whole {
        fault::reach(Place::AfterCommit);
    }
    (caught.ok().map(|ran| ran.answer), ended)
}
