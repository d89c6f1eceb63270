//! Events of WebSockets: what a guest is asked and told, and how each of them ends.

use domain::{Limits, Reuse, invocation::Outcome};
use runtime::{Function, Report, Socket, SocketAccept, SocketMessage, SocketRefusal, SocketRequest};

use super::stage::{Stage, call};

/// A client's request for `target`, for a connection that is not open yet.
pub(super) fn request(target: &str) -> SocketRequest {
    SocketRequest {
        connection: "con_0000000000007000800000000000000f".to_owned(),
        path_with_query: target.to_owned(),
        route: Some("/chat/{room}".to_owned()),
        parameters: vec![("room".to_owned(), "lobby".to_owned())],
        headers: vec![("origin".to_owned(), b"https://example.com".to_vec())],
        subprotocols: vec!["chat.v2".to_owned(), "chat.v1".to_owned()],
        remote_address: "127.0.0.1:5000".to_owned(),
    }
}

/// What `function` says to `request`; an outcome where it says nothing.
pub(super) async fn connected(
    function: &Function,
    request: SocketRequest,
) -> (Result<Result<SocketAccept, SocketRefusal>, Outcome>, Report) {
    let (call, report) = call();
    let answer = function.connect(call, request).await;
    (answer.map_err(|fault| fault.outcome), report.await.unwrap())
}

/// Has `function` handle a text message.
pub(super) async fn received(function: &Function, socket: &Socket, text: &str) -> Report {
    let (call, report) = call();
    let done = function.receive(call, socket.clone(), SocketMessage::Text(text.to_owned())).await;
    let report = report.await.unwrap();
    assert_eq!(done.err().map(|fault| fault.outcome).unwrap_or(Outcome::Ok), report.outcome);
    report
}

fn lines(report: &Report) -> Vec<&str> {
    report.logs.iter().map(|line| line.text.as_str()).collect()
}

#[tokio::test]
async fn a_client_is_accepted_with_what_the_guest_says_of_its_connection() {
    let function = Stage::new().function("ws-echo").await;
    let (answer, report) = connected(&function, request("/chat/lobby?group=a&group=b&attach=ada")).await;
    let expected = SocketAccept {
        subprotocol: Some("chat.v1".to_owned()),
        attachment: b"ada".to_vec(),
        groups: vec!["a".to_owned(), "b".to_owned()],
    };
    assert_eq!(answer, Ok(Ok(expected)));
    assert_eq!((report.outcome, report.usage.request_bytes), (Outcome::Ok, 25));
    assert_eq!(lines(&report), ["/chat/lobby?group=a&group=b&attach=ada from 127.0.0.1:5000"]);
    let (answer, _) = connected(&function, SocketRequest { subprotocols: Vec::new(), ..request("/") }).await;
    assert_eq!(answer, Ok(Ok(SocketAccept::default())));
}

#[tokio::test]
async fn a_message_comes_back_as_it_came() {
    let stage = Stage::new();
    let function = stage.function("ws-echo").await;
    let socket = stage.host.open_socket();
    for message in [
        SocketMessage::Text("hello".to_owned()),
        SocketMessage::Text(String::new()),
        SocketMessage::Binary(vec![0, 255, 1]),
        SocketMessage::Text("ü".repeat(1 << 19)),
    ] {
        let (call, report) = call();
        function.receive(call, socket.clone(), message.clone()).await.unwrap();
        let report = report.await.unwrap();
        assert_eq!((report.outcome, report.usage.request_bytes), (Outcome::Ok, message.len() as u64));
        assert_eq!(stage.host.take_received(&socket), [message]);
    }
    assert_eq!(stage.runtime.running(), 0);
}

#[tokio::test]
async fn a_refusal_is_an_answer_with_the_guests_own_words() {
    let function = Stage::new().function("ws-echo").await;
    let (answer, report) = connected(&function, request("/?refuse=403")).await;
    assert_eq!(answer, Ok(Err(SocketRefusal { status: 403, body: "refused as asked for".to_owned() })));
    assert_eq!((report.outcome, report.error), (Outcome::Ok, None));
}

#[tokio::test]
async fn an_end_is_told_with_its_code_and_reason() {
    let stage = Stage::new();
    let function = stage.function("ws-echo").await;
    let (socket, other) = (stage.host.open_socket(), stage.host.open_socket());
    received(&function, &other, "join closings").await;
    let (call, report) = call();
    function.disconnect(call, socket.clone(), 1_006, "gone away".to_owned()).await.unwrap();
    let report = report.await.unwrap();
    assert_eq!(lines(&report), [format!("{} closed 1006 gone away", socket.id)]);
    assert_eq!(stage.host.take_texts(&other), ["done", "closed 1006 gone away"]);
}

#[tokio::test]
async fn a_guest_that_misbehaves_is_held_to_the_limits_of_its_version() {
    let limits = Limits { cpu_ms: 200, memory_mib: 32, ..Limits::default() };
    let stage = Stage::new().limits(limits);
    let function = stage.function("ws-echo").await;
    let socket = stage.host.open_socket();
    for (misdeed, outcome) in [
        ("trap", Outcome::Trapped),
        ("spin", Outcome::CpuExceeded),
        ("memory", Outcome::OutOfMemory),
        ("exit", Outcome::NoAnswer),
    ] {
        let report = received(&function, &socket, misdeed).await;
        assert_eq!((report.outcome, report.error.is_some()), (outcome, true), "{misdeed}");
        let (answer, report) = connected(&function, request(&format!("/?connect={misdeed}"))).await;
        assert_eq!((answer, report.outcome), (Err(outcome), outcome), "{misdeed}");
    }
    assert!(stage.host.take_received(&socket).is_empty());
    received(&function, &socket, "still here").await;
    assert_eq!(stage.host.take_texts(&socket), ["still here"]);
    assert_eq!(stage.runtime.running(), 0);
}

#[tokio::test]
async fn a_guest_that_never_returns_is_ended_at_its_deadline_or_with_its_caller() {
    let stage = Stage::new().limits(Limits { timeout_ms: 50, ..Limits::default() });
    let function = stage.function("ws-echo").await;
    let socket = stage.host.open_socket();
    assert_eq!(received(&function, &socket, "sleep").await.outcome, Outcome::TimedOut);
    assert_eq!(connected(&function, request("/?connect=sleep")).await.0, Err(Outcome::TimedOut));
    let patient = Stage::new();
    let function = patient.function("ws-echo").await;
    let (call, report) = call();
    let asking = tokio::spawn(async move { function.connect(call, request("/?connect=sleep")).await });
    patient.until_running(1).await;
    asking.abort();
    assert_eq!(report.await.unwrap().outcome, Outcome::Cancelled);
    assert_eq!((stage.runtime.running(), patient.runtime.running()), (0, 0));
}

#[tokio::test]
async fn a_component_without_the_handler_says_which_it_lacks() {
    let stage = Stage::new();
    let (answer, report) = connected(&stage.function("hello").await, request("/")).await;
    assert_eq!(answer, Err(Outcome::NoAnswer));
    let lacks = "the component does not export dormouse:websocket/handler@0.1.0";
    assert_eq!(report.error.as_deref(), Some(lacks));
    let report = received(&stage.function("poison").await, &stage.host.open_socket(), "hello").await;
    assert_eq!((report.outcome, report.error.as_deref()), (Outcome::NoAnswer, Some(lacks)));
}

#[tokio::test]
async fn a_guest_of_the_other_generation_serves_connections_too() {
    for stage in [Stage::new(), Stage::new().reuse(Reuse::default())] {
        let function = stage.function("ws-echo3").await;
        let socket = stage.host.open_socket();
        let (answer, _) = connected(&function, request("/?ada")).await;
        assert_eq!(answer, Ok(Ok(SocketAccept { attachment: b"ada".to_vec(), ..SocketAccept::default() })));
        for text in ["one", "two"] {
            received(&function, &socket, text).await;
            assert_eq!(stage.host.take_texts(&socket), [text]);
        }
        assert_eq!(received(&function, &socket, "trap").await.outcome, Outcome::Trapped);
        let (call, report) = call();
        function.disconnect(call, socket.clone(), 1_011, String::new()).await.unwrap();
        assert_eq!(lines(&report.await.unwrap()), [format!("{} closed 1011 ", socket.id)]);
    }
    let mut greeted = Stage::new().get("ws-echo3", "/").await;
    assert_eq!(greeted.text().await, "connect with a WebSocket\n");
}

#[tokio::test]
async fn an_instance_that_may_serve_again_serves_all_events_of_connections() {
    let stage = Stage::new().reuse(Reuse::default());
    let function = stage.function("ws-echo").await;
    let socket = stage.host.open_socket();
    let (_, first) = connected(&function, request("/")).await;
    let second = received(&function, &socket, "hello").await;
    let (call, third) = call();
    function.disconnect(call, socket.clone(), 1_000, String::new()).await.unwrap();
    let fresh = [first, second, third.await.unwrap()].map(|report| report.usage.instantiate_us > 0);
    assert_eq!(fresh, [true, false, false]);
    assert_eq!(received(&function, &socket, "trap").await.outcome, Outcome::Trapped);
    assert!(received(&function, &socket, "hello").await.usage.instantiate_us > 0, "a trapped one serves no more");
}
