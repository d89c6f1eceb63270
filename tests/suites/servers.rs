//! Several servers on one PostgreSQL: each slot of a schedule is run by one of them, also while they are killed.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    time::{Duration, Instant},
};

use domain::{SlotKind, SlotState};
use harness::{Actor, Platform, Postgres, guest};
use serde_json::json;

/// Schedules that are due each second.
const SCHEDULES: usize = 5;

/// How much is asked of the servers: `FULL=1` asks for 300 slots and 30 kills.
fn measure() -> (usize, usize) {
    if std::env::var_os("FULL").is_some() { (300, 30) } else { (40, 4) }
}

/// Gives the second server what the first has in its blob store, which both would share where it is a bucket.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}

async fn ledger(actor: &Actor, name: &str) -> Vec<wire::Slot> {
    let mut slots = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/functions/report/schedules/{name}/slots?limit=200{cursor}");
        let page: wire::Page<wire::Slot> = actor.get(&path).await.expect(200).parse();
        slots.extend(page.items);
        match page.next_cursor {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return slots,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_slot_is_run_by_one_of_two_servers_while_they_are_killed() {
    let claim = "each_slot_is_run_by_one_of_two_servers_while_they_are_killed";
    let url = tokio::task::spawn_blocking(move || Postgres::shared(claim).map(Postgres::database)).await.unwrap();
    let Some(url) = url else { return };
    let (wanted, kills) = measure();
    let first = Platform::builder().postgres(&url).start().await;
    let project = first.project("demo").with_owner("ada").create().await;
    let ada = project.acting_as("ada");
    let second = Platform::builder().postgres(&url).start().await;
    ada.upload("report", guest("poison")).await;
    copy(&first.data_dir().join("blobs"), &second.data_dir().join("blobs"));
    let names: Vec<_> = (0..SCHEDULES).map(|n| format!("fine-{n}")).collect();
    let trigger = |name: &String| json!({ "type": "cron", "name": name, "schedule": "* * * * * *", "overlap": "allow", "retries": 10 });
    let triggers: Vec<_> = names.iter().map(trigger).collect();
    let body = json!({ "versions": [{ "version": 1, "weight": 100 }], "triggers": triggers });
    ada.post("/functions/report/deployments", body).await.expect(201);

    // The first server answers the questions, so it is back before the next one.
    for kill in 0..kills {
        let target = wanted * (kill + 1) / (kills + 1);
        let server = if kill % 2 == 0 { &second } else { &first };
        written(&ada, &names, target).await;
        server.kill9();
        server.restart().await;
    }
    written(&ada, &names, wanted).await;
    for name in &names {
        ada.post(&format!("/functions/report/schedules/{name}/pause"), json!({})).await.expect(200);
    }

    let (mut slots, mut cut) = (0, 0);
    for name in &names {
        let ledger = settled(&ada, name).await;
        let mut seconds: Vec<_> = ledger.iter().map(|slot| slot.scheduled_at_us.as_us() / 1_000_000).collect();
        seconds.reverse();
        assert!(seconds.windows(2).all(|pair| pair[1] == pair[0] + 1), "{name}: a slot for each second: {seconds:?}");
        let mut states: BTreeMap<&str, usize> = BTreeMap::new();
        for slot in &ledger {
            *states.entry(slot.state.as_str()).or_default() += 1;
            let expected = if slot.kind == SlotKind::Late { SlotState::CaughtUp } else { SlotState::Ran };
            let excused = slot.state == SlotState::MissedDown && slot.kind == SlotKind::Late;
            assert!(slot.state == expected || excused, "{slot:#?}");
            assert!((1..=4).contains(&slot.attempt) || excused, "{slot:#?}");
        }
        slots += ledger.len();
        cut += ledger.iter().filter(|slot| slot.attempt > 1).count();
    }
    // How many are cut is a matter of the machine's load; all of them would mean that nobody ever comes to an end.
    assert!(slots >= wanted && cut < slots, "{cut} of {slots} slots were cut");
}

/// Waits until the ledgers together have `wanted` slots.
async fn written(actor: &Actor, names: &[String], wanted: usize) {
    let deadline = Instant::now() + Duration::from_secs(120);
    let mut there = 0;
    while there < wanted {
        assert!(Instant::now() < deadline, "{there} of {wanted} slots were written down");
        there = 0;
        for name in names {
            there += ledger(actor, name).await.len();
        }
    }
}

/// The ledger of `name` as soon as all of its slots are settled.
async fn settled(actor: &Actor, name: &str) -> Vec<wire::Slot> {
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        let slots = ledger(actor, name).await;
        let open: Vec<_> = slots.iter().filter(|slot| !slot.state.is_settled()).collect();
        if open.is_empty() {
            return slots;
        }
        assert!(Instant::now() < deadline, "{open:#?}");
    }
}
