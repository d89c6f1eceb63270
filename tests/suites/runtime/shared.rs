//! Instances that serve several requests at a time: who shares one, what each is billed, and what of one ends the others.

use std::{num::NonZero, thread};

use bytes::Bytes;
use domain::{Limits, Reuse, invocation::Outcome};
use futures::future::join_all;
use http_body_util::BodyExt as _;
use runtime::{Function, Report};
use tokio::sync::mpsc;

use super::stage::{Invocation, Stage, piecewise, request};

/// Four at a time.
const FOUR: Reuse = Reuse { max_reuse: 1_000, max_concurrency: 4, idle_timeout_ms: 10_000 };

/// A stage with a place for one instance, which serves four at a time.
fn one_instance() -> Stage {
    Stage::with_places(1).reuse(FOUR)
}

/// A request that the guest answers when its body has ended.
struct Held {
    body: mpsc::Sender<Bytes>,
    answer: tokio::task::JoinHandle<(String, Report)>,
}

impl Held {
    /// Sends it; returns once the instance has it.
    async fn begin(function: &Function) -> Self {
        let (sender, body) = piecewise();
        let function = function.clone();
        let answer = tokio::spawn(async move {
            let request = request("/swallow", Bytes::new()).map(|_| body);
            let (text, report) = Invocation::to_its_end(&function, request).await;
            (text.trim().to_owned(), report)
        });
        // There is room for the next when somebody reads, which the guest alone does.
        for _ in 0..4 {
            sender.send(Bytes::from_static(b"some")).await.unwrap();
        }
        Self { body: sender, answer }
    }

    /// Ends its body and takes the answer.
    async fn end(self) -> (String, Report) {
        let Self { body, answer } = self;
        drop(body);
        answer.await.unwrap()
    }
}

async fn count(function: &Function) -> String {
    let (text, report) = Invocation::whole(function, "/").await;
    assert_eq!(report.outcome, Outcome::Ok, "{report:?}");
    text.trim().to_owned()
}

#[tokio::test]
async fn one_instance_for_each_processor_serves_all_as_long_as_there_is_room() {
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let stage = Stage::new().reuse(FOUR);
    let function = stage.function("counter3").await;
    let mut held = Vec::new();
    for _ in 0..4 * processors {
        held.push(Held::begin(&function).await);
    }
    assert_eq!(stage.runtime.running(), processors);
    held.push(Held::begin(&function).await);
    assert_eq!(stage.runtime.running(), processors + 1, "all are full");
    let mut counts = Vec::new();
    for (text, report) in join_all(held.into_iter().map(Held::end)).await {
        assert_eq!(report.outcome, Outcome::Ok, "{report:?}");
        counts.push(text);
    }
    counts.sort();
    let mut expected: Vec<_> = (0..processors).flat_map(|_| 1..=4).chain([1]).map(|n| n.to_string()).collect();
    expected.sort();
    assert_eq!(counts, expected);
}

#[tokio::test]
async fn where_there_is_no_place_for_another_instance_those_with_room_serve() {
    let stage = one_instance();
    let function = stage.function("counter3").await;
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push(Held::begin(&function).await);
    }
    let (_, report) = Invocation::whole(&function, "/").await;
    assert_eq!(report.outcome, Outcome::Unavailable, "the fifth has no room");
    let last = held.pop().unwrap().end().await;
    assert_eq!((last.0.as_str(), last.1.outcome), ("4", Outcome::Ok));
    assert_eq!(count(&function).await, "5");
    drop(join_all(held.into_iter().map(Held::end)).await);
}

#[tokio::test]
async fn guests_that_cannot_wait_for_several_things_serve_one_at_a_time() {
    let stage = Stage::new().reuse(FOUR);
    let function = stage.function("counter").await;
    let stalled = [(); 2].map(|()| Invocation::begin(&function, request("/stall", Bytes::new())));
    let stalled = join_all(stalled).await;
    assert_eq!(stage.runtime.running(), 2);
    drop(stalled);
}

#[tokio::test]
async fn an_instance_serves_as_often_as_it_may_and_then_those_that_it_has() {
    let stage = Stage::with_places(1).reuse(Reuse { max_reuse: 2, ..FOUR });
    let function = stage.function("counter3").await;
    let (first, second) = (Held::begin(&function).await, Held::begin(&function).await);
    assert_eq!(Invocation::whole(&function, "/").await.1.outcome, Outcome::Unavailable);
    assert_eq!((first.end().await.0.as_str(), second.end().await.0.as_str()), ("1", "2"));
    stage.until_running(0).await;
    assert_eq!(count(&function).await, "1");
}

#[tokio::test]
async fn an_instance_waits_for_the_next_request_and_no_longer_than_it_may() {
    let stage = one_instance();
    let function = stage.function("counter3").await;
    assert_eq!(count(&function).await, "1");
    stage.until_running(0).await;
    assert_eq!(count(&function).await, "1", "half of one place is none for those that wait");

    let stage = Stage::new().reuse(FOUR);
    let function = stage.function("counter3").await;
    assert_eq!((count(&function).await.as_str(), count(&function).await.as_str()), ("1", "2"));
    assert_eq!(stage.runtime.running(), 1);
    drop(function);
    stage.until_running(0).await;

    let stage = Stage::new().reuse(Reuse { idle_timeout_ms: 10, ..FOUR });
    let function = stage.function("counter3").await;
    assert_eq!(count(&function).await, "1");
    stage.until_running(0).await;
    assert_eq!(count(&function).await, "1");
}

#[tokio::test]
async fn what_ends_the_instance_ends_all_that_it_serves() {
    let limits = Limits { cpu_ms: 50, ..Limits::default() };
    for (target, outcome) in [("/trap", Outcome::Trapped), ("/spin", Outcome::CpuExceeded)] {
        let stage = one_instance().limits(limits.clone());
        let function = stage.function("counter3").await;
        let mut held = Held::begin(&function).await;
        let (_, report) = Invocation::whole(&function, target).await;
        assert_eq!(report.outcome, outcome, "{target}: {report:?}");
        let (_, report) = (&mut held.answer).await.unwrap();
        assert_eq!(report.outcome, outcome, "{target}, which another asked for: {report:?}");
        stage.until_running(0).await;
        assert_eq!(count(&function).await, "1", "{target}");
    }
}

#[tokio::test]
async fn an_answer_that_streams_breaks_off_when_another_request_ends_the_instance() {
    let stage = one_instance();
    let function = stage.function("counter3").await;
    let mut stalled = Invocation::begin(&function, request("/stall", Bytes::new())).await;
    let mut body = stalled.body();
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "begun\n");
    assert_eq!(Invocation::whole(&function, "/trap").await.1.outcome, Outcome::Trapped);
    assert!(body.frame().await.unwrap().is_err(), "half an answer is not taken for a whole one");
    drop(body);
    assert_eq!(stalled.report().await.outcome, Outcome::Trapped);
}

#[tokio::test]
async fn an_instance_that_owes_an_answer_is_given_no_more_requests_and_finishes_what_it_has() {
    let hasty = Limits { timeout_ms: 300, ..Limits::default() };
    let stage = Stage::with_places(2).reuse(FOUR).limits(hasty);
    let function = stage.function("counter3").await;
    // Two, so that whoever comes next goes to the first where there is one processor and to either where there are more.
    let held = [Held::begin(&function).await, Held::begin(&function).await];
    let (_, report) = Invocation::whole(&function, "/sleep").await;
    assert_eq!(report.outcome, Outcome::TimedOut, "{report:?}");
    let ended = join_all(held.map(Held::end)).await;
    let is_over = |outcome| matches!(outcome, Outcome::Ok | Outcome::TimedOut);
    assert!(ended.iter().all(|(_, report)| is_over(report.outcome)), "{ended:?}");
    let stage = one_instance();
    let function = stage.function("counter3").await;
    let held = Held::begin(&function).await;
    {
        let mut sleeping = Box::pin(Invocation::begin(&function, request("/sleep", Bytes::new())));
        assert!(futures::poll!(&mut sleeping).is_pending());
    }
    assert_eq!(Invocation::whole(&function, "/").await.1.outcome, Outcome::Unavailable, "it is given no more");
    let (text, report) = held.end().await;
    assert_eq!((text.as_str(), report.outcome), ("1", Outcome::Ok), "{report:?}");
    stage.until_running(0).await;
    assert_eq!(count(&function).await, "1");
}

#[tokio::test]
async fn whoever_leaves_an_answer_that_streams_leaves_the_others_alone() {
    let stage = one_instance();
    let function = stage.function("counter3").await;
    let held = Held::begin(&function).await;
    let mut stalled = Invocation::begin(&function, request("/stall", Bytes::new())).await;
    let mut body = stalled.body();
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "begun\n");
    drop(body);
    assert_eq!(stalled.report().await.outcome, Outcome::Cancelled);
    assert_eq!(count(&function).await, "3", "the same instance");
    assert_eq!(held.end().await.1.outcome, Outcome::Ok);
}

#[tokio::test]
async fn each_is_billed_its_part_and_all_that_the_instance_holds() {
    let stage = one_instance();
    let function = stage.function("counter3").await;
    let held = Held::begin(&function).await;
    let (_, beside) = Invocation::whole(&function, "/work").await;
    let (_, waited) = held.end().await;
    let (_, alone) = Invocation::whole(&function, "/work").await;
    for report in [&beside, &waited, &alone] {
        assert_eq!(report.outcome, Outcome::Ok, "{report:?}");
        assert!(report.usage.memory_peak_bytes > 65_536, "{report:?}");
    }
    let [beside, waited, alone] = [beside, waited, alone].map(|report| report.usage.cpu_us);
    assert!(waited > alone / 4 && beside < alone * 4 / 5, "beside {beside}, waited {waited}, alone {alone} µs");
}

#[tokio::test]
async fn what_an_instance_writes_is_in_the_log_of_the_request_that_came_last() {
    let stage = one_instance();
    let function = stage.function("counter3").await;
    let held = Held::begin(&function).await;
    let (_, second) = Invocation::whole(&function, "/").await;
    let texts: Vec<_> = second.logs.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(texts, ["request 2", "no line's end after 2"]);
    let (_, first) = held.end().await;
    let texts: Vec<_> = first.logs.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(texts, ["request 1", "no line's end after 1"]);
}
