//! Redrives: bounded steps that go on where they were.

use std::time::Duration;

use domain::{
    id::{QueueId, RedriveId},
    queue::RedriveState,
};
use store::{Error, NewRedrive, Redrive, RedriveStep};

use super::stage::{Line, bodies, dead, in_group, message};
use crate::store::{on_both_databases, stage::Stage};

on_both_databases!(
    messages_go_back_to_where_they_came_from_in_their_order,
    a_redrive_keeps_its_rate_and_goes_on_after_reopening,
    a_stopped_redrive_moves_no_more,
    what_came_from_a_queue_that_is_gone_stays,
    one_redrive_of_a_queue_runs_at_a_time,
    a_redrive_ends_though_messages_come_back,
);

/// Sends `n` messages and lets all of them die.
async fn dead_letters(line: &mut Line, n: u32) {
    line.send((0..n).map(|n| message(&format!("m{n:03}"))).collect()).await;
    loop {
        let held = line.claim(100).await;
        if held.messages.is_empty() {
            break;
        }
        line.settle_all(&held, dead("poison")).await;
    }
}

async fn begin(line: &Line, target: Option<QueueId>, rate_per_s: u32) -> Result<RedriveId, Error> {
    let redrive = NewRedrive {
        id: line.stage.ids.next(),
        queue_id: line.letters.id,
        target_queue_id: target,
        rate_per_s,
        created_by: "ada".parse().unwrap(),
        created_at_us: line.now,
    };
    let id = redrive.id;
    line.stage.store.write(move |t| Box::pin(async move { t.insert_redrive(&redrive).await })).await.map(|()| id)
}

async fn step(line: &Line, id: RedriveId) -> Option<RedriveStep> {
    let now = line.now;
    line.stage.store.write(move |t| Box::pin(async move { t.step_redrive(id, now).await })).await.unwrap()
}

async fn find(line: &Line, id: RedriveId) -> Redrive {
    line.stage.read().await.find_redrive(line.letters.id, id).await.unwrap().unwrap()
}

async fn messages_go_back_to_where_they_came_from_in_their_order(stage: Stage) {
    let mut line = Line::on(stage).await;
    dead_letters(&mut line, 10).await;
    let id = begin(&line, None, 1_000).await.unwrap();
    let done = step(&line, id).await.unwrap();
    assert_eq!((done.moved, done.ended, done.arrived), (10, true, vec![line.queue.id]));
    let back = line.peek(line.queue.id).await;
    assert_eq!(bodies(&back), (0..10).map(|n| format!("m{n:03}")).collect::<Vec<_>>());
    assert!(back.iter().all(|message| message.receives == 0 && message.attempts == 1));
    assert!(line.peek(line.letters.id).await.is_empty());
    let redrive = find(&line, id).await;
    assert_eq!((redrive.state, redrive.total, redrive.moved), (RedriveState::Done, 10, 10));
    assert_eq!(redrive.ended_at_us, Some(line.now));
    assert_eq!(line.claim(1).await.messages[0].attempts, 2);
}

async fn a_redrive_keeps_its_rate_and_goes_on_after_reopening(stage: Stage) {
    let mut line = Line::on(stage).await;
    dead_letters(&mut line, 25).await;
    let id = begin(&line, Some(line.queue.id), 100).await.unwrap();
    assert_eq!(step(&line, id).await.unwrap().moved, 10);
    assert_eq!(step(&line, id).await, None, "a tenth of a second has not passed");
    line.stage = line.stage.reopened().await;
    line.wait(Duration::from_millis(99));
    assert_eq!(step(&line, id).await, None);
    line.wait(Duration::from_millis(1));
    let running = line.stage.read().await.list_running_redrives().await.unwrap();
    assert_eq!(running, [(id, line.now)]);
    assert_eq!(step(&line, id).await.unwrap().moved, 10);
    assert_eq!(find(&line, id).await.moved, 20);
    line.wait(Duration::from_millis(100));
    assert_eq!(step(&line, id).await.unwrap(), RedriveStep { arrived: vec![line.queue.id], moved: 5, ended: true });
    assert_eq!(line.depth().await.messages, 25);
    assert_eq!(line.depth_of(line.letters.id).await.messages, 0);
}

async fn a_stopped_redrive_moves_no_more(stage: Stage) {
    let mut line = Line::on(stage).await;
    dead_letters(&mut line, 25).await;
    let id = begin(&line, None, 100).await.unwrap();
    step(&line, id).await.unwrap();
    let now = line.now;
    let stop = || {
        line.stage.store.write(move |t| Box::pin(async move { t.end_redrive(id, RedriveState::Stopped, now).await }))
    };
    assert!(stop().await.unwrap());
    assert!(!stop().await.unwrap());
    line.wait(Duration::from_secs(1));
    assert_eq!(step(&line, id).await, None);
    assert_eq!(find(&line, id).await.state, RedriveState::Stopped);
    assert_eq!((line.depth().await.messages, line.depth_of(line.letters.id).await.messages), (10, 15));
    // A stopped one is in nobody's way.
    begin(&line, None, 100).await.unwrap();
}

async fn what_came_from_a_queue_that_is_gone_stays(stage: Stage) {
    let mut line = Line::on(stage).await;
    dead_letters(&mut line, 3).await;
    let queue = line.queue.id;
    line.stage.store.write(move |t| Box::pin(async move { t.delete_queue(queue, None).await })).await.unwrap();
    let id = begin(&line, None, 1_000).await.unwrap();
    assert_eq!(step(&line, id).await.unwrap(), RedriveStep { arrived: Vec::new(), moved: 0, ended: true });
    let redrive = find(&line, id).await;
    assert_eq!((redrive.state, redrive.skipped, redrive.moved), (RedriveState::Done, 3, 0));
    assert_eq!(line.depth_of(line.letters.id).await.messages, 3);
}

async fn one_redrive_of_a_queue_runs_at_a_time(stage: Stage) {
    let line = Line::on(stage).await;
    begin(&line, None, 1).await.unwrap();
    assert!(matches!(begin(&line, None, 1).await, Err(Error::Duplicate)));
}

async fn a_redrive_ends_though_messages_come_back(stage: Stage) {
    let mut line = Line::on(stage).await;
    line.send((0..20).map(|n| in_group("a", &n.to_string())).collect()).await;
    let held = line.claim(20).await;
    line.settle_all(&held, dead("poison")).await;
    let id = begin(&line, None, 100).await.unwrap();
    step(&line, id).await.unwrap();
    let again = line.claim(100).await;
    line.settle_all(&again, dead("still poison")).await;
    line.wait(Duration::from_millis(100));
    assert_eq!(step(&line, id).await.unwrap().moved, 10);
    line.wait(Duration::from_millis(100));
    assert_eq!(step(&line, id).await.unwrap(), RedriveStep { arrived: Vec::new(), moved: 0, ended: true });
    assert_eq!(line.depth_of(line.letters.id).await.messages, 10);
    assert_eq!(line.claim(100).await.messages.len(), 10);
}
