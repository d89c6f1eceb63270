//! Groups: in order, one batch at a time, and none in another's way.

use std::time::Duration;

use domain::queue::{NewMessage, Settlement};

use super::stage::{Line, in_group, message, retry};
use crate::store::{on_both_databases, stage::Stage};

on_both_databases!(
    of_a_group_one_batch_is_in_flight,
    a_head_that_waits_holds_back_its_group_alone,
    a_delayed_message_holds_back_those_behind_it,
    groups_take_turns_with_each_other_and_with_messages_of_none,
    a_group_whose_worker_is_gone_goes_on_in_order,
    a_group_that_was_emptied_takes_messages_again,
    an_extended_lease_keeps_its_group,
);

async fn of_a_group_one_batch_is_in_flight(stage: Stage) {
    let mut line = Line::on(stage).await;
    line.send((0..5).map(|n| in_group("a", &n.to_string())).collect()).await;
    let first = line.claim(2).await;
    assert_eq!(first.bodies(), ["0", "1"]);
    assert!(line.claim(2).await.messages.is_empty());
    line.settle(&first.token, vec![(first.ids()[0], Settlement::Ack)]).await;
    assert!(line.claim(2).await.messages.is_empty(), "the batch is not done");
    line.settle(&first.token, vec![(first.ids()[1], Settlement::Ack)]).await;
    let second = line.claim(10).await;
    assert_eq!(second.bodies(), ["2", "3", "4"]);
    line.settle_all(&second, Settlement::Ack).await;
    assert_eq!(line.depth().await.messages, 0);
    assert_eq!(line.stage.read().await.find_next_available(line.queue.id).await.unwrap(), None);
}

async fn a_head_that_waits_holds_back_its_group_alone(stage: Stage) {
    let mut line = Line::on(stage).await;
    line.send(vec![in_group("a", "a0"), in_group("a", "a1"), in_group("b", "b0")]).await;
    let held = line.claim(1).await;
    assert_eq!(held.bodies(), ["a0"]);
    line.settle_all(&held, retry("not now")).await;
    assert_eq!(line.claim(10).await.bodies(), ["b0"]);
    assert!(line.claim(10).await.messages.is_empty());
    line.wait(Duration::from_millis(1_200));
    assert_eq!(line.claim(10).await.bodies(), ["a0", "a1"]);
}

async fn a_delayed_message_holds_back_those_behind_it(stage: Stage) {
    let mut line = Line::on(stage).await;
    let delayed = NewMessage { delay_ms: 5_000, ..in_group("a", "a1") };
    line.send(vec![in_group("a", "a0"), delayed, in_group("a", "a2")]).await;
    let first = line.claim(10).await;
    assert_eq!(first.bodies(), ["a0"]);
    line.settle_all(&first, Settlement::Ack).await;
    assert!(line.claim(10).await.messages.is_empty());
    line.wait(Duration::from_secs(5));
    assert_eq!(line.claim(10).await.bodies(), ["a1", "a2"]);
}

async fn groups_take_turns_with_each_other_and_with_messages_of_none(stage: Stage) {
    let mut line = Line::on(stage).await;
    line.send(["a0", "a1", "a2"].map(|body| in_group("a", body)).to_vec()).await;
    line.wait(Duration::from_millis(1));
    line.send(vec![in_group("b", "b0"), in_group("b", "b1")]).await;
    line.wait(Duration::from_millis(1));
    line.send(vec![message("c0")]).await;
    let mut order = Vec::new();
    for _ in 0..6 {
        line.wait(Duration::from_millis(1));
        let held = line.claim(1).await;
        line.settle_all(&held, Settlement::Ack).await;
        order.extend(held.bodies());
    }
    assert_eq!(order, ["a0", "b0", "c0", "a1", "b1", "a2"]);
}

async fn a_group_whose_worker_is_gone_goes_on_in_order(stage: Stage) {
    let mut line = Line::on(stage).await;
    line.send((0..4).map(|n| in_group("a", &n.to_string())).collect()).await;
    let gone = line.claim(2).await;
    line.wait(Duration::from_secs(60));
    let next = line.claim(3).await;
    assert_eq!(next.bodies(), ["0", "1", "2"]);
    assert_eq!(line.settle_all(&gone, Settlement::Ack).await, [store::Settled::Stale; 2]);
    assert!(line.claim(3).await.messages.is_empty(), "a late worker let its group go on");
    line.settle_all(&next, Settlement::Ack).await;
    assert_eq!(line.claim(3).await.bodies(), ["3"]);
}

async fn a_group_that_was_emptied_takes_messages_again(stage: Stage) {
    let mut line = Line::on(stage).await;
    line.send(vec![in_group("a", "0")]).await;
    let (queue, before) = (line.queue.id, line.now);
    let purged = line.stage.store.write(move |t| Box::pin(async move { t.purge_messages(queue, before, 10).await }));
    assert_eq!(purged.await.unwrap(), 1);
    assert!(line.claim(1).await.messages.is_empty());
    line.wait(Duration::from_millis(1));
    line.send(vec![in_group("a", "1")]).await;
    let held = line.claim(1).await;
    assert_eq!(held.bodies(), ["1"]);
    line.settle_all(&held, Settlement::Ack).await;
    line.send(vec![in_group("a", "2")]).await;
    assert_eq!(line.claim(1).await.bodies(), ["2"]);
}

async fn an_extended_lease_keeps_its_group(stage: Stage) {
    let mut line = Line::on(stage).await;
    line.send(vec![in_group("a", "0"), in_group("a", "1")]).await;
    let held = line.claim(1).await;
    line.wait(Duration::from_secs(30));
    assert_eq!(line.extend(&held, 60).await, [true]);
    line.wait(Duration::from_secs(59));
    assert!(line.claim(1).await.messages.is_empty());
    line.wait(Duration::from_secs(1));
    assert_eq!(line.claim(1).await.bodies(), ["0"]);
}
