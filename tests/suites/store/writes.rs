//! Writes: durable, whole or not at all, and none in another's way.

use domain::ProjectName;
use futures::future::join_all;
use store::{Error, Project};
use tokio::sync::oneshot;

use super::{on_both_databases, stage::Stage};

on_both_databases!(
    writes_that_were_acknowledged_are_there_after_reopening,
    a_write_that_fails_takes_no_other_with_it,
    a_write_that_panics_is_abandoned_alone,
    a_write_that_is_alone_leaves_nothing_where_it_fails_or_panics,
    a_write_runs_to_its_end_without_its_caller,
    a_closed_store_refuses_and_does_not_hang,
);

async fn names(stage: &Stage) -> Vec<String> {
    let page = stage.read().await.list_projects(None, 1_000).await.unwrap();
    page.items.into_iter().map(|project| project.name.to_string()).collect()
}

fn project(stage: &Stage, name: &str) -> Project {
    stage.a_project(name)
}

async fn writes_that_were_acknowledged_are_there_after_reopening(stage: Stage) {
    let on = &stage;
    join_all((0..300).map(|n| async move { on.project(&format!("p{n:03}")).await })).await;
    let stage = stage.reopened().await;
    let expected: Vec<_> = (0..300).map(|n| format!("p{n:03}")).collect();
    assert_eq!(names(&stage).await, expected);
}

async fn a_write_that_fails_takes_no_other_with_it(stage: Stage) {
    let writes = (0..100).map(|n| {
        let project = project(&stage, &format!("p{n:03}"));
        stage.store.write(move |t| {
            Box::pin(async move {
                t.insert_project(&project).await?;
                if n % 2 == 0 { Ok(()) } else { Err(Error::Duplicate) }
            })
        })
    });
    let results = join_all(writes).await;
    assert!(results.iter().enumerate().all(|(n, result)| result.is_ok() == (n % 2 == 0)));
    let kept: Vec<_> = (0..100).step_by(2).map(|n| format!("p{n:03}")).collect();
    assert_eq!(names(&stage).await, kept);
}

async fn a_write_that_panics_is_abandoned_alone(stage: Stage) {
    let doomed = project(&stage, "doomed");
    let panicking = stage.store.write::<(), Error, _>(|t| {
        Box::pin(async move {
            t.insert_project(&doomed).await?;
            panic!("a bug in a use case");
        })
    });
    let (panicked, _) = tokio::join!(panicking, stage.project("beside"));
    assert!(matches!(panicked, Err(Error::Abandoned)));
    stage.project("later").await;
    assert_eq!(names(&stage).await, ["beside", "later"]);
}

async fn a_write_that_is_alone_leaves_nothing_where_it_fails_or_panics(stage: Stage) {
    let (failing, panicking) = (project(&stage, "failing"), project(&stage, "panicking"));
    let failed = stage.store.write::<(), Error, _>(|t| {
        Box::pin(async move {
            t.insert_project(&failing).await?;
            Err(Error::Duplicate)
        })
    });
    assert!(matches!(failed.await, Err(Error::Duplicate)));
    let panicked = stage.store.write::<(), Error, _>(|t| {
        Box::pin(async move {
            t.insert_project(&panicking).await?;
            panic!("a bug in a use case");
        })
    });
    assert!(matches!(panicked.await, Err(Error::Abandoned)));
    stage.project("later").await;
    assert_eq!(names(&stage).await, ["later"]);
}

async fn a_write_runs_to_its_end_without_its_caller(stage: Stage) {
    let (project, (began, has_begun), (go, may_go)) =
        (project(&stage, "orphan"), oneshot::channel(), oneshot::channel::<()>());
    let write = stage.store.write(|t| {
        Box::pin(async move {
            began.send(()).unwrap();
            may_go.await.unwrap();
            t.insert_project(&project).await
        })
    });
    tokio::select! {
        _ = write => unreachable!("it waits to be let go"),
        begun = has_begun => begun.unwrap(),
    }
    go.send(()).unwrap();
    // On SQLite the next write comes behind it; PostgreSQL lets it wait for the same name.
    let again = stage.a_project("orphan");
    while stage.read().await.find_project_by_name(&again.name).await.unwrap().is_none() {
        tokio::task::yield_now().await;
    }
    let repeated = stage.store.write(|t| Box::pin(async move { t.insert_project(&again).await })).await;
    assert!(matches!(repeated, Err(Error::Duplicate)));
}

async fn a_closed_store_refuses_and_does_not_hang(stage: Stage) {
    stage.store.close().await;
    assert!(stage.store.read().await.is_err());
    let late = project(&stage, "late");
    assert!(stage.store.write(|t| Box::pin(async move { t.insert_project(&late).await })).await.is_err());
}

/// What gathers while the writer is busy is committed at once: when the first of a group is answered, a
/// reader sees all of it. (PostgreSQL groups commits by itself.)
#[tokio::test(flavor = "multi_thread")]
async fn writes_that_wait_share_one_commit() {
    let stage = Stage::on_sqlite().await;
    let ((began, has_begun), (go, may_go)) = (oneshot::channel(), oneshot::channel::<()>());
    let busy = tokio::spawn({
        let store = stage.store.clone();
        async move {
            let busy = store.write::<_, Error, _>(|_| {
                Box::pin(async move {
                    began.send(()).unwrap();
                    may_go.await.unwrap();
                    Ok(())
                })
            });
            busy.await.unwrap();
        }
    });
    has_begun.await.unwrap();
    let mut writes: Vec<_> = (0..40)
        .map(|n| {
            let project = project(&stage, &format!("p{n:03}"));
            Box::pin(stage.store.write(move |t| Box::pin(async move { t.insert_project(&project).await })))
        })
        .collect();
    // Polled once, each write stands in line.
    for write in &mut writes {
        assert!(futures::poll!(write).is_pending());
    }
    go.send(()).unwrap();
    let (first, rest) = writes.split_first_mut().unwrap();
    first.await.unwrap();
    let last: ProjectName = "p039".parse().unwrap();
    assert!(stage.read().await.find_project_by_name(&last).await.unwrap().is_some());
    for write in rest {
        write.await.unwrap();
    }
    busy.await.unwrap();
}
