//! Deployments: appended in order, the newest live, and what the data plane gets of them.

use domain::{Split, SplitKey, VersionNumber, WeightedVersion};
use futures::future::join_all;
use store::Error;

use super::{
    on_both_databases,
    stage::{Stage, verdict},
};

on_both_databases!(
    deployments_appended_together_leave_one_live,
    a_deployment_that_expects_another_to_be_live_is_refused,
    a_deployment_of_a_version_that_is_not_there_stores_nothing,
    a_deployment_reads_back_whole_and_says_when_it_was_replaced,
    the_data_plane_gets_the_versions_of_what_is_live_in_the_order_of_the_split,
    only_a_ready_version_has_a_preview,
);

async fn deployments_appended_together_leave_one_live(stage: Stage) {
    let demo = stage.project("demo").await;
    let hello = stage.function(&demo, "hello").await;
    let version = stage.ready_version(hello.id).await;
    let appended = join_all((0..40).map(|_| stage.deploy(stage.a_deployment(&hello, Split::all_to(version))))).await;
    let mut numbers: Vec<_> = appended.into_iter().map(|appended| appended.unwrap().unwrap().number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=40).collect::<Vec<_>>());
    let mut reader = stage.read().await;
    let all = reader.list_deployments(hello.id, None, 100).await.unwrap().items;
    let live: Vec<_> = all.iter().filter(|deployment| deployment.replaced_at_us.is_none()).collect();
    assert_eq!(live.iter().map(|deployment| deployment.number).collect::<Vec<_>>(), [40]);
    assert_eq!(reader.find_live_deployment(hello.id).await.unwrap().as_ref(), live.first().copied());
    let function = reader.find_function(demo.id, &hello.name).await.unwrap().unwrap();
    assert_eq!(function.live_deployment, Some(40));
}

async fn a_deployment_that_expects_another_to_be_live_is_refused(stage: Stage) {
    let demo = stage.project("demo").await;
    let hello = stage.function(&demo, "hello").await;
    let version = stage.ready_version(hello.id).await;
    let expecting = |expected| {
        let mut deployment = stage.a_deployment(&hello, Split::all_to(version));
        deployment.expected_live = Some(expected);
        stage.deploy(deployment)
    };
    assert!(expecting(1).await.unwrap().is_none());
    assert_eq!(expecting(0).await.unwrap().unwrap().number, 1);
    assert!(expecting(0).await.unwrap().is_none());
    let racers = join_all((0..10).map(|_| expecting(1))).await;
    assert_eq!(racers.into_iter().filter(|won| won.as_ref().unwrap().is_some()).count(), 1);
}

async fn a_deployment_of_a_version_that_is_not_there_stores_nothing(stage: Stage) {
    let demo = stage.project("demo").await;
    let hello = stage.function(&demo, "hello").await;
    let refused = stage.deploy(stage.a_deployment(&hello, Split::all_to(VersionNumber(7)))).await;
    assert!(matches!(refused, Err(Error::Database(_))));
    let function = stage.read().await.find_function(demo.id, &hello.name).await.unwrap().unwrap();
    assert_eq!((function.live_deployment, function.revision), (None, 1));
}

fn split(parts: [(VersionNumber, u8); 2]) -> Split {
    let parts = parts.map(|(version, weight)| WeightedVersion { version, weight });
    Split::try_from(parts.to_vec()).unwrap()
}

async fn a_deployment_reads_back_whole_and_says_when_it_was_replaced(stage: Stage) {
    let demo = stage.project("demo").await;
    let hello = stage.function(&demo, "hello").await;
    let (old, new) = (stage.ready_version(hello.id).await, stage.ready_version(hello.id).await);
    let mut first = stage.a_deployment(&hello, split([(new, 10), (old, 90)]));
    first.spec.split_key = Some(SplitKey::Header("x-user".to_owned()));
    let mut second = stage.a_deployment(&hello, Split::all_to(old));
    second.rolled_back_to = Some(1);
    let appended = stage.deploy(first.clone()).await.unwrap().unwrap();
    assert_eq!((appended.id, &appended.spec, appended.replaced_at_us), (first.id, &first.spec, None));
    stage.deploy(second.clone()).await.unwrap().unwrap();
    let mut reader = stage.read().await;
    let replaced = reader.find_deployment(hello.id, 1).await.unwrap().unwrap();
    assert_eq!((replaced.spec, replaced.replaced_at_us), (first.spec, Some(second.created_at_us)));
    let live = reader.find_deployment(hello.id, 2).await.unwrap().unwrap();
    assert_eq!((live.rolled_back_to, live.replaced_at_us), (Some(1), None));
}

async fn the_data_plane_gets_the_versions_of_what_is_live_in_the_order_of_the_split(stage: Stage) {
    let (demo, other) = (stage.project("demo").await, stage.project("other").await);
    let (hello, bye) = (stage.function(&demo, "hello").await, stage.function(&other, "bye").await);
    stage.function(&demo, "never-deployed").await;
    let (old, new) = (stage.ready_version(hello.id).await, stage.ready_version(hello.id).await);
    let only = stage.ready_version(bye.id).await;
    stage.deploy(stage.a_deployment(&hello, Split::all_to(old))).await.unwrap().unwrap();
    stage.deploy(stage.a_deployment(&hello, split([(new, 10), (old, 90)]))).await.unwrap().unwrap();
    stage.deploy(stage.a_deployment(&bye, Split::all_to(only))).await.unwrap().unwrap();

    let mut reader = stage.read().await;
    let all = reader.list_live_functions().await.unwrap();
    let [first, second] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!((first.project.as_str(), first.function.as_str(), first.deployment.number), ("demo", "hello", 2));
    assert_eq!(first.versions.iter().map(|version| version.number).collect::<Vec<_>>(), [new, old]);
    assert_eq!((second.project_id, second.versions.len()), (other.id, 1));
    assert!(second.versions.iter().all(|version| version.verdict == verdict()));
    assert_eq!(reader.list_live_functions_of(demo.id).await.unwrap().as_slice(), &all[..1]);
    assert_eq!(reader.find_live_function(bye.id).await.unwrap().as_ref(), Some(second));
}

async fn only_a_ready_version_has_a_preview(stage: Stage) {
    let demo = stage.project("demo").await;
    let hello = stage.function(&demo, "hello").await;
    let ready = stage.ready_version(hello.id).await;
    let waiting = stage.upload(stage.a_version(hello.id)).await.unwrap().unwrap();
    let mut reader = stage.read().await;
    let preview = reader.find_preview(&demo.name, &hello.name, ready).await.unwrap().unwrap();
    assert_eq!((preview.project_id, preview.function_id, preview.version.number), (demo.id, hello.id, ready));
    assert_eq!(reader.find_preview(&demo.name, &hello.name, waiting).await.unwrap(), None);
}
