//! Leases: who holds one settles, and nobody else.

use std::{collections::BTreeSet, time::Duration};

use domain::{id::MessageId, queue::Settlement};
use futures::future::join_all;
use store::{ClaimTerms, Settled};

use super::stage::{Line, dead, message, retry};
use crate::store::{on_both_databases, stage::Stage};

on_both_databases!(
    what_is_in_flight_is_handed_out_to_nobody_else,
    an_acknowledged_message_is_gone,
    a_lease_that_ended_settles_nothing,
    a_token_of_another_claim_settles_nothing,
    a_message_is_settled_once_also_within_one_call,
    an_extended_lease_lasts_and_one_that_ended_is_not_extended,
    a_retry_waits_as_long_as_it_says_or_backs_off,
    one_settlement_means_something_else_for_each_message,
    claims_side_by_side_share_the_messages,
);

async fn what_is_in_flight_is_handed_out_to_nobody_else(stage: Stage) {
    let mut line = Line::on(stage).await;
    line.send((0..5).map(|n| message(&n.to_string())).collect()).await;
    assert_eq!(line.claim(3).await.bodies(), ["0", "1", "2"]);
    assert_eq!(line.claim(3).await.bodies(), ["3", "4"]);
    assert!(line.claim(3).await.messages.is_empty());
    assert_eq!(line.depth().await.in_flight, 5);
    line.wait(Duration::from_secs(60));
    let again = line.claim(10).await;
    assert_eq!(again.bodies(), ["0", "1", "2", "3", "4"]);
    assert!(again.messages.iter().all(|message| message.receives == 2 && message.attempts == 2));
}

async fn an_acknowledged_message_is_gone(stage: Stage) {
    let mut line = Line::on(stage).await;
    line.send(vec![message("a"), message("b")]).await;
    let held = line.claim(10).await;
    assert_eq!(line.settle(&held.token, vec![(held.ids()[0], Settlement::Ack)]).await, [Settled::Acknowledged]);
    line.wait(Duration::from_secs(61));
    assert_eq!(line.claim(10).await.bodies(), ["b"]);
    let depth = line.depth().await;
    assert_eq!((depth.messages, depth.acknowledged), (1, 1));
}

async fn a_lease_that_ended_settles_nothing(stage: Stage) {
    let mut line = Line::on(stage).await;
    line.send(vec![message("a")]).await;
    let late = line.claim(1).await;
    line.wait(Duration::from_secs(60));
    assert_eq!(line.settle_all(&late, Settlement::Ack).await, [Settled::Stale]);
    assert_eq!(line.settle_all(&late, dead("late")).await, [Settled::Stale]);
    assert_eq!(line.claim(1).await.bodies(), ["a"]);
    assert_eq!(line.settle_all(&late, Settlement::Ack).await, [Settled::Stale]);
    assert_eq!(line.depth().await.messages, 1);
    assert!(line.peek(line.letters.id).await.is_empty());
}

async fn a_token_of_another_claim_settles_nothing(stage: Stage) {
    let mut line = Line::on(stage).await;
    line.send(vec![message("a"), message("b")]).await;
    let (first, second) = (line.claim(1).await, line.claim(1).await);
    assert_eq!(line.settle(&first.token, vec![(second.ids()[0], Settlement::Ack)]).await, [Settled::Stale]);
    assert_eq!(line.settle_all(&second, Settlement::Ack).await, [Settled::Acknowledged]);
    assert_eq!(line.depth().await.messages, 1);
}

async fn a_message_is_settled_once_also_within_one_call(stage: Stage) {
    let mut line = Line::on(stage).await;
    line.send(vec![message("a")]).await;
    let held = line.claim(1).await;
    let twice = vec![(held.ids()[0], Settlement::Ack), (held.ids()[0], retry("again"))];
    assert_eq!(line.settle(&held.token, twice).await, [Settled::Acknowledged, Settled::Stale]);
    let depth = line.depth().await;
    assert_eq!((depth.messages, depth.acknowledged), (0, 1));
}

async fn an_extended_lease_lasts_and_one_that_ended_is_not_extended(stage: Stage) {
    let mut line = Line::on(stage).await;
    line.send(vec![message("a")]).await;
    let held = line.claim(1).await;
    line.wait(Duration::from_secs(59));
    assert_eq!(line.extend(&held, 60).await, [true]);
    line.wait(Duration::from_secs(59));
    assert!(line.claim(1).await.messages.is_empty());
    line.wait(Duration::from_secs(1));
    assert_eq!(line.extend(&held, 60).await, [false]);
    assert_eq!(line.claim(1).await.bodies(), ["a"]);
}

async fn a_retry_waits_as_long_as_it_says_or_backs_off(stage: Stage) {
    let mut line = Line::on(stage).await;
    line.send(vec![message("a"), message("b")]).await;
    let held = line.claim(2).await;
    let after = Settlement::Retry { after: Some(Duration::from_secs(7)), error: "busy".to_owned() };
    let settled = line.settle(&held.token, vec![(held.ids()[0], after), (held.ids()[1], retry("busy"))]).await;
    assert_eq!(settled, [Settled::Retried, Settled::Retried]);
    assert_eq!(line.depth().await.delayed, 2);
    // The first wait is a second, a fifth more or less.
    line.wait(Duration::from_millis(799));
    assert!(line.claim(2).await.messages.is_empty());
    line.wait(Duration::from_millis(401));
    assert_eq!(line.claim(2).await.bodies(), ["b"]);
    line.wait(Duration::from_millis(5_799));
    assert!(line.claim(2).await.messages.is_empty());
    line.wait(Duration::from_millis(1));
    assert_eq!(line.claim(2).await.bodies(), ["a"]);
}

async fn one_settlement_means_something_else_for_each_message(stage: Stage) {
    let mut line = Line::on(stage).await;
    let sent = line.send(["ack", "soon", "late", "back", "usual", "dead"].map(message).to_vec()).await;
    let held = line.claim(6).await;
    let after =
        |seconds| Settlement::Retry { after: Some(Duration::from_secs(seconds)), error: format!("{seconds} s") };
    let what = [Settlement::Ack, after(3), after(5), Settlement::Release, retry("usual"), dead("never")];
    let settled = line.settle(&held.token, held.ids().into_iter().zip(what).collect()).await;
    let (retried, released) = (Settled::Retried, Settled::Released);
    assert_eq!(settled, [Settled::Acknowledged, retried, retried, released, retried, Settled::Dead]);
    let left = line.peek(line.queue.id).await;
    let stand: Vec<_> = left
        .iter()
        .map(|message| (message.available_at_us.as_us() - line.now.as_us(), message.receives, message.attempts))
        .collect();
    // The first wait is a second, a fifth more or less; what was released is as it was.
    assert_eq!((stand[0], stand[1], stand[2]), ((3_000_000, 1, 1), (5_000_000, 1, 1), (0, 0, 0)));
    assert!((800_000..=1_200_000).contains(&stand[3].0) && (stand[3].1, stand[3].2) == (1, 1), "{stand:?}");
    assert!(left.iter().all(|message| !message.leased));
    let errors = line.stage.read().await.list_message_errors(sent).await.unwrap();
    let told: BTreeSet<_> = errors.values().flatten().map(|error| error.error.as_str()).collect();
    assert_eq!(told, BTreeSet::from(["3 s", "5 s", "usual", "never"]));
    let depth = line.depth().await;
    assert_eq!((depth.messages, depth.acknowledged, depth.dead, depth.in_flight), (4, 1, 1, 0));
}

async fn claims_side_by_side_share_the_messages(stage: Stage) {
    let mut line = Line::on(stage).await;
    for _ in 0..4 {
        line.send((0..50).map(|n| message(&n.to_string())).collect()).await;
    }
    line.wait(Duration::from_secs(1));
    let (on, queue, letters, now) = (&line.stage.store, line.queue.id, line.letters.id, line.now);
    let claims = (0..40).map(|n| {
        let terms = ClaimTerms {
            most: 10,
            now,
            until: now.plus_seconds(60),
            token: format!("worker-{n}"),
            max_receives: 3,
            dead_letter_queue: Some(letters),
        };
        on.write(move |t| Box::pin(async move { t.claim_messages(queue, &terms).await }))
    });
    let claims = join_all(claims).await;
    let claimed: Vec<MessageId> =
        claims.into_iter().flat_map(|claim| claim.unwrap().messages).map(|message| message.id).collect();
    let distinct: BTreeSet<_> = claimed.iter().copied().collect();
    assert_eq!(distinct.len(), claimed.len(), "a message was handed out twice");
    // What a claim passed over because another held it is there for the next.
    let rest = 200 - claimed.len();
    let mut left = 0;
    while left < rest {
        let more = line.claim(10).await.messages.len();
        assert!(more > 0, "{} of 200 messages are handed out to nobody", rest - left);
        left += more;
    }
    assert!(line.claim(10).await.messages.is_empty());
}
