//! How each misdeed ends for its caller, in the records, and for the neighbours.

use std::{collections::BTreeMap, pin::pin};

use domain::invocation::Outcome;
use futures::future::{Either, join_all, select};
use harness::guest;
use http::Method;

use super::{cases, stage::Stage};
use crate::runtime::init;

/// Does something while the neighbour is asked again and again.
async fn beside_neighbour<T>(stage: &Stage, deed: impl Future<Output = T>) -> T {
    let mut deed = pin!(deed);
    loop {
        let asked = pin!(stage.ask_neighbour());
        match select(deed, asked).await {
            Either::Left((done, asked)) => {
                asked.await;
                return done;
            }
            Either::Right(((), under_way)) => deed = under_way,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_misdeed_ends_as_it_should_and_the_neighbour_is_served_meanwhile() {
    // A place that is not given back is missed soon: there are four.
    let stage = Stage::start(&["--max-instances", "4"]).await;
    stage.quiet_again().await;
    let before = stage.closing_lines().len();
    let answered = stage.ended(Outcome::Ok).await;
    let mut counts = BTreeMap::from([("ok", (Outcome::Ok, answered))]);
    let mut wrong = Vec::new();
    for (nth, case) in cases::ALL.iter().enumerate() {
        let got = beside_neighbour(&stage, stage.commit(*case)).await;
        let line = stage.closing_line(before + nth).await;
        let told = line["outcome"] == case.outcome.as_str()
            && line["error"].as_str().unwrap_or_default().contains(case.why)
            && line["error"].is_null() == (case.outcome == Outcome::Ok)
            && (line["project.name"] == "rough" && line["function.name"] == case.function);
        if !told || !got.is_right() {
            wrong.push(format!("{got:?}\n  recorded as {line}\n"));
        }
        counts.entry(case.outcome.as_str()).or_insert((case.outcome, 0)).1 += 1;
        stage.quiet_again().await;
    }
    assert!(wrong.is_empty(), "{}", wrong.concat());
    for (outcome, count) in counts.into_values() {
        assert_eq!(stage.ended(outcome).await, count, "{outcome:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_misdeeds_at_once_do_not_keep_the_neighbour_waiting() {
    let stage = Stage::start(&["--max-instances", "64"]).await;
    let neighbour = async {
        loop {
            stage.ask_neighbour().await;
        }
    };
    let misdeeds = join_all(cases::ALL.iter().map(|case| stage.commit(*case)));
    tokio::select! {
        all = misdeeds => {
            let wrong: Vec<_> = all.iter().filter(|got| !got.is_right_in_a_crowd()).collect();
            assert!(wrong.is_empty(), "{wrong:#?}");
        }
        () = neighbour => {}
    }
    stage.quiet_again().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_init_without_end_costs_its_version_and_nobody_else_anything() {
    let stage = Stage::empty(&["--init-cpu-s", "1"]).await;
    let endless = init::component("", "(loop (br 0))");
    let refused = beside_neighbour(&stage, stage.ada.try_upload("endless", endless)).await.expect(422);
    assert_eq!(refused.problem().code, "init-out-of-time");
    let version: wire::Version = stage.ada.get("/functions/endless/versions/1").await.expect(200).parse();
    assert_eq!(version.state, wire::VersionState::Failed);
    stage.ada.upload("hostile2", guest("hostile2")).await;
}

#[tokio::test]
async fn a_caller_who_does_not_read_an_endless_answer_costs_nobody_anything() {
    let stage = Stage::start(&["--max-instances", "4"]).await;
    for function in ["hostile2-hasty", "hostile3-hasty"] {
        let unread = stage.rough.preview(function, 1, Method::GET, "/endless").open().await.unwrap();
        assert_eq!(unread.status(), 200);
        stage.quiet_again().await;
        drop(unread);
    }
    assert_eq!(stage.ended(Outcome::TimedOut).await, 2);
}
