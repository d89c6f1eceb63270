//! Instances that serve again: how often, how long they wait, and what never passes from one invocation to another.

use bytes::Bytes;
use domain::{
    Limits, Reuse,
    invocation::{LogLine, Outcome, Stream},
};
use http_body_util::BodyExt as _;
use runtime::Function;

use super::stage::{Invocation, Stage, full, piecewise, request};

/// The counting guest of each generation.
const COUNTERS: [&str; 2] = ["counter", "counter3"];

/// What `function` counts at one more request.
async fn count(function: &Function) -> String {
    let (text, report) = Invocation::whole(function, "/").await;
    assert_eq!(report.outcome, Outcome::Ok, "{report:?}");
    text.trim().to_owned()
}

async fn counts<const N: usize>(function: &Function) -> [String; N] {
    let mut seen = [const { String::new() }; N];
    for one in &mut seen {
        *one = count(function).await;
    }
    seen
}

fn reused() -> Stage {
    Stage::new().reuse(Reuse::default())
}

#[tokio::test]
async fn an_instance_serves_again_only_where_its_function_lets_it() {
    for guest in COUNTERS {
        let stage = Stage::new();
        let fresh = stage.function(guest).await;
        assert_eq!(counts(&fresh).await, ["1", "1", "1"], "{guest}");
        assert_eq!(stage.runtime.running(), 0);

        let stage = reused();
        let function = stage.function(guest).await;
        assert_eq!(counts(&function).await, ["1", "2", "3"], "{guest}");
        assert_eq!(stage.runtime.running(), 1);
        let (_, report) = Invocation::whole(&function, "/").await;
        assert_eq!(report.usage.instantiate_us, 0, "nothing was made for it");
    }
}

#[tokio::test]
async fn an_instance_serves_as_often_as_it_may_and_not_once_more() {
    for guest in COUNTERS {
        let stage = Stage::new().reuse(Reuse { max_reuse: 3, ..Reuse::default() });
        let function = stage.function(guest).await;
        assert_eq!(counts(&function).await, ["1", "2", "3", "1", "2", "3"], "{guest}");
        assert_eq!(stage.runtime.running(), 0, "{guest}: the last one did not wait for what it may not do");
    }
}

#[tokio::test]
async fn an_instance_serves_one_invocation_at_a_time_and_the_warmest_goes_first() {
    let stage = reused();
    let function = stage.function("counter").await;
    let hold = async || {
        let (sender, body) = piecewise();
        (sender, Invocation::begin(&function, request("/swallow", Bytes::new()).map(|_| body)))
    };
    let ((first, a), (second, b)) = (hold().await, hold().await);
    let close = async {
        stage.until_running(2).await;
        drop((first, second));
    };
    let (mut a, mut b, ()) = tokio::join!(a, b, close);
    assert_eq!((a.text().await.as_str(), b.text().await.as_str()), ("1\n", "1\n"));
    drop((a.report().await, b.report().await));
    assert_eq!(stage.runtime.running(), 2);
    assert_eq!(counts(&function).await, ["2", "3", "4"]);
}

#[tokio::test]
async fn an_instance_that_waited_too_long_is_gone() {
    for guest in COUNTERS {
        let stage = Stage::new().reuse(Reuse { idle_timeout_ms: 10, ..Reuse::default() });
        let function = stage.function(guest).await;
        for _ in 0..2 {
            assert_eq!(count(&function).await, "1", "{guest}");
            stage.until_running(0).await;
        }
    }
}

#[tokio::test]
async fn a_function_that_is_gone_leaves_no_instance() {
    let stage = reused();
    let function = stage.function("counter").await;
    assert_eq!(count(&function).await, "1");
    assert_eq!(stage.runtime.running(), 1);
    drop(function);
    assert_eq!(stage.runtime.running(), 0);
}

#[tokio::test]
async fn instances_of_one_version_never_serve_another() {
    let stage = reused().variable("NAME", "first");
    let first = stage.function("counter").await;
    assert_eq!(counts(&first).await, ["1", "2"]);
    let stage = stage.variable("NAME", "second");
    let second = stage.function("counter").await;
    assert_eq!(counts(&second).await, ["1", "2"]);
    assert_eq!(Invocation::whole(&first, "/variable").await.0, "first");
    assert_eq!(Invocation::whole(&second, "/variable").await.0, "second");
}

#[tokio::test]
async fn an_instance_that_failed_is_never_used_again() {
    let (tight, hasty) = (Limits { cpu_ms: 50, ..Limits::default() }, Limits { timeout_ms: 100, ..Limits::default() });
    for guest in COUNTERS {
        for (target, limits, outcome) in [
            ("/trap", &tight, Outcome::Trapped),
            ("/spin", &tight, Outcome::CpuExceeded),
            ("/error", &tight, Outcome::NoAnswer),
            ("/sleep", &hasty, Outcome::TimedOut),
        ] {
            let stage = reused().limits(limits.clone());
            let function = stage.function(guest).await;
            assert_eq!(counts(&function).await, ["1", "2"], "{guest} before {target}");
            let (_, report) = Invocation::whole(&function, target).await;
            assert_eq!(report.outcome, outcome, "{guest} {target}: {report:?}");
            assert_eq!(stage.runtime.running(), 0, "{guest} {target}");
            assert_eq!(count(&function).await, "1", "{guest} after {target}");
        }
    }
}

#[tokio::test]
async fn an_instance_whose_caller_went_away_is_never_used_again() {
    for guest in COUNTERS {
        let stage = reused();
        let function = stage.function(guest).await;
        assert_eq!(count(&function).await, "1");
        let mut stalled = Invocation::begin(&function, request("/stall", Bytes::new())).await;
        let mut body = stalled.body();
        assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "begun\n");
        drop(body);
        assert_eq!(stalled.report().await.outcome, Outcome::Cancelled, "{guest}");
        stage.until_running(0).await;

        assert_eq!(count(&function).await, "1", "{guest}");
        {
            let mut waiting = Box::pin(Invocation::begin(&function, request("/sleep", Bytes::new())));
            assert!(futures::poll!(&mut waiting).is_pending());
            assert_eq!(stage.runtime.running(), 1);
        }
        assert_eq!(stage.runtime.running(), 0);
        assert_eq!(count(&function).await, "1", "{guest}");
    }
}

#[tokio::test]
async fn an_instance_that_was_sent_too_much_is_never_used_again() {
    let stage = reused().limits(Limits { request_body_bytes: 4, ..Limits::default() });
    let function = stage.function("counter").await;
    assert_eq!(count(&function).await, "1");
    let large = request("/swallow", Bytes::new()).map(|_| full(Bytes::from_static(b"12345")));
    let refused = Invocation::begin(&function, large).await;
    assert_eq!(refused.report().await.outcome, Outcome::RequestTooLarge);
    assert_eq!(count(&function).await, "1");
}

#[tokio::test]
async fn each_invocation_has_its_own_logs() {
    for guest in COUNTERS {
        let stage = reused();
        let function = stage.function(guest).await;
        for n in 1..4 {
            let (text, report) = Invocation::whole(&function, "/").await;
            assert_eq!(text, format!("{n}\n"), "{guest}");
            let line = |stream, text| LogLine { stream, text };
            let own = [
                line(Stream::Stdout, format!("request {n}")),
                line(Stream::Stderr, format!("no line's end after {n}")),
            ];
            assert_eq!(report.logs, own, "{guest}");
        }
    }
}

#[tokio::test]
async fn each_invocation_has_its_own_cpu_time_and_all_memory_that_its_instance_holds() {
    const MIB: u64 = 1 << 20;
    let stage = reused().limits(Limits { cpu_ms: 100, memory_mib: 64, ..Limits::default() });
    let function = stage.function("counter").await;
    // All together use more than one of them may, and then one that does nothing uses nothing of theirs.
    let mut used = 0;
    while used <= 100_000 {
        let (_, report) = Invocation::whole(&function, "/work").await;
        assert_eq!(report.outcome, Outcome::Ok, "{report:?}");
        used += report.usage.cpu_us;
    }
    let (_, idle) = Invocation::whole(&function, "/").await;
    assert!(idle.usage.cpu_us < used / 2, "{idle:?}");
    let peak = async |target| Invocation::whole(&function, target).await.1.usage.memory_peak_bytes;
    let [before, one, two, after] = [peak("/").await, peak("/hold").await, peak("/hold").await, peak("/").await];
    assert!(before > 0 && one >= before + 8 * MIB && two >= one + 8 * MIB, "{before} {one} {two}");
    assert_eq!(after, two, "what the instance holds counts for whoever it serves");
    let mut held = 2;
    while Invocation::whole(&function, "/hold").await.1.outcome == Outcome::Ok {
        held += 1;
    }
    assert!(held < 8, "the limit is the instance's, however many it served: {held} times 8 MiB of 64");
    assert_eq!(count(&function).await, "1");
}

#[tokio::test]
async fn a_body_that_was_kept_from_an_earlier_request_is_broken() {
    for (guest, expected) in [("counter", "broken\n"), ("counter3", "0 bytes\n")] {
        let stage = reused();
        let function = stage.function(guest).await;
        let (sender, body) = piecewise();
        sender.send(Bytes::from_static(b"secret")).await.unwrap();
        let mut keeping = Invocation::begin(&function, request("/keep", Bytes::new()).map(|_| body)).await;
        assert_eq!(keeping.text().await, "1\n", "{guest}");
        assert_eq!(keeping.report().await.outcome, Outcome::Ok, "{guest}");
        assert_eq!(Invocation::whole(&function, "/kept").await.0, expected, "{guest}");
    }
}

#[tokio::test]
async fn instances_wait_in_half_of_the_places_at_most() {
    let stage = Stage::with_places(3).reuse(Reuse::default());
    let function = stage.function("counter").await;
    let hold = || Invocation::begin(&function, request("/stall", Bytes::new()));
    let held = [hold().await, hold().await, hold().await];
    assert_eq!(Invocation::whole(&function, "/").await.1.outcome, Outcome::Unavailable);
    drop(held);
    stage.until_running(0).await;
    let other = stage.function("counter3").await;
    assert_eq!((count(&function).await.as_str(), count(&other).await.as_str()), ("1", "1"));
    assert_eq!(stage.runtime.running(), 1, "one of the three places is for those that wait");
    assert_eq!((count(&function).await.as_str(), count(&other).await.as_str()), ("2", "1"));
}
