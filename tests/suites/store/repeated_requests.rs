//! Requests that are sent twice, and settings that are made once.

use domain::{Digest, Timestamp};
use futures::future::join_all;
use store::{Answer, Error, Reservation};

use super::{on_both_databases, stage::Stage};

on_both_databases!(
    a_key_is_reserved_once_however_many_race,
    a_repeated_request_gets_the_first_answer,
    a_key_of_another_request_is_refused,
    a_key_is_free_again_when_it_is_released_or_over,
    a_setting_keeps_the_value_of_the_first_who_made_it,
);

const KEY: &str = "deploy-42";

async fn reserve(stage: &Stage, request: &[u8], now: Timestamp, seconds: i64) -> Reservation {
    let request = Digest::of(request);
    let reserved = stage.store.write(move |t| {
        Box::pin(async move { t.reserve_idempotency("tok_1", KEY, &request, now, now.plus_seconds(seconds)).await })
    });
    reserved.await.unwrap_or_else(|error: Error| panic!("{error}"))
}

async fn complete(stage: &Stage, answer: &Answer, until: Timestamp) {
    let answer = answer.clone();
    let kept =
        stage.store.write(move |t| Box::pin(async move { t.complete_idempotency("tok_1", KEY, &answer, until).await }));
    kept.await.unwrap_or_else(|error: Error| panic!("{error}"));
}

fn answer() -> Answer {
    Answer { status: 201, location: Some("/api/v1/projects/demo".to_owned()), body: r#"{"name":"demo"}"#.to_owned() }
}

async fn a_key_is_reserved_once_however_many_race(stage: Stage) {
    let now = stage.ids.now();
    let racers = join_all((0..20).map(|_| reserve(&stage, b"body", now, 60))).await;
    assert_eq!(racers.iter().filter(|won| **won == Reservation::New).count(), 1);
    assert_eq!(racers.iter().filter(|won| **won == Reservation::Running).count(), 19);
}

async fn a_repeated_request_gets_the_first_answer(stage: Stage) {
    let now = stage.ids.now();
    assert_eq!(reserve(&stage, b"body", now, 60).await, Reservation::New);
    complete(&stage, &answer(), now.plus_seconds(3_600)).await;
    complete(&stage, &Answer { status: 500, ..answer() }, now.plus_seconds(3_600)).await;
    let later = now.plus_seconds(3_599);
    assert_eq!(reserve(&stage, b"body", later, 60).await, Reservation::Answered(answer()));
}

async fn a_key_of_another_request_is_refused(stage: Stage) {
    let now = stage.ids.now();
    assert_eq!(reserve(&stage, b"body", now, 60).await, Reservation::New);
    assert_eq!(reserve(&stage, b"other body", now, 60).await, Reservation::Other);
    complete(&stage, &answer(), now.plus_seconds(3_600)).await;
    assert_eq!(reserve(&stage, b"other body", now, 60).await, Reservation::Other);
}

async fn a_key_is_free_again_when_it_is_released_or_over(stage: Stage) {
    let now = stage.ids.now();
    assert_eq!(reserve(&stage, b"body", now, 60).await, Reservation::New);
    let released = stage.store.write(|t| Box::pin(async move { t.release_idempotency("tok_1", KEY).await }));
    released.await.unwrap_or_else(|error: Error| panic!("{error}"));
    assert_eq!(reserve(&stage, b"body", now, 60).await, Reservation::New);
    complete(&stage, &answer(), now.plus_seconds(60)).await;
    let over = now.plus_seconds(60);
    assert_eq!(reserve(&stage, b"other body", over, 60).await, Reservation::New);
    let end = over.plus_seconds(60);
    let swept = stage.store.write(move |t| Box::pin(async move { t.delete_expired_idempotency(end).await }));
    assert_eq!(swept.await.unwrap_or_else(|error: Error| panic!("{error}")), 1);
}

async fn a_setting_keeps_the_value_of_the_first_who_made_it(stage: Stage) {
    assert_eq!(stage.read().await.find_setting("key").await.unwrap(), None);
    for value in ["first", "second"] {
        let made = stage.store.write(move |t| Box::pin(async move { t.insert_setting("key", value).await }));
        assert_eq!(made.await.unwrap_or_else(|error: Error| panic!("{error}")), "first");
    }
    let changed = stage.store.write(|t| Box::pin(async move { t.update_setting("key", "third").await }));
    changed.await.unwrap_or_else(|error: Error| panic!("{error}"));
    assert_eq!(stage.read().await.find_setting("key").await.unwrap().as_deref(), Some("third"));
}
