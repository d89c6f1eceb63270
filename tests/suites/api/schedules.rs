//! Schedules over HTTP and by the command line: what is due when, what became of it, and who may say otherwise.

use std::time::{Duration, Instant};

use harness::{Actor, guest};
use serde_json::{Value, json};

use super::stage::{demo, fields};

/// Due in the first second of a year, so that nothing runs unless it is asked for.
const RARE: &str = "0 0 0 1 1 *";

fn cron(name: &str, schedule: &str) -> Value {
    json!({ "type": "cron", "name": name, "schedule": schedule, "retries": 0 })
}

/// Deploys the first version of `report` with `triggers`.
async fn deploy(actor: &Actor, triggers: &[Value]) -> harness::Answer {
    let body = json!({ "versions": [{ "version": 1, "weight": 100 }], "triggers": triggers });
    actor.post("/functions/report/deployments", body).await
}

async fn with_report() -> (harness::Project, Actor) {
    let (project, ada) = demo().await;
    ada.upload("report", guest("poison")).await;
    (project, ada)
}

async fn schedule(actor: &Actor, name: &str) -> wire::Schedule {
    actor.get(&format!("/functions/report/schedules/{name}")).await.expect(200).parse()
}

async fn slots(actor: &Actor, name: &str) -> Vec<wire::Slot> {
    let path = format!("/functions/report/schedules/{name}/slots");
    actor.get(&path).await.expect(200).parse::<wire::Page<wire::Slot>>().items
}

#[tokio::test]
async fn a_deployed_schedule_is_listed_with_its_next_runs() {
    let (_project, ada) = with_report().await;
    let mut berlin = cron("nightly", "30 2 * * mon-fri");
    berlin["timezone"] = json!("Europe/Berlin");
    deploy(&ada, &[cron("early", "@yearly"), berlin]).await.expect(201);
    let page: wire::Page<wire::Schedule> = ada.get("/schedules?limit=1").await.expect(200).parse();
    assert_eq!(page.items[0].trigger.name.as_str(), "early");
    let rest = format!("/schedules?cursor={}", page.next_cursor.unwrap());
    let rest: wire::Page<wire::Schedule> = ada.get(&rest).await.expect(200).parse();
    assert_eq!((rest.items.len(), rest.items[0].function.as_str()), (1, "report"));
    let next = &rest.items[0].next_at_us;
    assert_eq!(next.len(), 5);
    assert!(next.windows(2).all(|pair| pair[0] < pair[1]));
    let more = ada.get("/functions/report/schedules/nightly/next?count=7").await.expect(200);
    assert_eq!(more.parse::<wire::ScheduleRuns>().at_us[..5], next[..]);
    ada.get("/functions/report/schedules/none").await.expect(404);
    ada.get("/functions/report/schedules/none/slots").await.expect(404);
}

#[tokio::test]
async fn what_a_schedule_would_do_is_told_before_it_is_deployed() {
    let (_project, ada) = demo().await;
    // 2026-03-28 00:00 UTC; the clocks of Berlin go forward on the 29th.
    let path = "/schedule-preview?schedule=30%202%20*%20*%20*&timezone=Europe/Berlin&after_us=1774656000000000&count=3";
    let runs: wire::ScheduleRuns = ada.get(path).await.expect(200).parse();
    let seconds: Vec<_> = runs.at_us.iter().map(|at| at.as_us() / 1_000_000).collect();
    assert_eq!(seconds, [1_774_661_400, 1_774_746_000, 1_774_830_600]);
    assert_eq!(fields(&ada.get("/schedule-preview?schedule=61%20*%20*%20*%20*").await.expect(422)), ["schedule"]);
    let unknown = ada.get("/schedule-preview?schedule=@daily&timezone=Europe/Berln").await.expect(422);
    assert!(unknown.problem().errors[0].message.contains("Europe/Berlin"));
    assert_eq!(fields(&ada.get("/schedule-preview?schedule=@daily&count=101").await.expect(422)), ["count"]);
}

#[tokio::test]
async fn a_schedule_that_cannot_be_read_is_not_deployed() {
    let (_project, ada) = with_report().await;
    let refused = deploy(&ada, &[cron("good", RARE), cron("bad", "0 25 * * *")]).await.expect(422);
    assert_eq!(fields(&refused), ["triggers[1].schedule"]);
    let mut nowhere = cron("bad", RARE);
    nowhere["timezone"] = json!("Mars/Olympus");
    assert_eq!(fields(&deploy(&ada, &[nowhere]).await.expect(422)), ["triggers[0].timezone"]);
    assert_eq!(ada.get("/schedules").await.expect(200).items().len(), 0);
}

#[tokio::test]
async fn a_paused_schedule_stays_paused_through_a_deployment_until_it_is_resumed() {
    let (_project, ada) = with_report().await;
    deploy(&ada, &[cron("nightly", RARE)]).await.expect(201);
    let paused: wire::Schedule =
        ada.post("/functions/report/schedules/nightly/pause", json!({})).await.expect(200).parse();
    assert!(paused.next_at_us.is_empty() && paused.paused_by.as_deref() == Some("ada"));
    deploy(&ada, &[cron("nightly", "@daily")]).await.expect(201);
    let after = schedule(&ada, "nightly").await;
    assert_eq!((after.paused_at_us, after.trigger.schedule.as_str()), (paused.paused_at_us, "@daily"));
    let resumed: wire::Schedule =
        ada.post("/functions/report/schedules/nightly/resume", json!({})).await.expect(200).parse();
    assert_eq!((resumed.next_at_us.len(), resumed.paused_at_us), (5, None));
    deploy(&ada, &[]).await.expect(201);
    assert_eq!(ada.get("/schedules").await.expect(200).items().len(), 0);
    ada.post("/functions/report/schedules/nightly/pause", json!({})).await.expect(404);
}

/// The latest slot of `name` as soon as it is settled.
async fn settled(actor: &Actor, name: &str) -> wire::Slot {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(slot) = slots(actor, name).await.into_iter().next().filter(|slot| slot.state.is_settled()) {
            return slot;
        }
        assert!(Instant::now() < deadline, "{name} is not settled: {:?}", slots(actor, name).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_that_is_asked_for_runs_and_its_end_is_in_the_ledger() {
    let (_project, ada) = with_report().await;
    let names = ["fine", "fail", "trap"];
    deploy(&ada, &names.map(|name| cron(name, RARE))).await.expect(201);
    for name in names {
        let path = format!("/functions/report/schedules/{name}/run");
        let asked: wire::Slot = ada.post(&path, json!({})).await.expect(202).parse();
        assert_eq!((asked.kind, asked.requested_by.as_deref()), (wire::SlotKind::Manual, Some("ada")));
        let slot = settled(&ada, name).await;
        assert_eq!((&slot.id, slot.attempt), (&asked.id, 1));
        assert_eq!(slot.version.map(|version| version.0), Some(1));
        assert!(slot.invocation_id.is_some_and(|id| id.starts_with("inv_")) && slot.started_at_us.is_some());
        match name {
            "fine" => assert_eq!((slot.state, slot.error), (wire::SlotState::Ran, None)),
            "fail" => assert_eq!(slot.error.as_deref(), Some("attempt 1 failed as it should")),
            _ => assert_eq!(slot.state, wire::SlotState::Failed),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_runs_by_itself_while_the_server_does_and_catches_up_when_it_is_back() {
    let (project, ada) = with_report().await;
    deploy(&ada, &[cron("fine", "* * * * * *")]).await.expect(201);
    let first = settled(&ada, "fine").await;
    assert_eq!((first.kind, first.state), (wire::SlotKind::Due, wire::SlotState::Ran));
    project.platform().kill9();
    project.platform().restart().await;
    let deadline = Instant::now() + Duration::from_secs(60);
    let ledger = loop {
        let ledger = slots(&ada, "fine").await;
        if ledger.iter().filter(|slot| slot.state == wire::SlotState::Ran).count() > 5 {
            break ledger;
        }
        assert!(Instant::now() < deadline, "{ledger:#?}");
    };
    let seconds: Vec<_> = ledger.iter().rev().map(|slot| slot.scheduled_at_us.as_us() / 1_000_000).collect();
    assert!(seconds.windows(2).all(|pair| pair[1] == pair[0] + 1), "every second has one slot: {seconds:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_shows_and_steers_schedules() {
    let (project, ada) = with_report().await;
    let secret = project.token("ada").await;
    deploy(&ada, &[cron("fine", RARE)]).await.expect(201);
    let listed = project.run(&secret, &["cron", "list"]).await.expect(0);
    assert!(listed.stdout.contains("fine") && listed.stdout.contains(RARE), "{listed:?}");
    let next = project.run(&secret, &["cron", "next", "fine", "--count", "2"]).await.expect(0);
    assert_eq!(next.stdout.matches("-01-01T00:00:00Z").count(), 2, "{next:?}");
    let paused = project.run(&secret, &["cron", "pause", "fine"]).await.expect(0);
    assert!(paused.stderr.contains("is paused") && paused.stderr.contains("next: dormouse cron resume"), "{paused:?}");
    let ran = project.run(&secret, &["cron", "run", "fine"]).await.expect(0);
    assert!(ran.stdout.starts_with("slt_"), "also while it is paused: {ran:?}");
    settled(&ada, "fine").await;
    let ledger = project.run(&secret, &["cron", "ledger", "fine"]).await.expect(0);
    assert!(ledger.stdout.contains(ran.stdout.trim()) && ledger.stdout.contains("ran"), "{ledger:?}");
    let resumed = project.run(&secret, &["cron", "resume", "fine"]).await.expect(0);
    assert!(resumed.stderr.contains("is due at"), "{resumed:?}");
    project.run(&secret, &["cron", "ledger", "none"]).await.expect(3);
}
