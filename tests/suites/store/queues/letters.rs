//! Dead letters: what cannot be settled moves once, with all that is known of it.

use std::time::Duration;

use domain::queue::Settlement;
use store::Settled;

use super::stage::{Line, bodies, dead, in_group, message, retry};
use crate::store::{on_both_databases, stage::Stage};

on_both_databases!(
    a_message_moves_after_exactly_its_attempts_with_all_errors,
    a_rejected_message_moves_at_once,
    a_message_whose_workers_never_answer_moves_too,
    without_a_dead_letter_queue_a_message_stays,
    a_dead_head_lets_its_group_go_on,
    a_settlement_that_fails_moves_nothing,
    messages_that_die_together_keep_their_order_and_their_errors,
);

async fn a_message_moves_after_exactly_its_attempts_with_all_errors(stage: Stage) {
    let mut line = Line::on(stage).await;
    let sent = line.send(vec![message("poison")]).await;
    let (sent_at, mut outcomes) = (line.now, Vec::new());
    for attempt in 1..=3 {
        let held = line.claim(1).await;
        assert_eq!(held.messages[0].receives, attempt);
        outcomes.extend(line.settle_all(&held, retry(&format!("trap {attempt}"))).await);
        line.wait(Duration::from_secs(60));
    }
    assert_eq!(outcomes, [Settled::Retried, Settled::Retried, Settled::Dead]);
    assert!(line.claim(1).await.messages.is_empty());
    let letters = line.peek(line.letters.id).await;
    assert_eq!(letters.len(), 1);
    let letter = &letters[0];
    assert_eq!((letter.id, letter.first_enqueued_at_us), (sent[0], sent_at));
    assert!(letter.enqueued_at_us > sent_at);
    assert_eq!((letter.receives, letter.attempts), (0, 3));
    assert_eq!(letter.source_queue_id, Some(line.queue.id));
    let errors = line.stage.read().await.list_message_errors([sent[0]]).await.unwrap();
    let told: Vec<_> = errors[&sent[0]].iter().map(|error| (error.attempt, error.error.as_str())).collect();
    assert_eq!(told, [(1, "trap 1"), (2, "trap 2"), (3, "trap 3")]);
    let (from, to) = (line.depth().await, line.depth_of(line.letters.id).await);
    assert_eq!((from.messages, from.dead, from.acknowledged), (0, 1, 0));
    assert_eq!((to.messages, to.sent), (1, 1));
}

async fn a_rejected_message_moves_at_once(stage: Stage) {
    let mut line = Line::on(stage).await;
    line.send(vec![message("bad"), message("good")]).await;
    let held = line.claim(2).await;
    let what = vec![(held.ids()[0], dead("no such order")), (held.ids()[1], Settlement::Ack)];
    assert_eq!(line.settle(&held.token, what).await, [Settled::Dead, Settled::Acknowledged]);
    assert_eq!(bodies(&line.peek(line.letters.id).await), ["bad"]);
    assert!(line.peek(line.queue.id).await.is_empty());
}

async fn a_message_whose_workers_never_answer_moves_too(stage: Stage) {
    let mut line = Line::on(stage).await;
    let sent = line.send(vec![message("killer"), message("bystander")]).await;
    for _ in 0..3 {
        assert_eq!(line.claim(1).await.bodies(), ["killer"]);
        line.wait(Duration::from_secs(60));
        // The bystander is handed out and done before the next attempt's turn.
        let other = line.claim_with(1, 100, true).await;
        if other.bodies() == ["bystander"] {
            line.settle_all(&other, Settlement::Ack).await;
        } else {
            panic!("the order of turns: {:?}", other.bodies());
        }
        line.send(vec![message("bystander")]).await;
    }
    let last = line.claim(1).await;
    assert_eq!((last.dead, last.bodies()), (1, vec!["bystander".to_owned()]));
    assert_eq!(bodies(&line.peek(line.letters.id).await), ["killer"]);
    let errors = line.stage.read().await.list_message_errors([sent[0]]).await.unwrap();
    let attempts: Vec<_> = errors[&sent[0]].iter().map(|error| error.attempt).collect();
    assert_eq!(attempts, [1, 2, 3]);
}

async fn without_a_dead_letter_queue_a_message_stays(stage: Stage) {
    let mut line = Line::on(stage).await;
    line.send(vec![message("stubborn")]).await;
    for attempt in 1..=5 {
        let held = line.claim_with(1, 3, false).await;
        assert_eq!(held.messages[0].receives, attempt);
        let again = held.ids().into_iter().map(|id| (id, retry("no"))).collect();
        assert_eq!(line.settle_with(&held.token, again, false).await, [Settled::Retried]);
        line.wait(Duration::from_secs(15 * 60));
    }
    let held = line.claim_with(1, 3, false).await;
    let rejected = held.ids().into_iter().map(|id| (id, dead("never"))).collect();
    assert_eq!(line.settle_with(&held.token, rejected, false).await, [Settled::Retried]);
    assert_eq!(line.depth().await.messages, 1);
}

async fn a_dead_head_lets_its_group_go_on(stage: Stage) {
    let mut line = Line::on(stage).await;
    line.send(vec![in_group("a", "a0"), in_group("a", "a1")]).await;
    let held = line.claim(1).await;
    line.settle_all(&held, dead("poison")).await;
    assert_eq!(line.claim(1).await.bodies(), ["a1"]);
    let letters = line.peek(line.letters.id).await;
    assert_eq!((bodies(&letters), letters[0].group.as_deref()), (vec!["a0".to_owned()], Some("a")));
}

async fn a_settlement_that_fails_moves_nothing(stage: Stage) {
    let mut line = Line::on(stage).await;
    line.send(vec![message("a"), message("b")]).await;
    let held = line.claim(2).await;
    let what: Vec<_> =
        vec![(held.ids()[0], held.token.clone(), dead("bad")), (held.ids()[1], held.token.clone(), Settlement::Ack)];
    let terms =
        store::SettleTerms { now: line.now, max_receives: 3, dead_letter_queue: Some(line.letters.id), draw: 0 };
    let queue = line.queue.id;
    let broken = line.stage.store.write::<(), store::Error, _>(move |t| {
        Box::pin(async move {
            t.settle_messages(queue, &what, &terms).await?;
            Err(store::Error::Duplicate)
        })
    });
    assert!(broken.await.is_err());
    assert_eq!(bodies(&line.peek(line.queue.id).await), ["a", "b"]);
    assert!(line.peek(line.letters.id).await.is_empty());
    assert_eq!(line.depth_of(line.letters.id).await.messages, 0);
    assert_eq!(line.settle_all(&held, Settlement::Ack).await, [Settled::Acknowledged; 2]);
}

async fn messages_that_die_together_keep_their_order_and_their_errors(stage: Stage) {
    let mut line = Line::on(stage).await;
    let sent = line.send((0..12).map(|n| message(&n.to_string())).collect()).await;
    let held = line.claim(10).await;
    // Named backwards, since the order of letters is that of their settlements, and with what JSON must escape.
    let error = |n: usize| format!("no \"{n}\"\n\tin {{json}}: ü [1, 2] \\ 🐁");
    let what = (0..10).rev().map(|n| (held.ids()[n], dead(&error(n)))).collect();
    assert_eq!(line.settle(&held.token, what).await, [Settled::Dead; 10]);
    let letters = line.peek(line.letters.id).await;
    assert_eq!(bodies(&letters), ["9", "8", "7", "6", "5", "4", "3", "2", "1", "0"]);
    assert!(letters.iter().all(|letter| (letter.receives, letter.attempts, letter.leased) == (0, 1, false)));
    assert!(letters.iter().all(|letter| letter.source_queue_id == Some(line.queue.id)));
    let errors = line.stage.read().await.list_message_errors(held.ids()).await.unwrap();
    for (n, id) in sent.iter().take(10).enumerate() {
        let told: Vec<_> = errors[id].iter().map(|kept| (kept.attempt, kept.at_us, kept.error.clone())).collect();
        assert_eq!(told, [(1, line.now, error(n))]);
    }
    // What comes later stands behind them, and what stayed is untouched.
    assert_eq!(bodies(&line.peek(line.queue.id).await), ["10", "11"]);
    let rest = line.claim(10).await;
    line.settle_all(&rest, dead("late")).await;
    assert_eq!(bodies(&line.peek(line.letters.id).await)[9..], ["0", "10", "11"]);
    let (from, to) = (line.depth().await, line.depth_of(line.letters.id).await);
    assert_eq!((from.messages, from.dead, to.messages, to.sent), (0, 12, 12, 12));
}
