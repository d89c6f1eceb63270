//! What misbehaving functions took is given back: the server is as large some time after many rounds of all misdeeds as
//! it was at its start.

use std::time::{Duration, Instant};

use futures::stream::{self, StreamExt as _};

use super::{
    cases,
    stage::{PATIENCE, Stage, tell},
};

/// Rounds of all misdeeds.
const ROUNDS: usize = 8;

/// Misdeeds at a time; the pool has a place more, for one that is just being given back.
const AT_ONCE: usize = 4;

/// How much larger than at its start the server may be, in per cent.
const GROWTH: u64 = 10;

/// Seconds after which the server gives back what its pools keep for instances that are gone.
const SHRINK_AFTER: &str = "1";

/// For how long the server is watched before it is taken to have its size: freed memory goes back after a second.
const WATCHED: Duration = Duration::from_secs(2);

/// Commits all misdeeds, several at a time.
async fn round(stage: &Stage) -> u64 {
    let misdeeds = stream::iter(cases::ALL).map(|case| stage.commit(*case));
    misdeeds.buffer_unordered(AT_ONCE).for_each(async |got| assert!(got.is_right(), "{got:?}")).await;
    stage.quiet_again().await;
    stage.platform().resident_bytes()
}

/// The least that the server holds while it is watched, and serves its neighbour.
async fn at_rest(stage: &Stage) -> u64 {
    let begun = Instant::now();
    let mut least = u64::MAX;
    while begun.elapsed() < WATCHED {
        stage.ask_neighbour().await;
        least = least.min(stage.platform().resident_bytes());
    }
    least
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_is_no_larger_than_at_its_start_after_many_rounds_of_all_misdeeds() {
    let places = (AT_ONCE + 1).to_string();
    let stage = Stage::start(&["--max-instances", &places, "--shrink-after-s", SHRINK_AFTER]).await;
    let start = at_rest(&stage).await;
    let mut sizes = Vec::new();
    for _ in 0..ROUNDS {
        sizes.push(round(&stage).await);
    }
    let most = start + start * GROWTH / 100;
    let begun = Instant::now();
    let mut last = stage.platform().resident_bytes();
    // Meanwhile the pools of the busy time are replaced, and what was freed goes back to the system.
    while last > most && begun.elapsed() < PATIENCE {
        stage.ask_neighbour().await;
        last = stage.platform().resident_bytes();
    }
    let mib = |bytes: u64| bytes >> 20;
    let sizes: Vec<_> = sizes.into_iter().map(mib).collect();
    let told = format!(
        "resident: at the start {} MiB, after each round {sizes:?} MiB, last {} MiB of {} MiB",
        mib(start),
        mib(last),
        mib(most)
    );
    tell(&told);
    assert!(last <= most, "{told}");
}
