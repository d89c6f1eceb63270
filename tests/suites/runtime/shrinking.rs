//! Pools that are replaced after a busy time.

use bytes::Bytes;
use futures::future::join_all;
use runtime::Function;

use super::stage::{Invocation, Stage, request};

/// Places in the pools.
const PLACES: u32 = 16;

/// Has `count` instances alive at once, and ends them.
async fn busy(stage: &Stage, function: &Function, count: usize) {
    let held = join_all((0..count).map(|_| Invocation::begin(function, request("/stall", Bytes::new())))).await;
    stage.until_running(count).await;
    drop(held);
    stage.until_running(0).await;
}

#[tokio::test]
async fn pools_are_replaced_once_a_busy_time_is_over_and_functions_on_the_old_ones_go_on() {
    for guest in ["counter", "counter3"] {
        let stage = Stage::with_places(PLACES);
        let old = stage.function(guest).await;
        assert!(!stage.runtime.shrink().unwrap(), "there was no busy time");
        busy(&stage, &old, PLACES as usize).await;
        assert!(!stage.runtime.shrink().unwrap(), "it was until now");
        assert!(stage.runtime.is_current(&old));
        let held = Invocation::begin(&old, request("/stall", Bytes::new())).await;
        assert!(stage.runtime.shrink().unwrap());
        assert!(!stage.runtime.is_current(&old));

        let new = stage.function(guest).await;
        assert!(stage.runtime.is_current(&new));
        for function in [&new, &old] {
            assert_eq!(Invocation::whole(function, "/").await.0, "1\n");
        }
        drop(old);
        assert!(stage.runtime.shrink().unwrap(), "an instance of the former pools is alive");
        assert!(stage.runtime.is_current(&new), "there are no third pools");
        drop(held);
        stage.until_running(0).await;
        while stage.runtime.shrink().unwrap() {
            tokio::task::yield_now().await;
        }
        assert_eq!(Invocation::whole(&new, "/").await.0, "1\n");
    }
}

#[tokio::test]
async fn guests_on_former_and_on_new_pools_are_held_to_their_cpu_time() {
    let mut stage = Stage::with_places(PLACES);
    stage.configuration.limits.cpu_ms = 50;
    let old = stage.function("hostile2").await;
    busy(&stage, &stage.function("counter").await, PLACES as usize).await;
    stage.runtime.shrink().unwrap();
    assert!(stage.runtime.shrink().unwrap());
    let new = stage.function("hostile2").await;
    for function in [&old, &new] {
        let (_, report) = Invocation::whole(function, "/spin").await;
        assert_eq!(report.outcome, domain::invocation::Outcome::CpuExceeded, "{report:?}");
    }
}

#[tokio::test]
async fn a_time_that_is_as_busy_as_the_one_before_keeps_its_pools() {
    let stage = Stage::with_places(PLACES);
    let function = stage.function("counter").await;
    for _ in 0..3 {
        busy(&stage, &function, PLACES as usize).await;
        assert!(!stage.runtime.shrink().unwrap());
    }
    busy(&stage, &function, PLACES as usize * 3 / 4).await;
    assert!(!stage.runtime.shrink().unwrap(), "three quarters are no rest");
}
