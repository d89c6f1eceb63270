//! Instances that are made ahead of their invocations.

use std::time::{Duration, Instant};

use bytes::Bytes;
use domain::{Reuse, invocation::Outcome};
use runtime::{Function, Report, Settings};
use tokio::{runtime::Builder, time::sleep};

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
    let plain = stage.beside().function("hello").await;
    for _ in 0..100 {
        assert_eq!(Invocation::whole(&plain, "/").await.0, "Hello from /\n");
        assert!(stage.runtime.running() <= 3, "{}", stage.runtime.running());
    }
    drop(greedy);
    stage.until_running(0).await;
}

#[tokio::test]
async fn an_instance_made_ahead_serves_again_where_reuse_lets_it_and_outlives_its_idle_time() {
    for _ in 0..100 {
        match served_after_its_idle_time().await.as_str() {
            "2\n" => return,
            other => assert_eq!(other, "1\n"),
        }
    }
    panic!("no instance that was made ahead has served again");
}

/// What a counter answers whose instance made ahead has served, and outlived its idle time: 2, or 1 if the one made in
/// its place was ready only after it was done.
async fn served_after_its_idle_time() -> String {
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
    assert_eq!(report.usage.instantiate_us, 0);
    text
}

/// Runs `test` on a worker that says when it has nothing to do, as those of the server do.
fn on_a_worker(test: impl Future<Output = ()>) {
    let mut worker = Builder::new_current_thread();
    worker.enable_all().on_thread_park(runtime::on_park).build().unwrap().block_on(test);
}

/// Lets the worker have nothing to do for a moment.
async fn park() {
    sleep(Duration::from_millis(1)).await;
}

/// Calls `function`, which counts its own calls, until one finds an instance that was made ahead of it. A machine that is
/// very busy may take longer between two calls than such an instance waits.
async fn until_made_ahead(stage: &Stage, function: &Function) -> Report {
    for _ in 0..100 {
        let (text, report) = Invocation::whole(function, "/").await;
        assert_eq!((text.as_str(), report.outcome), ("1\n", Outcome::Ok), "each request has an instance of its own");
        park().await;
        assert!(stage.runtime.running() <= 1, "one instance waits at most");
        if report.usage.instantiate_us == 0 {
            return report;
        }
    }
    panic!("no instance was made ahead of any request");
}

#[test]
fn requests_that_come_one_after_the_other_find_an_instance_that_was_made_behind_the_answer_before() {
    on_a_worker(async {
        for guest in COUNTERS {
            let stage = Stage::with_settings(&Settings { instances: 8, ahead: 1, ..Settings::default() });
            let function = stage.function(guest).await;
            assert_eq!(Invocation::whole(&function, "/").await.0, "1\n");
            park().await;
            assert_eq!(stage.runtime.running(), 0, "one request alone says nothing of a next one");
            for _ in 0..5 {
                let report = until_made_ahead(&stage, &function).await;
                assert!(report.usage.memory_peak_bytes > 0, "{guest}: {report:?}");
                assert_eq!(report.logs.len(), 2, "{guest}: {report:?}");
            }
            assert_eq!(Invocation::whole(&function, "/trap").await.1.outcome, Outcome::Trapped);
            until_made_ahead(&stage, &function).await;
            // What waits now waits for a moment, not for ever.
            stage.until_running(0).await;
        }
    });
}

#[test]
fn a_worker_that_is_busy_leaves_one_instance_for_later_where_there_is_room() {
    on_a_worker(async {
        let settings = |instances, ahead| Settings { instances, ahead, ..Settings::default() };
        for (settings, left) in [(settings(8, 1), 1), (settings(7, 1), 0), (settings(8, 0), 0)] {
            let stage = Stage::with_settings(&settings);
            let function = stage.function("counter").await;
            park().await;
            for _ in 0..5 {
                assert_eq!(Invocation::whole(&function, "/").await.0, "1\n");
                assert_eq!(stage.runtime.running(), left);
            }
            park().await;
            assert_eq!(stage.runtime.running(), 0, "only one was done when there was nothing to do");
        }
    });
}

#[test]
fn no_more_instances_wait_unasked_than_the_server_has_room_for() {
    on_a_worker(async {
        let stage = Stage::with_settings(&Settings { instances: 8, ahead: 1, ..Settings::default() });
        let (first, second) = (stage.function("counter").await, stage.function("hello").await);
        until_made_ahead(&stage, &first).await;
        for _ in 0..3 {
            assert_eq!(Invocation::whole(&second, "/").await.0, "Hello from /\n");
            park().await;
            assert!(stage.runtime.running() <= 1, "the second function had an instance made beside the first one's");
        }
    });
}

#[test]
fn what_takes_long_to_make_is_tried_three_times_unasked_and_then_no_more() {
    on_a_worker(async {
        let mut most = 0;
        for _ in 0..50 {
            most = most.max(made_in_vain().await);
            assert!(most <= 3, "{most} were made unasked that came to nothing");
            if most == 3 {
                return;
            }
        }
        panic!("making one unasked was given up after {most}");
    });
}

/// How many instances of a function that is slow to start were made unasked and came to nothing, until none was any
/// more. Fewer are counted than were tried where a tick fell into one before it could count itself.
async fn made_in_vain() -> u32 {
    let mut stage = Stage::with_settings(&Settings { instances: 8, ahead: 1, ..Settings::default() });
    stage.configuration.key_value.insert("starts".parse().unwrap());
    let function = stage.function("slow_start").await;
    let (mut made, mut in_vain, mut none_since) = (0, 0, 0);
    for _ in 0..100 {
        let begun = Instant::now();
        let (text, report) = Invocation::whole(&function, "/").await;
        // One may be made all the same where the clock does not tick for long; then trying begins anew.
        let was_ready = report.usage.instantiate_us == 0;
        park().await;
        let before = std::mem::replace(&mut made, text.trim().parse().unwrap());
        // Beside the one that this request took.
        let tried = made - before - 1;
        in_vain = if was_ready { 0 } else { in_vain + tried };
        none_since = if was_ready || tried > 0 { 0 } else { none_since + 1 };
        if begun.elapsed() > Duration::from_millis(500) {
            // What was ready may have waited for too long, and nobody knows of it.
            return 0;
        }
        if none_since == 10 {
            assert_eq!(stage.runtime.running(), 0);
            return in_vain;
        }
    }
    panic!("making one unasked was never given up");
}

#[tokio::test]
async fn without_a_worker_that_says_when_it_has_nothing_to_do_no_instance_outlives_its_request() {
    let stage = Stage::new();
    let function = stage.function("counter").await;
    for _ in 0..5 {
        assert_eq!(Invocation::whole(&function, "/").await.0, "1\n");
        park().await;
        assert_eq!(stage.runtime.running(), 0);
    }
}
