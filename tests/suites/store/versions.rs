//! Versions: their numbers, their preparation, and which may go.

use std::collections::BTreeSet;

use domain::{Failure, Split, VersionNumber};
use futures::future::join_all;
use store::{Error, Preparation, VersionDeletion};

use super::{
    on_both_databases,
    stage::{Stage, verdict},
};

on_both_databases!(
    versions_uploaded_together_get_numbers_without_gaps,
    a_number_is_not_given_twice_even_after_its_version_is_deleted,
    a_version_reads_back_as_it_was_uploaded,
    a_version_is_ready_or_failed_once,
    a_server_that_starts_finds_what_is_still_being_prepared,
    a_version_that_a_deployment_names_stays,
);

async fn versions_uploaded_together_get_numbers_without_gaps(stage: Stage) {
    let demo = stage.project("demo").await;
    let (hello, other) = (stage.function(&demo, "hello").await, stage.function(&demo, "other").await);
    let uploads = (0..60).map(|n| stage.upload(stage.a_version(if n % 3 == 0 { other.id } else { hello.id })));
    join_all(uploads).await.into_iter().for_each(|number| assert!(number.unwrap().is_some()));
    for (function, count) in [(hello, 40), (other, 20)] {
        let versions = stage.read().await.list_versions(function.id, None, 100).await.unwrap().items;
        let numbers: Vec<_> = versions.iter().map(|version| version.number.0).collect();
        assert_eq!(numbers, (1..=count).rev().collect::<Vec<_>>());
        assert_eq!(versions.iter().map(|version| version.id).collect::<BTreeSet<_>>().len(), versions.len());
    }
}

async fn a_number_is_not_given_twice_even_after_its_version_is_deleted(stage: Stage) {
    let demo = stage.project("demo").await;
    let hello = stage.function(&demo, "hello").await;
    let first = stage.ready_version(hello.id).await;
    let delete = || stage.store.write(move |t| Box::pin(async move { t.delete_version(hello.id, first).await }));
    assert_eq!(delete().await.unwrap_or_else(|error: Error| panic!("{error}")), VersionDeletion::Deleted);
    assert_eq!(delete().await.unwrap_or_else(|error: Error| panic!("{error}")), VersionDeletion::Missing);
    assert_eq!(stage.ready_version(hello.id).await, VersionNumber(2));
}

async fn a_version_reads_back_as_it_was_uploaded(stage: Stage) {
    let demo = stage.project("demo").await;
    let hello = stage.function(&demo, "hello").await;
    let new = stage.a_version(hello.id);
    let number = stage.upload(new.clone()).await.unwrap().unwrap();
    let found = stage.read().await.find_version(hello.id, number).await.unwrap().unwrap();
    assert_eq!((found.id, found.function_id, found.component), (new.id, new.function_id, new.component));
    assert_eq!((found.configuration, found.message), (new.configuration, new.message));
    assert_eq!((found.source, found.created_by, found.created_at_us), (new.source, new.created_by, new.created_at_us));
    assert_eq!((found.component_bytes, found.preparation), (9, Preparation::Preparing));
    assert_eq!(stage.read().await.find_latest_version(hello.id).await.unwrap().unwrap().id, new.id);
}

async fn a_version_is_ready_or_failed_once(stage: Stage) {
    let demo = stage.project("demo").await;
    let hello = stage.function(&demo, "hello").await;
    let number = stage.ready_version(hello.id).await;
    let version = stage.read().await.find_version(hello.id, number).await.unwrap().unwrap();
    assert_eq!(version.preparation, Preparation::Ready(verdict()));
    let failure = Failure { code: "not-wasm".to_owned(), message: "is text".to_owned(), missing_imports: Vec::new() };
    let fail = |id| {
        let failure = failure.clone();
        stage.store.write(move |t| Box::pin(async move { t.update_version_failed(id, &failure).await }))
    };
    assert!(!fail(version.id).await.unwrap(), "a ready version failed");

    let refused = stage.a_version(hello.id);
    let id = refused.id;
    let number = stage.upload(refused).await.unwrap().unwrap();
    assert!(fail(id).await.unwrap());
    let version = stage.read().await.find_version(hello.id, number).await.unwrap().unwrap();
    assert_eq!(version.preparation, Preparation::Failed(failure));
}

async fn a_server_that_starts_finds_what_is_still_being_prepared(stage: Stage) {
    let demo = stage.project("demo").await;
    let hello = stage.function(&demo, "hello").await;
    stage.ready_version(hello.id).await;
    let waiting = [stage.a_version(hello.id), stage.a_version(hello.id)];
    for version in waiting.clone() {
        stage.upload(version).await.unwrap();
    }
    let stage = stage.reopened().await;
    let found = stage.read().await.list_preparing_versions().await.unwrap();
    assert_eq!(found.iter().map(|version| version.id).collect::<Vec<_>>(), waiting.map(|version| version.id));
}

async fn a_version_that_a_deployment_names_stays(stage: Stage) {
    let demo = stage.project("demo").await;
    let hello = stage.function(&demo, "hello").await;
    let (old, new) = (stage.ready_version(hello.id).await, stage.ready_version(hello.id).await);
    stage.deploy(stage.a_deployment(&hello, Split::all_to(old))).await.unwrap().unwrap();
    stage.deploy(stage.a_deployment(&hello, Split::all_to(new))).await.unwrap().unwrap();
    for version in [old, new] {
        let kept = stage.store.write(move |t| Box::pin(async move { t.delete_version(hello.id, version).await }));
        assert_eq!(kept.await.unwrap_or_else(|error: Error| panic!("{error}")), VersionDeletion::Deployed);
    }
}
