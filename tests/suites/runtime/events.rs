//! Events that are no HTTP requests: batches of messages, slots of schedules, calls by name.

use std::time::Duration;

use domain::{Limits, Reuse, invocation::Outcome};
use runtime::{Batch, Disposition, Failure, Function, Message, Payload, Report, Slot};

use super::stage::{Stage, call};

/// Longer than any of these guests takes, unless it never comes back.
const PATIENCE: Duration = Duration::from_secs(60);

fn batch(bodies: &[&str]) -> Batch {
    let message = |(index, body): (usize, &&str)| Message {
        id: format!("msg_{index}"),
        body: body.as_bytes().to_vec(),
        content_type: "text/plain".to_owned(),
        attributes: vec![("from".to_owned(), "a test".to_owned())],
        group: None,
        receives: 1,
        enqueued_at_us: 2,
        first_enqueued_at_us: 1,
    };
    Batch { queue: "orders".to_owned(), messages: bodies.iter().enumerate().map(message).collect() }
}

fn slot(name: &str) -> Slot {
    Slot { id: "slt_1".to_owned(), name: name.to_owned(), scheduled_at_us: 1_700_000_000_000_000, attempt: 2 }
}

fn payload(text: &str) -> Payload {
    Payload { content_type: "text/plain".to_owned(), body: text.as_bytes().to_vec() }
}

/// Has `function` handle messages of these bodies; what became of them, or how the guest ended.
async fn consumed(function: &Function, bodies: &[&str]) -> (Result<Vec<Disposition>, Outcome>, Report) {
    let (call, report) = call();
    let answer = function.consume(call, PATIENCE, batch(bodies)).await;
    (answer.map_err(|fault| fault.outcome), report.await.unwrap())
}

fn lines(report: &Report) -> Vec<&str> {
    report.logs.iter().map(|line| line.text.as_str()).collect()
}

#[tokio::test]
async fn a_consumer_says_of_each_message_what_became_of_it() {
    let stage = Stage::new();
    let (answer, report) =
        consumed(&stage.function("poison").await, &["a", "retry", "retry 250", "reject bad", "b"]).await;
    let expected = [
        Disposition::Ack,
        Disposition::Retry(None),
        Disposition::Retry(Some(Duration::from_millis(250))),
        Disposition::Reject("bad".to_owned()),
        Disposition::Ack,
    ];
    assert_eq!(answer.unwrap(), expected);
    assert_eq!(lines(&report), ["msg_0 1 a", "msg_4 1 b"]);
    assert_eq!((report.outcome, report.usage.request_bytes), (Outcome::Ok, 26));
    assert_eq!(stage.runtime.running(), 0);
}

#[tokio::test]
async fn messages_without_an_outcome_are_retried_and_outcomes_without_a_message_ignored() {
    let function = Stage::new().function("poison").await;
    let (answer, report) = consumed(&function, &["a", "short", "b"]).await;
    assert_eq!(answer.unwrap(), [Disposition::Ack, Disposition::Retry(None), Disposition::Retry(None)]);
    assert!(lines(&report).iter().any(|line| line.contains("gave 1 outcomes for 3 messages")), "{report:?}");
    let (answer, report) = consumed(&function, &["long", "b"]).await;
    assert_eq!(answer.unwrap(), [Disposition::Ack, Disposition::Ack]);
    assert!(lines(&report).iter().any(|line| line.contains("gave 1000 outcomes for 2 messages")), "{report:?}");
}

#[tokio::test]
async fn a_delay_is_cut_at_a_quarter_of_an_hour() {
    let (answer, _) = consumed(&Stage::new().function("poison").await, &["retry 18446744073709551615"]).await;
    assert_eq!(answer.unwrap(), [Disposition::Retry(Some(Disposition::MOST_DELAY))]);
}

#[tokio::test]
async fn a_consumer_is_held_to_the_limits_of_its_version() {
    let limits = Limits { cpu_ms: 200, memory_mib: 32, ..Limits::default() };
    let function = Stage::new().limits(limits).function("poison").await;
    for (misdeed, outcome) in [
        ("trap", Outcome::Trapped),
        ("spin", Outcome::CpuExceeded),
        ("memory", Outcome::OutOfMemory),
        ("exit", Outcome::NoAnswer),
    ] {
        let (answer, report) = consumed(&function, &["a", misdeed]).await;
        assert_eq!((answer, report.outcome), (Err(outcome), outcome), "{misdeed}");
        assert!(report.error.is_some());
    }
    let (answer, _) = consumed(&function, &["a"]).await;
    assert_eq!(answer, Ok(vec![Disposition::Ack]));
}

#[tokio::test]
async fn the_deadline_is_that_of_the_call() {
    let stage = Stage::new().limits(Limits { timeout_ms: 1, ..Limits::default() });
    let function = stage.function("poison").await;
    assert_eq!(consumed(&function, &["a"]).await.0, Ok(vec![Disposition::Ack]));
    let (call, report) = call();
    let late = function.consume(call, Duration::from_millis(50), batch(&["sleep"])).await;
    assert_eq!(late.unwrap_err().outcome, Outcome::TimedOut);
    assert!(report.await.unwrap().usage.wall_us >= 50_000);
    assert_eq!(stage.runtime.running(), 0);
}

#[tokio::test]
async fn a_caller_who_goes_away_ends_the_guest() {
    let stage = Stage::new();
    let function = stage.function("poison").await;
    let (call, report) = call();
    let consuming = tokio::spawn(async move { function.consume(call, PATIENCE, batch(&["sleep"])).await });
    stage.until_running(1).await;
    consuming.abort();
    assert_eq!(report.await.unwrap().outcome, Outcome::Cancelled);
    assert_eq!(stage.runtime.running(), 0);
}

#[tokio::test]
async fn a_slot_is_run_or_says_why_not() {
    let function = Stage::new().function("poison").await;
    let (good, report) = call();
    assert_eq!(function.run_slot(good, PATIENCE, slot("nightly")).await, Ok(Ok(())));
    let report = report.await.unwrap();
    assert_eq!((report.outcome, lines(&report)), (Outcome::Ok, vec!["slt_1 nightly 1700000000000000 2"]));
    let (bad, report) = call();
    let said = "attempt 2 failed as it should".to_owned();
    assert_eq!(function.run_slot(bad, PATIENCE, slot("fail")).await, Ok(Err(said.clone())));
    let report = report.await.unwrap();
    assert_eq!((report.outcome, report.error), (Outcome::Failed, Some(said)));
    let (worse, report) = call();
    assert_eq!(function.run_slot(worse, PATIENCE, slot("trap")).await.unwrap_err().outcome, Outcome::Trapped);
    assert_eq!(report.await.unwrap().outcome, Outcome::Trapped);
}

#[tokio::test]
async fn a_call_by_name_is_answered_or_says_why_not() {
    let function = Stage::new().function("poison").await;
    let (good, report) = call();
    assert_eq!(function.invoke(good, payload("hello")).await, Ok(Ok(payload("hello"))));
    let usage = report.await.unwrap().usage;
    assert_eq!((usage.request_bytes, usage.response_bytes), (5, 5));
    let (bad, report) = call();
    let failure = Failure { code: "empty".to_owned(), message: "this call fails as it should".to_owned() };
    assert_eq!(function.invoke(bad, payload("fail empty")).await, Ok(Err(failure)));
    let report = report.await.unwrap();
    assert_eq!(report.outcome, Outcome::Failed);
    assert_eq!(report.error.as_deref(), Some("empty: this call fails as it should"));
    let (large, report) = call();
    let fault = function.invoke(large, payload("large")).await.unwrap_err();
    assert_eq!(fault.outcome, Outcome::NoAnswer);
    assert!(fault.message.contains("at most 6291456"), "{fault}");
    assert_eq!(report.await.unwrap().error, Some(fault.message));
}

#[tokio::test]
async fn a_component_without_the_handler_says_which_it_lacks() {
    let stage = Stage::new();
    let (answer, report) = consumed(&stage.function("hello").await, &["a"]).await;
    assert_eq!(answer, Err(Outcome::NoAnswer));
    assert_eq!(report.error.as_deref(), Some("the component does not export dormouse:queue/consumer@0.1.0"));
    let fault = stage.get("poison", "/").await.answer.unwrap_err();
    assert_eq!(fault.outcome, Outcome::NoAnswer);
    assert!(fault.message.contains("wasi:http/incoming-handler"), "{fault}");
}

#[tokio::test]
async fn an_instance_that_may_serve_again_does_also_after_a_failure_of_its_own_words() {
    let function = Stage::new().reuse(Reuse::default()).function("poison").await;
    for (name, fresh) in [("nightly", true), ("fail", false), ("nightly", false)] {
        let (call, report) = call();
        function.run_slot(call, PATIENCE, slot(name)).await.unwrap().ok();
        assert_eq!(report.await.unwrap().usage.instantiate_us > 0, fresh, "{name}");
    }
}
