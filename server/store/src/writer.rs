//! Writes: SQLite's single writer with group commit, and PostgreSQL's one transaction for each.
//!
//! A write that is under way runs to its end even if its caller goes away. Knows no tables.

use std::{io, iter, panic::AssertUnwindSafe, sync::Arc, thread};

use futures::{FutureExt, future::BoxFuture};
use sqlx::{PgPool, SqlitePool};
use tokio::{
    runtime::Builder,
    sync::{mpsc, oneshot},
};
use tracing::Instrument;

use crate::{
    Error, Transaction,
    connection::Connection,
    fault::{self, Bug, Place},
};

/// The most writes that share one commit: enough to hide its cost, few enough to answer soon.
const MAX_GROUP: usize = 256;

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

/// Starts the thread that runs the writes of `jobs` on SQLite. It ends when every [`mpsc::Sender`] is gone.
///
/// Each statement is handed to another thread and back. Among the workers that run guests, the next one would wait
/// until a worker is done with whatever it does, and with it whoever waits for a write.
///
/// # Errors
///
/// If the system gives no thread.
pub(crate) fn start(pool: SqlitePool, jobs: mpsc::Receiver<Job>) -> io::Result<()> {
    let writer = Builder::new_current_thread().enable_time().build()?;
    let run = move || writer.block_on(run_groups(pool, jobs));
    thread::Builder::new().name("store-writer".to_owned()).spawn(run).map(drop)
}

/// Runs SQLite's writes, as many together as have gathered while the last group was committed.
async fn run_groups(pool: SqlitePool, mut jobs: mpsc::Receiver<Job>) {
    let mut group = Vec::with_capacity(MAX_GROUP);
    while jobs.recv_many(&mut group, MAX_GROUP).await > 0 {
        run_group(&pool, group.drain(..)).await;
    }
}

/// Runs `jobs` in one transaction.
async fn run_group(pool: &SqlitePool, jobs: impl ExactSizeIterator<Item = Job>) {
    let mut answers = Vec::new();
    let ended = match pool.acquire().await {
        Ok(pooled) => {
            let mut transaction = Transaction::over(Connection::Sqlite(pooled));
            // A job that is alone needs no savepoint, which costs as much as two statements.
            let ended = match jobs.len() {
                1 if !fault::planted(Bug::EarlyAnswer) => run_single(&mut transaction, jobs, &mut answers).await,
                _ => run_savepoints(&mut transaction, jobs, &mut answers).await,
            };
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

/// Runs the only one of `jobs`.
async fn run_single(
    transaction: &mut Transaction,
    jobs: impl Iterator<Item = Job>,
    answers: &mut Vec<Answer>,
) -> Result<(), Arc<sqlx::Error>> {
    for job in jobs {
        // A transaction that reads first could not take the lock for writing later.
        let (answer, ended) = run(job, transaction, "begin immediate").await;
        answers.extend(answer);
        ended.map_err(Arc::new)?;
    }
    Ok(())
}

/// Runs each job in a savepoint, so that a job that fails takes no other with it.
async fn run_savepoints(
    transaction: &mut Transaction,
    mut jobs: impl Iterator<Item = Job>,
    answers: &mut Vec<Answer>,
) -> Result<(), Arc<sqlx::Error>> {
    let (mut next, mut end) = ("begin immediate; savepoint job", "commit");
    while let Some(job) = jobs.next() {
        if let Err(error) = transaction.bound(next).await {
            return refuse(iter::once(job).chain(jobs), error, answers).await;
        }
        let (keep, answer) = attempt(job, transaction).await;
        answers.extend(answer);
        // What is rolled back to its savepoint is in it still.
        (next, end) = match keep {
            true => ("release job; savepoint job", "commit"),
            false => ("rollback to job", "rollback to job; commit"),
        };
    }
    if fault::planted(Bug::EarlyAnswer) {
        for answer in answers.drain(..) {
            answer(Ok(()));
        }
        tokio::time::sleep(fault::WINDOW).await;
    }
    fault::reach(Place::BeforeCommit);
    transaction.bound(end).await.map_err(Arc::new)?;
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
    let (answer, ended) = run(job, &mut transaction, "begin").await;
    if ended.is_err() {
        transaction.discard();
    }
    if let Some(answer) = answer {
        answer(ended.map_err(|error| Error::Commit(Arc::new(error))));
    }
}

/// Runs `job` in a transaction that has begun, and says whether to keep what it did. There is no answer if it panicked;
/// its caller then sees that the write was abandoned.
async fn attempt(job: Job, transaction: &mut Transaction) -> (bool, Option<Answer>) {
    match AssertUnwindSafe(job(Ok(transaction))).catch_unwind().await {
        Ok(Ran { keep, answer }) => (keep, Some(answer)),
        Err(_) => (false, None),
    }
}

/// Runs `job` in a transaction of its own, from `begin` on. An error says that the connection's state is not known any
/// more.
async fn run(
    job: Job,
    transaction: &mut Transaction,
    begin: &'static str,
) -> (Option<Answer>, Result<(), sqlx::Error>) {
    if let Err(error) = transaction.bound(begin).await {
        return (Some(job(Err(Error::Abandoned)).await.answer), Err(error));
    }
    let (keep, answer) = attempt(job, transaction).await;
    if keep {
        fault::reach(Place::BeforeCommit);
    }
    let ended = transaction.bound(if keep { "commit" } else { "rollback" }).await;
    if keep {
        fault::reach(Place::AfterCommit);
    }
    (answer, ended)
}
