//! Connections as people meet them: by REST and by the command line.

use futures::StreamExt as _;
use harness::{Actor, Project};
use http::Method;
use serde_json::json;

use super::{
    client::Socket,
    stage::{echo, echo_with, open, socket, until_open},
};
use crate::triggers::stage::{route, upload_with};

/// All open connections, newest first.
async fn list(ada: &Actor, query: &str) -> Vec<wire::Connection> {
    let page: wire::Page<wire::Connection> = ada.get(&format!("/connections{query}")).await.expect(200).parse();
    page.items
}

async fn only(ada: &Actor) -> wire::Connection {
    let [connection] = list(ada, "").await.try_into().expect("one connection");
    connection
}

async fn verb(project: &Project, words: &[&str]) -> harness::Ran {
    let token = project.token("ada").await;
    project.run(&token, &[&["connections"], words].concat()).await
}

#[tokio::test]
async fn open_connections_are_listed_newest_first_by_function_version_and_group() {
    let (project, ada) = echo().await;
    let mut sockets = Vec::new();
    for path in ["/ws?group=red", "/ws?group=blue", "/ws"] {
        let mut socket = Socket::open_with(&project, path, &[("Sec-WebSocket-Protocol", "chat.v1")]).await;
        assert_eq!(socket.exchange("hello").await, "hello");
        sockets.push(socket);
    }
    let all = list(&ada, "").await;
    let paths: Vec<_> = all.iter().map(|connection| connection.path_with_query.as_str()).collect();
    assert_eq!(paths, ["/ws", "/ws?group=blue", "/ws?group=red"]);
    let [newest, ..] = all.as_slice() else { panic!("three connections") };
    assert_eq!((newest.function.as_str(), newest.version.0, newest.groups.len()), ("echo", 1, 0));
    assert_eq!(newest.subprotocol.as_deref(), Some("chat.v1"));
    assert_eq!((newest.received, newest.received_bytes, newest.sent, newest.sent_bytes), (1, 5, 1, 5));
    assert!(newest.remote_address.starts_with("127.0.0.1:") && newest.last_active_at_us >= newest.connected_at_us);

    let ids = |found: Vec<wire::Connection>| found.into_iter().map(|connection| connection.id).collect::<Vec<_>>();
    assert_eq!(ids(list(&ada, "?group=red").await), [all[2].id.clone()]);
    assert_eq!(ids(list(&ada, "?function=echo&version=1").await).len(), 3);
    for nobody in ["?function=other", "?version=2", "?group=green"] {
        assert_eq!(list(&ada, nobody).await, [], "{nobody}");
    }
    let page: wire::Page<wire::Connection> = ada.get("/connections?limit=2").await.expect(200).parse();
    let rest = list(&ada, &format!("?cursor={}", page.next_cursor.expect("there is more"))).await;
    assert_eq!((page.items.len(), ids(rest)), (2, vec![all[2].id.clone()]));
    let counts: wire::ConnectionCounts = ada.get("/connections/counts").await.expect(200).parse();
    let counts: Vec<_> =
        counts.items.iter().map(|count| (count.function.as_str(), count.version.0, count.open)).collect();
    assert_eq!(counts, [("echo", 1, 3)]);
    for socket in sockets {
        socket.leave().await;
    }
    until_open(&ada, 0).await;
    ada.get(&format!("/connections/{}", all[0].id)).await.expect(410);
}

#[tokio::test]
async fn how_many_there_were_is_told_by_version_up_to_now() {
    let (project, ada) = echo().await;
    let history = async |query: &str| -> wire::ConnectionHistory {
        ada.get(&format!("/connections/history{query}")).await.expect(200).parse()
    };
    assert_eq!(history("").await.items, [], "nobody was there yet");
    let mut sockets = Vec::new();
    for version in [1, 2] {
        if version == 2 {
            upload_with(&ada, "echo", "ws-echo", json!({})).await;
            route(&ada, "echo", 2, json!([socket(json!({}))])).await;
        }
        for _ in 0..version {
            let mut socket = Socket::open(&project, "/ws").await;
            assert_eq!(socket.exchange("hello").await, "hello");
            sockets.push(socket);
        }
    }
    let told = history("?function=echo").await;
    assert!(told.at_us.is_sorted() && told.at_us.len() > 1, "the server has counted before: {told:?}");
    assert!(told.items.iter().all(|series| series.open.len() == told.at_us.len()), "{told:?}");
    let now = |told: &wire::ConnectionHistory| -> Vec<_> {
        told.items
            .iter()
            .map(|series| (series.function.clone(), series.version.0, series.open.last().copied()))
            .collect()
    };
    let expected = [("echo".to_owned(), 1, Some(1)), ("echo".to_owned(), 2, Some(2))];
    assert_eq!(now(&told), expected);
    assert_eq!(now(&history("").await), expected);
    assert_eq!(history("?function=other").await.items, []);
}

#[tokio::test]
async fn people_send_attach_nothing_and_close() {
    let (project, ada) = echo().await;
    let mut socket = Socket::open(&project, "/ws").await;
    assert_eq!(socket.exchange("hello").await, "hello");
    let path = format!("/connections/{}", only(&ada).await.id);
    ada.post(&path, json!({ "body": "from the platform" })).await.expect(202);
    assert_eq!(socket.hear().await, "from the platform");
    ada.post(&path, json!({ "body": "AAEC", "body_is_base64": true })).await.expect(202);
    let binary = socket.next().await.expect("a message");
    assert_eq!((binary.first, binary.payload), (0x82, vec![0, 1, 2]));
    for (code, status) in [(1_001, 422), (999, 422), (5_000, 422), (4_001, 204)] {
        let closed = ada.request(Method::DELETE, &format!("{path}?code={code}&reason=done")).send().await;
        assert_eq!(closed.status(), status, "{code}");
    }
    assert_eq!(socket.closed().await, Some((4_001, "done".to_owned())));
    until_open(&ada, 0).await;
}

#[tokio::test]
async fn a_message_to_a_group_reaches_its_members_and_nobody_else() {
    let (project, ada) = echo().await;
    let mut members = Vec::new();
    for _ in 0..3 {
        members.push(Socket::open(&project, "/ws?group=room%207").await);
    }
    let mut stranger = Socket::open(&project, "/ws").await;
    let reached: wire::GroupMembers = ada.post("/groups/room%207", json!({ "body": "all" })).await.expect(200).parse();
    assert_eq!(reached.members, 3);
    for member in &mut members {
        assert_eq!(member.hear().await, "all");
    }
    assert_eq!(stranger.exchange("still here").await, "still here");
    assert_eq!(ada.get("/groups/room%207").await.expect(200).parse::<wire::GroupMembers>().members, 3);
}

#[tokio::test]
async fn what_passes_over_a_connection_can_be_watched_until_it_closes() {
    let (project, ada) = echo().await;
    let mut socket = Socket::open(&project, "/ws").await;
    assert_eq!(socket.exchange("before").await, "before");
    let path = format!("/connections/{}/frames", only(&ada).await.id);
    let watched = ada.request(Method::GET, &path).open().await.unwrap();
    assert_eq!(watched.headers()["content-type"], "text/event-stream");
    assert_eq!(socket.exchange("while watched").await, "while watched");
    socket.leave().await;
    let mut events = String::new();
    let mut body = http_body_util::BodyStream::new(watched.into_body());
    while let Some(frame) = body.next().await {
        let data = frame.unwrap().into_data().unwrap_or_default();
        events.push_str(&String::from_utf8_lossy(&data));
    }
    let frames: Vec<wire::ConnectionFrame> = events
        .lines()
        .filter_map(|line| line.strip_prefix("data:"))
        .filter_map(|data| serde_json::from_str(data.trim()).ok())
        .collect();
    let told: Vec<_> = frames.iter().map(|frame| (frame.direction, frame.body.as_str(), frame.is_text)).collect();
    let expected = [(wire::Direction::In, "while watched", true), (wire::Direction::Out, "while watched", true)];
    assert_eq!(told, expected, "{events}");
    assert!(events.contains("event: closed"), "{events}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_lists_shows_sends_and_closes() {
    let (project, ada) = echo().await;
    let mut socket = Socket::open(&project, "/ws?group=room").await;
    assert_eq!(socket.exchange("attach grey").await, "done");
    let id = only(&ada).await.id;
    let listed = verb(&project, &["list", "--group", "room", "--on", "v1"]).await.expect(0);
    assert!(listed.stdout.contains(&id) && listed.stdout.contains("echo"), "{listed:#?}");
    let shown = verb(&project, &["show", &id]).await.expect(0);
    assert!(shown.stdout.contains("grey") && shown.stderr.contains("connections watch"), "{shown:#?}");
    let counted = verb(&project, &["count"]).await.expect(0);
    assert!(counted.stdout.contains("echo"), "{counted:#?}");
    let _ = verb(&project, &["send", &id, "one"]).await.expect(0);
    assert_eq!(socket.hear().await, "one");
    let published = verb(&project, &["publish", "room", "two"]).await.expect(0);
    assert!(published.stderr.contains("1 members of room"), "{published:#?}");
    assert_eq!(socket.hear().await, "two");
    let _ = verb(&project, &["close", &id, "--code", "4000", "--reason", "enough is enough"]).await.expect(0);
    assert_eq!(socket.closed().await, Some((4_000, "enough is enough".to_owned())));
    drop(socket);
    until_open(&ada, 0).await;
    let _ = verb(&project, &["show", &id]).await.expect(3);
}

#[tokio::test]
async fn a_trigger_that_takes_large_messages_is_answered_with_large_ones() {
    const LARGEST: usize = 16 << 20;
    let (project, ada) = echo_with(&[], json!({}), json!({ "message_bytes": LARGEST })).await;
    let mut socket = Socket::open(&project, "/ws").await;
    for bytes in [1 << 20, LARGEST] {
        let message = "x".repeat(bytes);
        assert!(socket.exchange(&message).await == message, "{bytes} bytes came back as others");
    }
    assert_eq!(open(&ada).await, 1);
}

#[tokio::test]
async fn deleting_a_function_closes_its_connections() {
    let (project, ada) = echo().await;
    let mut socket = Socket::open(&project, "/ws").await;
    assert_eq!(socket.exchange("hello").await, "hello");
    let deleted = ada.delete("/functions/echo").await;
    assert!(deleted.status().is_success(), "{deleted:?}");
    assert_eq!(socket.closed().await.map(|(code, _)| code), Some(1_001));
}
