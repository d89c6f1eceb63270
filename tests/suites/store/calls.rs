//! Asynchronous calls in the store: taken by one at a time, settled by whoever holds the lease.

use domain::{
    CallState, Timestamp, VersionNumber,
    id::{FunctionId, InvocationId},
};
use futures::future::join_all;
use store::{CallEnd, DueCall, Error, NewCall, TypedBytes};

use super::{on_both_databases, stage::Stage};

on_both_databases!(
    a_call_is_taken_by_one_however_many_ask,
    a_lease_that_has_ended_settles_nothing,
    a_call_that_is_put_off_waits_and_keeps_its_reason,
    only_a_call_that_waits_is_cancelled,
    ended_calls_are_forgotten_oldest_first,
);

async fn accept(stage: &Stage) -> (FunctionId, InvocationId) {
    let project = stage.project("demo").await;
    let function = stage.function(&project, "hello").await.id;
    (function, accept_for(stage, function).await)
}

async fn accept_for(stage: &Stage, function: FunctionId) -> InvocationId {
    let now = stage.ids.now();
    let call = NewCall {
        id: stage.ids.next(),
        function_id: function,
        version: VersionNumber(1),
        payload: bytes("order 7"),
        created_by: "ada".parse().unwrap(),
        created_at_us: now,
        expires_at_us: now.plus_seconds(3_600),
    };
    let id = call.id;
    let stored = stage.store.write(move |t| Box::pin(async move { t.insert_call(&call).await }));
    assert!(stored.await.unwrap_or_else(|error: Error| panic!("{error}")));
    id
}

fn bytes(text: &str) -> TypedBytes {
    TypedBytes { content_type: "text/plain".to_owned(), bytes: text.as_bytes().to_vec() }
}

async fn take(stage: &Stage, now: Timestamp, token: &'static str) -> Option<DueCall> {
    let taken =
        stage.store.write(move |t| Box::pin(async move { t.take_call(now, now.plus_seconds(30), token).await }));
    taken.await.unwrap_or_else(|error: Error| panic!("{error}"))
}

async fn end(stage: &Stage, id: InvocationId, token: &'static str, now: Timestamp, end: CallEnd) -> bool {
    let ended = stage.store.write(move |t| Box::pin(async move { t.end_call(id, token, now, &end).await }));
    ended.await.unwrap_or_else(|error: Error| panic!("{error}"))
}

async fn a_call_is_taken_by_one_however_many_ask(stage: Stage) {
    let (_, id) = accept(&stage).await;
    let now = stage.ids.now().plus_seconds(1);
    let taken = join_all((0..20).map(|_| take(&stage, now, "token"))).await;
    let taken: Vec<_> = taken.into_iter().flatten().collect();
    assert_eq!(taken.len(), 1);
    assert_eq!((taken[0].id, taken[0].attempts, &taken[0].payload), (id, 1, &bytes("order 7")));
    assert_eq!((taken[0].project.as_str(), taken[0].function.as_str()), ("demo", "hello"));
}

async fn a_lease_that_has_ended_settles_nothing(stage: Stage) {
    let (function, id) = accept(&stage).await;
    let now = stage.ids.now().plus_seconds(1);
    take(&stage, now, "first").await.unwrap();
    let late = now.plus_seconds(30);
    assert!(!end(&stage, id, "first", late, CallEnd::Succeeded(Ok(bytes("late")))).await);
    let again = take(&stage, late, "second").await.unwrap();
    assert_eq!(again.attempts, 2);
    assert!(!end(&stage, id, "first", late.plus_seconds(1), CallEnd::Failed("late".to_owned())).await);
    assert!(end(&stage, id, "second", late.plus_seconds(1), CallEnd::Succeeded(Ok(bytes("done")))).await);
    let call = stage.read().await.find_call(function, id).await.unwrap().unwrap();
    assert_eq!((call.state, call.answer, call.error), (CallState::Succeeded, Some(bytes("done")), None));
    assert_eq!(take(&stage, late.plus_seconds(60), "third").await, None);
}

async fn a_call_that_is_put_off_waits_and_keeps_its_reason(stage: Stage) {
    let (function, id) = accept(&stage).await;
    let now = stage.ids.now().plus_seconds(1);
    take(&stage, now, "first").await.unwrap();
    let at = now.plus_seconds(60);
    let put_off =
        stage.store.write(move |t| Box::pin(async move { t.put_off_call(id, "first", (now, at), 1, "trapped").await }));
    assert!(put_off.await.unwrap_or_else(|error: Error| panic!("{error}")));
    assert_eq!(take(&stage, now.plus_seconds(59), "second").await, None);
    assert_eq!(stage.read().await.find_next_call().await.unwrap(), Some(at));
    let call = stage.read().await.find_call(function, id).await.unwrap().unwrap();
    assert_eq!((call.state, call.attempts, call.error.as_deref()), (CallState::Pending, 1, Some("trapped")));
    assert_eq!(take(&stage, at, "second").await.map(|call| call.attempts), Some(2));
}

async fn only_a_call_that_waits_is_cancelled(stage: Stage) {
    let (function, id) = accept(&stage).await;
    let now = stage.ids.now().plus_seconds(1);
    let cancel = async || {
        let cancelled = stage.store.write(move |t| Box::pin(async move { t.cancel_call(function, id, now).await }));
        cancelled.await.unwrap_or_else(|error: Error| panic!("{error}"))
    };
    take(&stage, now, "first").await.unwrap();
    assert!(!cancel().await);
    let put_off =
        stage.store.write(move |t| Box::pin(async move { t.put_off_call(id, "first", (now, now), 1, "busy").await }));
    assert!(put_off.await.unwrap_or_else(|error: Error| panic!("{error}")));
    assert!(cancel().await);
    assert!(!cancel().await);
    assert_eq!(take(&stage, now.plus_seconds(60), "second").await, None);
}

async fn ended_calls_are_forgotten_oldest_first(stage: Stage) {
    let (function, first) = accept(&stage).await;
    let second = accept_for(&stage, function).await;
    let waiting = accept_for(&stage, function).await;
    let now = stage.ids.now().plus_seconds(1);
    for (id, at) in [(first, now), (second, now.plus_seconds(1))] {
        let cancelled = stage.store.write(move |t| Box::pin(async move { t.cancel_call(function, id, at).await }));
        assert!(cancelled.await.unwrap_or_else(|error: Error| panic!("{error}")));
    }
    let forget = async |before: Timestamp, most| {
        let gone = stage.store.write(move |t| Box::pin(async move { t.delete_ended_calls(before, most).await }));
        gone.await.unwrap_or_else(|error: Error| panic!("{error}"))
    };
    let later = now.plus_seconds(10);
    assert_eq!(forget(later, 1).await, 1);
    assert_eq!(stage.read().await.find_call(function, first).await.unwrap(), None);
    assert_eq!(forget(later, 10).await, 1);
    assert_eq!(forget(later, 10).await, 0);
    let left = stage.read().await.list_calls(function, None, 10).await.unwrap().items;
    assert_eq!(left.iter().map(|call| call.id).collect::<Vec<_>>(), [waiting]);
}
