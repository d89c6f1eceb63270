//! What comes to a queue and how it leaves by itself.

use std::time::Duration;

use domain::queue::{MessageState, NewMessage, Settlement};

use super::stage::{Line, bodies, keyed, message};
use crate::store::{on_both_databases, stage::Stage};

on_both_databases!(
    what_was_sent_is_there_in_its_order_after_reopening,
    a_key_that_came_within_five_minutes_is_the_message_that_it_was,
    a_key_holds_also_after_its_message_is_done,
    a_delayed_message_is_held_back_and_counted,
    a_purge_takes_what_was_there_and_leaves_what_came_later,
    messages_that_are_too_old_go_unless_they_are_in_flight,
    what_a_list_shows_of_a_large_body_is_its_beginning,
);

async fn what_was_sent_is_there_in_its_order_after_reopening(stage: Stage) {
    let mut line = Line::on(stage).await;
    let ids = line.send((0..30).map(|n| message(&format!("m{n:02}"))).collect()).await;
    line.stage = line.stage.reopened().await;
    let there = line.peek(line.queue.id).await;
    assert_eq!(there.iter().map(|message| message.id).collect::<Vec<_>>(), ids);
    assert_eq!(bodies(&there), (0..30).map(|n| format!("m{n:02}")).collect::<Vec<_>>());
    let depth = line.depth().await;
    assert_eq!((depth.messages, depth.sent, depth.in_flight, depth.delayed), (30, 30, 0, 0));
    assert_eq!(depth.oldest_at_us, Some(line.now));
}

async fn a_key_that_came_within_five_minutes_is_the_message_that_it_was(stage: Stage) {
    let mut line = Line::on(stage).await;
    let first = line.send(vec![keyed("a", "first"), keyed("a", "again"), keyed("b", "other")]).await;
    assert_eq!(first[0], first[1]);
    assert_ne!(first[0], first[2]);
    line.wait(Duration::from_secs(299));
    assert_eq!(line.send(vec![keyed("a", "late")]).await, [first[0]]);
    assert_eq!(bodies(&line.peek(line.queue.id).await), ["first", "other"]);
    line.wait(Duration::from_secs(1));
    assert_ne!(line.send(vec![keyed("a", "anew")]).await, [first[0]]);
    assert_eq!(bodies(&line.peek(line.queue.id).await), ["first", "other", "anew"]);
    assert_eq!(line.depth().await.messages, 3);
}

async fn a_key_holds_also_after_its_message_is_done(stage: Stage) {
    let mut line = Line::on(stage).await;
    let sent = line.send(vec![keyed("a", "first")]).await;
    let held = line.claim(10).await;
    line.settle_all(&held, Settlement::Ack).await;
    assert_eq!(line.send(vec![keyed("a", "again")]).await, sent);
    assert_eq!(line.depth().await.messages, 0);
}

async fn a_delayed_message_is_held_back_and_counted(stage: Stage) {
    let mut line = Line::on(stage).await;
    line.send(vec![NewMessage { delay_ms: 10_000, ..message("later") }, message("now")]).await;
    assert_eq!(line.claim(10).await.bodies(), ["now"]);
    let depth = line.depth().await;
    assert_eq!((depth.messages, depth.in_flight, depth.delayed), (2, 1, 1));
    let states: Vec<_> = line.peek(line.queue.id).await.iter().map(|message| message.state(line.now)).collect();
    assert_eq!(states, [MessageState::Delayed, MessageState::InFlight]);
    let next = line.stage.read().await.find_next_available(line.queue.id).await.unwrap();
    assert_eq!(next, Some(line.now.plus_seconds(10)));
    line.wait(Duration::from_secs(10));
    assert_eq!(line.claim(10).await.bodies(), ["later"]);
}

async fn a_purge_takes_what_was_there_and_leaves_what_came_later(stage: Stage) {
    let mut line = Line::on(stage).await;
    line.send((0..5).map(|n| message(&n.to_string())).collect()).await;
    let held = line.claim(1).await;
    let before = line.now;
    line.wait(Duration::from_millis(1));
    line.send(vec![message("later")]).await;
    let queue = line.queue.id;
    let purge =
        |limit| line.stage.store.write(move |t| Box::pin(async move { t.purge_messages(queue, before, limit).await }));
    assert_eq!(purge(3).await.unwrap(), 3);
    assert_eq!(purge(3).await.unwrap(), 2);
    assert_eq!(purge(3).await.unwrap(), 0);
    assert_eq!(bodies(&line.peek(queue).await), ["later"]);
    assert_eq!(line.depth().await.messages, 1);
    assert_eq!(line.settle_all(&held, Settlement::Ack).await, [store::Settled::Stale]);
}

async fn messages_that_are_too_old_go_unless_they_are_in_flight(stage: Stage) {
    let mut line = Line::on(stage).await;
    line.send(vec![message("held"), message("old")]).await;
    line.claim(1).await;
    line.wait(Duration::from_secs(30));
    line.send(vec![message("young")]).await;
    let (queue, now) = (line.queue.id, line.now);
    let before = domain::Timestamp(now.as_us() - 10_000_000);
    let expired = line
        .stage
        .store
        .write(move |t| Box::pin(async move { t.delete_expired_messages(queue, before, now, 100).await }));
    assert_eq!(expired.await.unwrap(), 1);
    assert_eq!(bodies(&line.peek(queue).await), ["held", "young"]);
    let depth = line.depth().await;
    assert_eq!((depth.messages, depth.expired), (2, 1));
}

async fn what_a_list_shows_of_a_large_body_is_its_beginning(stage: Stage) {
    let line = Line::on(stage).await;
    let ids = line.send(vec![message(&"x".repeat(256 << 10))]).await;
    let listed = line.peek(line.queue.id).await.remove(0);
    assert_eq!((listed.body_bytes, listed.body.len()), (256 << 10, 4 << 10));
    let whole = line.stage.read().await.find_message(line.queue.id, ids[0]).await.unwrap().unwrap();
    assert_eq!((whole.body_bytes, whole.body.len()), (256 << 10, 256 << 10));
    let elsewhere = line.stage.read().await.find_message(line.letters.id, ids[0]).await.unwrap();
    assert_eq!(elsewhere, None);
}
