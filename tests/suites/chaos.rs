//! The server is killed again and again while messages come and go. What clients and a witness outside were told is
//! then compared with what the database holds: nothing that was acknowledged is lost, nothing is done in the wrong
//! order, and little is done twice.
//!
//! `CHAOS_KILLS` and `CHAOS_MESSAGES` make the runs longer, as `make chaos` does.

use std::io::{self, Write as _};

use harness::Postgres;

mod account;
mod bugs;
mod crowd;
mod supervisor;
mod witness;

use supervisor::Plan;

/// A figure from the environment, where it is set.
fn figure(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().map_or(usual, |text| text.parse().expect("a number"))
}

/// Says how a run went, past the capture of test output.
fn tell(text: &str) {
    io::stderr().write_all(format!("{text}\n").as_bytes()).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_nobody_kills() {
    let account = supervisor::run(Plan { kills: 0, messages: 2_000, drain: true, ..Plan::default() }).await;
    tell(&format!("chaos without kills: {account}"));
    account.check();
    assert_eq!(account.duplicates, 0, "{account}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_on_sqlite_whenever_the_server_is_killed() {
    let kills = figure("CHAOS_KILLS", 15);
    let messages = figure("CHAOS_MESSAGES", 6_000);
    let account = supervisor::run(Plan { kills, messages, drain: true, ..Plan::default() }).await;
    tell(&format!("chaos on SQLite: {account}"));
    account.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_where_the_server_dies_at_the_worst_places() {
    for place in ["before-commit", "after-commit", "moving"] {
        let plan = Plan { kills: 3, messages: 1_000, place: Some(place), ..Plan::default() };
        let account = supervisor::run(plan).await;
        tell(&format!("chaos, dying {place}: {account}"));
        account.check();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_on_postgres_whenever_the_server_is_killed() {
    let kills = figure("CHAOS_KILLS", 24) / 4;
    let messages = figure("CHAOS_MESSAGES", 6_000) / 4;
    let claim = "nothing_is_lost_on_postgres_whenever_the_server_is_killed";
    let postgres = tokio::task::spawn_blocking(|| Postgres::shared(claim).map(Postgres::database)).await.unwrap();
    let Some(url) = postgres else { return };
    let account = supervisor::run(Plan { kills, messages, postgres: Some(url), drain: true, ..Plan::default() }).await;
    tell(&format!("chaos on PostgreSQL: {account}"));
    account.check();
}
