//! What guests ask of the platform: granted where declared and within bounds, refused in the interface's own words.

use domain::{Capability, invocation::Outcome};
use runtime::{Function, Payload, Report, artifact::PrepareError};

use super::stage::{self, Stage, call};

fn text(text: &str) -> Payload {
    Payload { content_type: "text/plain".to_owned(), body: text.as_bytes().to_vec() }
}

/// Asks `function` for something; its answer, and the report.
async fn asked(function: &Function, question: &str) -> (String, Report) {
    let (call, report) = call();
    let answer = function.invoke(call, text(question)).await.unwrap().unwrap();
    (String::from_utf8(answer.body).unwrap(), report.await.unwrap())
}

async fn answers(function: &Function, question: &str, expected: &str) {
    let (answer, report) = asked(function, question).await;
    assert_eq!((answer.as_str(), report.outcome), (expected, Outcome::Ok), "{question}");
}

/// A stage whose guests may use the bucket `shared`, the queue `orders`, the functions `other` and `gone`, the secret
/// `KEY`, and have the variable `NAME`.
fn granted() -> Stage {
    // Room for a chain of eight calls and more.
    let mut stage = Stage::with_places(16).variable("NAME", "Ada");
    stage.configuration.key_value.insert("shared".parse().unwrap());
    stage.configuration.sends_to.extend(["orders".parse().unwrap(), "nowhere".parse().unwrap()]);
    stage.configuration.invokes.extend(["other".parse().unwrap(), "gone".parse().unwrap()]);
    stage.configuration.secrets.extend(["KEY".parse().unwrap(), "GONE".parse().unwrap()]);
    stage.host.add_queue("orders");
    stage.host.add_secret("KEY", "open sesame");
    stage
}

#[tokio::test]
async fn values_are_kept_by_key() {
    let stage = granted();
    let asks = stage.function("asks").await;
    answers(&asks, "get shared a", "none").await;
    answers(&asks, "set shared a one two", "kept").await;
    answers(&asks, "get shared a", "one two").await;
    answers(&asks, "add shared n 5", "5").await;
    answers(&asks, "add shared n -7", "-2").await;
    answers(&asks, "append shared b x", "x").await;
    answers(&asks, "append shared b y", "xy").await;
    answers(&asks, "many shared 100", "100").await;
    for key in 0..25 {
        answers(&asks, &format!("set shared k{key:02} v"), "kept").await;
    }
    let (keys, _) = asked(&asks, "keys shared").await;
    let expected: Vec<_> =
        ["a", "b"].into_iter().map(str::to_owned).chain((0..25).map(|key| format!("k{key:02}"))).collect();
    assert_eq!(keys, [expected.join(" "), "n".to_owned()].join(" "));
    answers(&asks, "delete shared a", "false").await;
    assert_eq!(stage.host.value("shared", "n").as_deref(), Some("-2"));
}

#[tokio::test]
async fn values_keys_and_batches_have_their_bounds() {
    let asks = granted().function("asks").await;
    answers(&asks, &format!("fill shared a {}", 1 << 20), "kept").await;
    for (question, bound) in [
        (format!("fill shared a {}", (1 << 20) + 1), "at most 1048576"),
        (format!("get shared {}", "k".repeat(513)), "use 1 to 512"),
        ("many shared 101".to_owned(), "at most 100"),
        ("add shared a 1".to_owned(), "no whole number"),
    ] {
        let (answer, _) = asked(&asks, &question).await;
        assert!(answer.starts_with("Error::Other") && answer.contains(bound), "{answer}");
    }
}

#[tokio::test]
async fn messages_are_sent_to_the_queues_that_are_declared() {
    let stage = granted();
    let asks = stage.function("asks").await;
    answers(&asks, "send orders seven apples", "msg_0").await;
    answers(&asks, "flood orders 100 10", "100").await;
    answers(&asks, "flood orders 0 0", "0").await;
    let sent = stage.host.take_sent("orders");
    assert_eq!((sent.len(), sent[0].body.as_slice()), (101, &b"seven apples"[..]));
    answers(&asks, "flood orders 101 1", "Error::TooLarge").await;
    answers(&asks, &format!("flood orders 1 {}", (256 << 10) + 1), "Error::TooLarge").await;
    answers(&asks, "send nowhere a", "Error::Missing").await;
    assert!(stage.host.take_sent("orders").is_empty());
}

#[tokio::test]
async fn functions_are_called_and_their_failures_told() {
    let stage = granted();
    stage.host.add_function("other", stage.function("poison").await);
    let asks = stage.function("asks").await;
    answers(&asks, "call other hello there", "hello there").await;
    answers(&asks, "later other hello", "inv_1").await;
    assert_eq!(stage.host.take_later()[0].1.body, b"hello");
    let (answer, _) = asked(&asks, "call other fail empty").await;
    assert!(answer.starts_with("Error::Failed") && answer.contains("empty"), "{answer}");
    answers(&asks, "call other trap", "Error::Unavailable").await;
    answers(&asks, "call gone hello", "Error::Missing").await;
    answers(&asks, "later gone hello", "Error::Missing").await;
    assert_eq!(stage.runtime.running(), 0);
}

#[tokio::test]
async fn a_function_that_calls_itself_ends_at_the_eighth_call() {
    let stage = granted();
    let asks = stage.function("asks").await;
    stage.host.add_function("other", asks.clone());
    answers(&asks, "again other", "Error::TooDeep").await;
    let (call, _) = call();
    let seventh = asks.invoke_from(call, text("again other"), 8).await.unwrap().unwrap();
    assert_eq!(seventh.body, b"Error::TooDeep");
}

#[tokio::test]
async fn secrets_and_variables_are_read() {
    let asks = granted().function("asks").await;
    answers(&asks, "secret KEY", "open sesame").await;
    answers(&asks, "secret GONE", "Error::Missing").await;
    answers(&asks, "variable NAME", "Ada").await;
    answers(&asks, "variable OTHER", "none").await;
}

#[tokio::test]
async fn what_is_not_declared_is_refused_and_the_log_says_what_is_missing() {
    let asks = Stage::new().function("asks").await;
    for (question, refusal, field) in [
        ("get shared a", "Error::AccessDenied", "key_value"),
        ("send orders a", "Error::Undeclared", "sends_to"),
        ("call other a", "Error::Undeclared", "invokes"),
        ("later other a", "Error::Undeclared", "invokes"),
        ("secret KEY", "Error::Undeclared", "secrets"),
    ] {
        let (answer, report) = asked(&asks, question).await;
        assert_eq!(answer, refusal, "{question}");
        assert!(report.logs.iter().any(|line| line.text.contains(field)), "{question}: {:?}", report.logs);
    }
}

#[tokio::test]
async fn the_verdict_tells_what_a_component_may_ask_for() {
    let folder = tempfile::tempdir().unwrap();
    let verdict = stage::prepare(&harness::guest("asks"), folder.path()).await.unwrap().verdict;
    for capability in [Capability::KeyValue, Capability::Queues, Capability::Functions, Capability::Secrets] {
        assert!(verdict.capabilities.contains(&capability), "{capability:?}: {:?}", verdict.capabilities);
    }
}

#[tokio::test]
async fn an_init_that_asks_for_any_of_it_fails_the_version_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let refused = stage::prepare(&harness::guest("eager"), folder.path()).await;
    let Err(PrepareError::Refused(failure)) = refused else { panic!("{refused:?}") };
    assert_eq!(failure.code, "init-trapped");
    assert!(failure.message.contains("not there while a version is prepared"), "{}", failure.message);
}
