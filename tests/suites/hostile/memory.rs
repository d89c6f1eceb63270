//! What misbehaving functions took is given back: the server is no larger after many rounds of all misdeeds.

use std::time::Instant;

use futures::stream::{self, StreamExt as _};

use super::{
    cases,
    stage::{PATIENCE, Stage, tell},
};

/// Rounds until each place of the pool was used by guests of all sizes: it keeps up to 2 MiB of them.
const WARM_UP: usize = 3;

/// Rounds of all misdeeds after that.
const ROUNDS: usize = 5;

/// Misdeeds at a time; the pool has a place more, for one that is just being given back.
const AT_ONCE: usize = 4;

/// How much larger the server may be, in per cent.
const GROWTH: u64 = 10;

/// Commits all misdeeds, several at a time.
async fn round(stage: &Stage) -> u64 {
    let misdeeds = stream::iter(cases::ALL).map(|case| stage.commit(*case));
    misdeeds.buffer_unordered(AT_ONCE).for_each(async |got| assert!(got.is_right(), "{got:?}")).await;
    stage.quiet_again().await;
    stage.platform().resident_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_is_no_larger_after_many_rounds_of_all_misdeeds() {
    let stage = Stage::start(&["--max-instances", &(AT_ONCE + 1).to_string()]).await;
    let idle = stage.platform().resident_bytes();
    let mut sizes = Vec::new();
    for _ in 0..WARM_UP + ROUNDS {
        sizes.push(round(&stage).await);
    }
    let warm = sizes[WARM_UP - 1];
    let most = warm + warm * GROWTH / 100;
    let begun = Instant::now();
    let mut last = stage.platform().resident_bytes();
    // What was freed goes back to the system some time after the last guest.
    while last > most && begun.elapsed() < PATIENCE {
        stage.ask_neighbour().await;
        last = stage.platform().resident_bytes();
    }
    let mib = |bytes: u64| bytes >> 20;
    let sizes: Vec<_> = sizes.into_iter().map(mib).collect();
    let told = format!(
        "resident: idle {} MiB, after each round {sizes:?} MiB, of which {WARM_UP} warmed up, last {} MiB",
        mib(idle),
        mib(last)
    );
    tell(&told);
    assert!(last <= most, "{told}");
}
