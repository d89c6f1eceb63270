//! What guests ask of open WebSockets: granted for their own and those declared, within bounds, and refused in the
//! interface's own words.

use domain::{Capability, Limits, invocation::Outcome};
use runtime::{Function, Socket, SocketMessage, artifact::PrepareError};

use super::{
    stage::{self, Stage},
    websockets::{connected, received, request},
};

/// What `function` answers to a command on `socket`.
async fn answer(stage: &Stage, function: &Function, socket: &Socket, command: &str) -> String {
    let report = received(function, socket, command).await;
    assert_eq!(report.outcome, Outcome::Ok, "{command}: {report:?}");
    stage.host.take_texts(socket).pop().unwrap_or_default()
}

async fn answers(stage: &Stage, function: &Function, socket: &Socket, expected: &[(&str, &str)]) {
    for (command, expected) in expected {
        assert_eq!(answer(stage, function, socket, command).await, *expected, "{command}");
    }
}

#[tokio::test]
async fn a_group_is_joined_counted_published_to_and_left() {
    let stage = Stage::new();
    let function = stage.function("ws-echo").await;
    let (ada, bob) = (stage.host.open_socket(), stage.host.open_socket());
    answers(&stage, &function, &ada, &[("count lobby", "0"), ("join lobby", "done"), ("join lobby", "done")]).await;
    answers(&stage, &function, &bob, &[("join lobby", "done"), ("count lobby", "2")]).await;
    received(&function, &bob, "publish lobby good morning").await;
    assert_eq!(stage.host.take_texts(&ada), ["good morning"]);
    assert_eq!(stage.host.take_texts(&bob), ["good morning", "2"]);
    answers(&stage, &function, &ada, &[("leave lobby", "done"), ("leave lobby", "done"), ("count lobby", "1")]).await;
    received(&function, &ada, "publish lobby anyone?").await;
    assert_eq!(stage.host.take_texts(&ada), ["1"]);
    assert_eq!(stage.host.take_texts(&bob), ["anyone?"]);
}

#[tokio::test]
async fn what_is_attached_is_there_at_the_next_message() {
    let stage = Stage::new();
    let function = stage.function("ws-echo").await;
    let mut socket = stage.host.open_socket();
    answers(&stage, &function, &socket, &[("attachment", ""), ("attach ada of the lobby", "done")]).await;
    assert_eq!(stage.host.attached(&socket), b"ada of the lobby");
    socket.attachment = stage.host.attached(&socket);
    answers(&stage, &function, &socket, &[("attachment", "ada of the lobby"), ("attach ", "done")]).await;
    assert!(stage.host.attached(&socket).is_empty());
}

#[tokio::test]
async fn a_connection_is_closed_by_its_function_and_gone_from_then_on() {
    let stage = Stage::new();
    let function = stage.function("ws-echo").await;
    let (ada, bob) = (stage.host.open_socket(), stage.host.open_socket());
    received(&function, &ada, "join lobby").await;
    let report = received(&function, &ada, "close 4001 bye for now").await;
    assert_eq!(stage.host.closed(&ada), Some((4_001, "bye for now".to_owned())));
    assert!(report.logs.iter().any(|line| line.text == "not done: Error::Gone"), "{:?}", report.logs);
    answers(
        &stage,
        &function,
        &bob,
        &[
            (&format!("to {} hello", ada.id), "Error::Gone"),
            (&format!("info-of {}", ada.id), "Error::Gone"),
            (&format!("kick {} 4000", ada.id), "Error::Gone"),
            ("to con_00 hello", "Error::Gone"),
            ("to nobody hello", "Error::Gone"),
            ("count lobby", "0"),
            ("publish lobby hello", "0"),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_connection_tells_how_it_stands() {
    let stage = Stage::new();
    let function = stage.function("ws-echo").await;
    let socket = stage.host.open_socket();
    received(&function, &socket, "join b").await;
    received(&function, &socket, "join a").await;
    let info = answer(&stage, &function, &socket, "info").await;
    for part in ["function: \"own\"", "version: 1", "groups: [\"a\", \"b\"]", "waiting-bytes: 8"] {
        assert!(info.contains(part), "{part}: {info}");
    }
}

#[tokio::test]
async fn messages_attachments_groups_and_closings_have_their_bounds() {
    let stage = Stage::new();
    let function = stage.function("ws-echo").await;
    let socket = stage.host.open_socket();
    received(&function, &socket, "large 1048576").await;
    let sent = stage.host.take_received(&socket);
    assert_eq!(sent.iter().map(SocketMessage::len).collect::<Vec<_>>(), [1 << 20, 4]);
    answers(
        &stage,
        &function,
        &socket,
        &[
            ("large 1048577", "Error::TooLarge"),
            ("attach-large 16384", "done"),
            ("attach-large 16385", "Error::TooLarge"),
            (&format!("join {}", "g".repeat(128)), "done"),
            ("groups 63", "done"),
            ("join group-62", "done"),
        ],
    )
    .await;
    assert_eq!(stage.host.attached(&socket).len(), 16_384);
    for (command, bound) in [
        ("join group-63".to_owned(), "one too many"),
        (format!("join {}", "g".repeat(129)), "128"),
        ("join ".to_owned(), "128"),
        ("leave ".to_owned(), "128"),
        ("count ".to_owned(), "128"),
        (format!("publish {} hello", "g".repeat(129)), "128"),
        ("close 999 no".to_owned(), "use 1000, or 3000 to 4999"),
        ("close 1001 no".to_owned(), "use 1000, or 3000 to 4999"),
        ("close 5000 no".to_owned(), "use 1000, or 3000 to 4999"),
        (format!("close 1000 {}", "x".repeat(124)), "at most 123"),
    ] {
        let said = answer(&stage, &function, &socket, &command).await;
        assert!(said.starts_with("Error::Invalid") && said.contains(bound), "{command}: {said}");
    }
    assert_eq!(stage.host.closed(&socket), None);
    received(&function, &socket, &format!("close 4999 {}", "x".repeat(123))).await;
    assert_eq!(stage.host.closed(&socket), Some((4_999, "x".repeat(123))));
}

#[tokio::test]
async fn a_client_that_does_not_read_is_told_apart_from_one_that_is_gone() {
    let stage = Stage::new();
    let function = stage.function("ws-echo").await;
    let (slow, quick) = (stage.host.open_socket(), stage.host.open_socket());
    received(&function, &slow, "join lobby").await;
    stage.host.fill_socket(&slow);
    answers(
        &stage,
        &function,
        &quick,
        &[(&format!("to {} hello", slow.id), "Error::TooSlow"), ("join lobby", "done"), ("publish lobby hello", "1")],
    )
    .await;
}

#[tokio::test]
async fn connections_of_other_functions_are_reached_where_they_are_declared() {
    let mut stage = Stage::new();
    let socket = stage.host.open_socket();
    let (friend, stranger) = (stage.host.open_socket_of("friend"), stage.host.open_socket_of("stranger"));
    stage.configuration.connections_of.insert("friend".parse().unwrap());
    let function = stage.function("ws-echo").await;
    answers(&stage, &function, &socket, &[(&format!("to {} hello there", friend.id), "done")]).await;
    assert_eq!(stage.host.take_texts(&friend), ["hello there"]);
    for command in ["to {} hello", "info-of {}", "kick {} 4000"] {
        let command = command.replace("{}", &stranger.id);
        let report = received(&function, &socket, &command).await;
        assert_eq!(stage.host.take_texts(&socket), ["Error::Undeclared"], "{command}");
        let told = |text: &str| text.contains(&stranger.id) && text.contains("connections_of");
        assert!(report.logs.iter().any(|line| told(&line.text)), "{command}: {:?}", report.logs);
    }
    assert_eq!((stage.host.closed(&stranger), stage.host.take_texts(&stranger).len()), (None, 0));
}

#[tokio::test]
async fn a_group_reaches_only_the_members_within_reach() {
    let mut stage = Stage::new();
    let socket = stage.host.open_socket();
    let (friend, stranger) = (stage.host.open_socket_of("friend"), stage.host.open_socket_of("stranger"));
    for (socket, name) in [(&friend, "friend"), (&stranger, "stranger")] {
        stage.configuration.connections_of = [name.parse().unwrap()].into();
        received(&stage.function("ws-echo").await, &stage.host.open_socket(), &format!("join-of {} all", socket.id))
            .await;
    }
    stage.configuration.connections_of = ["friend".parse().unwrap()].into();
    let function = stage.function("ws-echo").await;
    answers(&stage, &function, &socket, &[("join all", "done"), ("count all", "2")]).await;
    received(&function, &socket, "publish all hello").await;
    assert_eq!(stage.host.take_texts(&socket), ["hello", "2"]);
    assert_eq!((stage.host.take_texts(&friend), stage.host.take_texts(&stranger).len()), (vec!["hello".to_owned()], 0));
}

#[tokio::test]
async fn a_flood_of_publishing_ends_with_the_invocations_cpu() {
    let stage = Stage::new().limits(Limits { cpu_ms: 50, ..Limits::default() });
    let function = stage.function("ws-echo").await;
    let socket = stage.host.open_socket();
    let report = received(&function, &socket, "flood nobody").await;
    assert_eq!(report.outcome, Outcome::CpuExceeded, "{report:?}");
    let (answer, _) = connected(&function, request("/?flood=nobody")).await;
    assert_eq!(answer, Err(Outcome::CpuExceeded));
    assert_eq!(stage.runtime.running(), 0);
}

#[tokio::test]
async fn a_message_beyond_what_one_call_may_carry_traps() {
    let stage = Stage::new();
    let function = stage.function("ws-echo").await;
    let report = received(&function, &stage.host.open_socket(), "large 17000000").await;
    assert_eq!(report.outcome, Outcome::Trapped, "{report:?}");
    assert!(report.error.as_deref().is_some_and(|error| error.contains("too much data")), "{report:?}");
}

#[tokio::test]
async fn an_init_that_publishes_fails_the_version_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let refused = stage::prepare(&harness::guest("eager-publish"), folder.path()).await;
    let Err(PrepareError::Refused(failure)) = refused else { panic!("{refused:?}") };
    assert_eq!(failure.code, "init-trapped");
    assert!(failure.message.contains("not there while a version is prepared"), "{}", failure.message);
}

#[tokio::test]
async fn the_verdict_tells_that_a_component_asks_for_connections() {
    let folder = tempfile::tempdir().unwrap();
    let verdict = stage::prepare(&harness::guest("ws-echo"), folder.path()).await.unwrap().verdict;
    assert!(verdict.capabilities.contains(&Capability::Connections), "{:?}", verdict.capabilities);
    assert!(verdict.exports.iter().any(|export| export == "dormouse:websocket/handler@0.1.0"), "{:?}", verdict.exports);
}
