//! Functions, and what people see of them.

use domain::Split;
use store::Error;

use super::{
    on_both_databases,
    stage::{Stage, message},
};

on_both_databases!(
    a_function_name_belongs_to_one_function_of_its_project,
    an_overview_shows_the_newest_version_and_the_live_deployment,
    a_change_that_expects_another_revision_is_refused,
    each_change_that_people_see_grows_the_revision,
    a_deleted_function_leaves_its_name_free_and_nothing_behind,
);

async fn a_function_name_belongs_to_one_function_of_its_project(stage: Stage) {
    let (demo, other) = (stage.project("demo").await, stage.project("other").await);
    let hello = stage.function(&demo, "hello").await;
    stage.function(&other, "hello").await;
    let twin = stage.a_function(&demo, "hello");
    let refused = stage.store.write(|t| Box::pin(async move { t.insert_function(&twin).await })).await;
    assert!(matches!(refused, Err(Error::Duplicate)));
    assert_eq!(stage.read().await.find_function(demo.id, &hello.name).await.unwrap(), Some(hello));
}

async fn an_overview_shows_the_newest_version_and_the_live_deployment(stage: Stage) {
    let demo = stage.project("demo").await;
    let (idle, busy) = (stage.function(&demo, "idle").await, stage.function(&demo, "busy").await);
    let first = stage.ready_version(busy.id).await;
    let live = stage.deploy(stage.a_deployment(&busy, Split::all_to(first))).await.unwrap().unwrap();
    let second = stage.ready_version(busy.id).await;

    let listed = stage.read().await.list_functions(demo.id, None, 10).await.unwrap().items;
    let [newest, oldest] = listed.as_slice() else { panic!("{listed:?}") };
    assert_eq!((newest.function.id, newest.latest_version, &newest.live), (busy.id, Some(second), &Some(live)));
    assert_eq!((oldest.function.id, oldest.latest_version, &oldest.live), (idle.id, None, &None));
    let found = stage.read().await.find_function_overview(demo.id, &busy.name).await.unwrap();
    assert_eq!(found.as_ref(), Some(newest));
}

async fn a_change_that_expects_another_revision_is_refused(stage: Stage) {
    let demo = stage.project("demo").await;
    let hello = stage.function(&demo, "hello").await;
    let update = |text: &str, expected| {
        let text = message(text);
        stage.store.write(move |t| Box::pin(async move { t.update_function(hello.id, &text, expected).await }))
    };
    assert!(update("one", Some(1)).await.unwrap());
    assert!(!update("two", Some(1)).await.unwrap());
    assert!(update("three", None).await.unwrap());
    let found = stage.read().await.find_function(demo.id, &hello.name).await.unwrap().unwrap();
    assert_eq!((found.description.as_str(), found.revision), ("three", 3));
    let delete =
        |expected| stage.store.write(move |t| Box::pin(async move { t.delete_function(hello.id, expected).await }));
    assert!(!delete(Some(2)).await.unwrap());
    assert!(delete(Some(3)).await.unwrap());
}

async fn each_change_that_people_see_grows_the_revision(stage: Stage) {
    let demo = stage.project("demo").await;
    let hello = stage.function(&demo, "hello").await;
    let name = &hello.name;
    let revision = async || stage.read().await.find_function(demo.id, name).await.unwrap().unwrap().revision;
    assert_eq!(revision().await, 1);
    let version = stage.ready_version(hello.id).await;
    let uploaded = revision().await;
    stage.deploy(stage.a_deployment(&hello, Split::all_to(version))).await.unwrap().unwrap();
    assert!(1 < uploaded && uploaded < revision().await);
}

async fn a_deleted_function_leaves_its_name_free_and_nothing_behind(stage: Stage) {
    let demo = stage.project("demo").await;
    let hello = stage.function(&demo, "hello").await;
    let version = stage.ready_version(hello.id).await;
    stage.deploy(stage.a_deployment(&hello, Split::all_to(version))).await.unwrap().unwrap();
    let deleted = stage.store.write(move |t| Box::pin(async move { t.delete_function(hello.id, None).await }));
    assert!(deleted.await.unwrap_or_else(|error: Error| panic!("{error}")));

    let mut reader = stage.read().await;
    assert!(reader.list_versions(hello.id, None, 10).await.unwrap().items.is_empty());
    assert!(reader.list_deployments(hello.id, None, 10).await.unwrap().items.is_empty());
    assert!(reader.list_live_functions().await.unwrap().is_empty());
    drop(reader);
    assert_eq!(stage.upload(stage.a_version(hello.id)).await.unwrap(), None);
    let again = stage.function(&demo, "hello").await;
    assert_eq!(stage.ready_version(again.id).await.0, 1);
}
