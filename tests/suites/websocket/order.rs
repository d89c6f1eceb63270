//! Messages of one connection: all of them, in their order, one at a time.

use std::time::Duration;

use serde_json::json;

use super::{
    client::{FINAL, PING, PONG, Socket, TEXT, close, frame},
    stage::{echo, echo_with, open, until_open},
};

#[tokio::test]
async fn messages_that_come_at_once_are_answered_all_and_in_order() {
    const MESSAGES: usize = 500;
    let (project, _) = echo().await;
    let mut socket = Socket::open(&project, "/ws").await;
    let all: Vec<u8> = (0..MESSAGES).flat_map(|n| frame(FINAL | TEXT, format!("{n}").as_bytes())).collect();
    assert!(socket.raw(&all).await);
    for n in 0..MESSAGES {
        assert_eq!(socket.hear().await, n.to_string());
    }
    socket.leave().await;
}

#[tokio::test]
async fn a_message_waits_for_the_one_before_it_and_other_connections_do_not() {
    let configuration = json!({ "limits": { "timeout_ms": 4_000 } });
    let (project, _) = echo_with(&[], configuration, json!({})).await;
    let (mut slow, mut quick) = (Socket::open(&project, "/ws").await, Socket::open(&project, "/ws").await);
    slow.say("spin").await;
    slow.say("behind").await;
    assert_eq!(quick.exchange("hello").await, "hello");
    // The host answers pings while the guest runs; the message behind it is never handled.
    let (code, reason) = slow.closed().await.expect("a closing frame");
    assert_eq!((code, reason.contains("timed-out")), (1_011, true), "{reason}");
    quick.leave().await;
}

#[tokio::test]
async fn the_host_answers_pings_while_a_guest_runs() {
    let configuration = json!({ "limits": { "timeout_ms": 20_000 } });
    let (project, _) = echo_with(&[], configuration, json!({})).await;
    let mut socket = Socket::open(&project, "/ws").await;
    socket.say("sleep").await;
    socket.raw(&frame(FINAL | PING, b"there?")).await;
    let frame = socket.next().await.expect("a pong");
    assert_eq!((frame.first, frame.payload.as_slice()), (FINAL | PONG, &b"there?"[..]));
}

#[tokio::test]
async fn a_full_function_is_waited_for() {
    const TOGETHER: usize = 20;
    let configuration = json!({ "limits": { "concurrency": 1 } });
    let (project, _) = echo_with(&[], configuration, json!({})).await;
    let mut sockets = Vec::new();
    for _ in 0..TOGETHER {
        sockets.push(Socket::open(&project, "/ws").await);
    }
    for (n, socket) in sockets.iter_mut().enumerate() {
        socket.say(&format!("{n} first")).await;
        socket.say(&format!("{n} second")).await;
    }
    for (n, socket) in sockets.iter_mut().enumerate() {
        assert_eq!(socket.hear().await, format!("{n} first"));
        assert_eq!(socket.hear().await, format!("{n} second"));
    }
}

#[tokio::test]
async fn a_function_that_is_full_for_too_long_closes_with_1013() {
    let configuration = json!({ "limits": { "concurrency": 1, "timeout_ms": 1_500 } });
    let (project, _) = echo_with(&[], configuration, json!({})).await;
    let mut waiting = Socket::open(&project, "/ws").await;
    let mut holders = Vec::new();
    for _ in 0..8 {
        holders.push(Socket::open(&project, "/ws").await);
    }
    for holder in &mut holders {
        holder.say("spin").await;
    }
    waiting.say("hello").await;
    // With eight before it, of which each takes as long as it may, somebody finds no place in time.
    let mut codes = vec![waiting.closed_or_heard().await];
    for holder in &mut holders {
        codes.push(holder.closed_or_heard().await);
    }
    assert!(codes.contains(&1_013) && codes.contains(&1_011), "{codes:?}");
}

#[tokio::test]
async fn the_end_is_told_once_with_the_code_of_the_side_that_closed() {
    let (project, ada) = echo().await;
    let mut witness = Socket::open(&project, "/ws?group=closings").await;
    let mut leaving = Socket::open(&project, "/ws").await;
    leaving.raw(&close(4_002, "had enough")).await;
    assert_eq!(witness.hear().await, "closed 4002 had enough");
    let mut sent_away = Socket::open(&project, "/ws").await;
    sent_away.say("close 4003 out").await;
    assert_eq!(sent_away.closed().await, Some((4_003, "out".to_owned())));
    sent_away.raw(&close(4_003, "")).await;
    assert_eq!(witness.hear().await, "closed 4003 out");
    let silent = Socket::open(&project, "/ws").await;
    drop(silent);
    assert_eq!(witness.hear().await, "closed 1006 ");
    let mut wordless = Socket::open(&project, "/ws").await;
    wordless.raw(&frame(FINAL | 0x8, b"")).await;
    assert_eq!(witness.hear().await, "closed 1005 ");
    let mut broken = Socket::open(&project, "/ws").await;
    broken.raw(&[0xff]).await;
    assert_eq!(broken.closed().await.map(|(code, _)| code), Some(1_002));
    drop(broken);
    assert!(witness.hear().await.starts_with("closed 1002 "));
    until_open(&ada, 1).await;
    assert_eq!(witness.exchange("still here").await, "still here");
}

#[tokio::test]
async fn what_was_sent_before_the_client_leaves_is_handled() {
    let (project, ada) = echo().await;
    let mut witness = Socket::open(&project, "/ws?group=hall").await;
    for way in ["with a word", "without a word"] {
        let mut leaving = Socket::open(&project, "/ws").await;
        let words: Vec<u8> = (0..5).flat_map(|n| frame(FINAL | TEXT, format!("publish hall {n}").as_bytes())).collect();
        leaving.raw(&words).await;
        if way == "with a word" {
            leaving.raw(&close(1_000, "")).await;
            assert_eq!(leaving.closed().await.map(|(code, _)| code), Some(1_000));
        } else {
            for _ in 0..5 {
                leaving.hear().await;
            }
        }
        drop(leaving);
        for n in 0..5 {
            assert_eq!(witness.hear().await, n.to_string(), "{way}");
        }
    }
    until_open(&ada, 1).await;
}

#[tokio::test]
async fn groups_reach_their_members_and_no_others() {
    let (project, ada) = echo().await;
    let mut inside = Vec::new();
    for _ in 0..20 {
        inside.push(Socket::open(&project, "/ws?group=hall").await);
    }
    let mut outside = Socket::open(&project, "/ws").await;
    assert_eq!(outside.exchange("publish hall news").await, "20");
    for socket in &mut inside {
        assert_eq!(socket.hear().await, "news");
    }
    assert_eq!(inside[0].exchange("leave hall").await, "done");
    assert_eq!(outside.exchange("count hall").await, "19");
    assert_eq!(outside.exchange("publish hall more").await, "19");
    drop(inside);
    until_open(&ada, 1).await;
    assert_eq!(outside.exchange("count hall").await, "0");
    assert_eq!(open(&ada).await, 1);
    let patience = Duration::from_millis(1);
    assert!(tokio::time::timeout(patience, outside.next()).await.is_err(), "nothing came for those outside");
}
