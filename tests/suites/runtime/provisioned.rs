//! Instances that are made ahead of their invocations.

use bytes::Bytes;
use domain::{Reuse, invocation::Outcome};

use super::stage::{Invocation, Stage, piecewise, request};

const COUNTERS: [&str; 2] = ["counter", "counter3"];

#[tokio::test]
async fn as_many_instances_as_were_asked_for_are_ready_and_are_replaced_when_they_are_taken() {
    for guest in COUNTERS {
        let stage = Stage::new().provisioned(3);
        let function = stage.function(guest).await;
        stage.until_running(3).await;
        for _ in 0..5 {
            let (text, report) = Invocation::whole(&function, "/").await;
            assert_eq!(text, "1\n", "{guest}: each invocation has an instance of its own");
            assert_eq!(report.usage.instantiate_us, 0, "{guest}: {report:?}");
            assert!(report.usage.memory_peak_bytes > 0, "{guest}: {report:?}");
            assert_eq!(report.logs.len(), 2, "{guest}: {report:?}");
            stage.until_running(3).await;
        }
        let held = Invocation::begin(&function, request("/stall", Bytes::new())).await;
        stage.until_running(4).await;
        drop(held);
        stage.until_running(3).await;
        drop(function);
        stage.until_running(0).await;
    }
}

#[tokio::test]
async fn what_is_made_ahead_and_fails_is_replaced() {
    let stage = Stage::new().provisioned(1);
    let function = stage.function("counter").await;
    for _ in 0..3 {
        stage.until_running(1).await;
        assert_eq!(Invocation::whole(&function, "/trap").await.1.outcome, Outcome::Trapped);
    }
    stage.until_running(1).await;
    assert_eq!(Invocation::whole(&function, "/").await.0, "1\n");
}

#[tokio::test]
async fn instances_made_ahead_leave_half_of_the_places_to_others() {
    let stage = Stage::with_places(4).provisioned(100);
    let greedy = stage.function("counter").await;
    stage.until_running(2).await;
    let plain = stage.beside();
    for _ in 0..100 {
        assert_eq!(plain.get("hello", "/").await.text().await, "Hello from /\n");
        assert!(stage.runtime.running() <= 3, "{}", stage.runtime.running());
    }
    drop(greedy);
    stage.until_running(0).await;
}

#[tokio::test]
async fn an_instance_made_ahead_serves_again_where_reuse_lets_it_and_outlives_its_idle_time() {
    let reuse = Reuse { idle_timeout_ms: 10, max_reuse: 3, ..Reuse::default() };
    let stage = Stage::new().provisioned(1).reuse(reuse);
    let function = stage.function("counter").await;
    stage.until_running(1).await;
    let (sender, body) = piecewise();
    let replaced = async {
        stage.until_running(2).await;
        drop(sender);
    };
    let serving = Invocation::begin(&function, request("/swallow", Bytes::new()).map(|_| body));
    let (mut served, ()) = tokio::join!(serving, replaced);
    assert_eq!(served.text().await, "1\n");
    assert_eq!(served.report().await.outcome, Outcome::Ok);
    // One more than are kept ready waits, and only for its idle time.
    stage.until_running(1).await;
    let (text, report) = Invocation::whole(&function, "/").await;
    assert_eq!((text.as_str(), report.usage.instantiate_us), ("2\n", 0));
}
