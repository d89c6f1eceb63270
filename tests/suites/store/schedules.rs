//! The ledger of schedules: each slot is written down once, run by one server at a time, and settled once.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use control::{Schedules, Slot, SlotRun, TakenSlot};
use domain::{CatchUp, Clock, CronTrigger, Entropy, Ids, Overlap, SlotKind, SlotState, Timestamp, id::FunctionId};
use futures::future::join_all;
use store::Schedule;

use super::{on_both_databases, stage::Stage};

on_both_databases!(
    a_slot_is_written_down_once_however_many_servers_plan,
    a_slot_is_taken_by_one_of_many_servers,
    who_lost_a_lease_can_neither_renew_nor_settle,
    a_slot_that_is_due_while_another_runs_is_skipped,
    slots_may_overlap_where_the_schedule_allows_it,
    after_down_time_slots_are_caught_up_as_the_schedule_says,
    slots_that_are_caught_up_run_one_after_the_other,
    a_long_down_time_is_written_down_whole,
    a_failure_is_tried_again_later_and_then_is_one,
    a_server_that_goes_away_uses_up_an_attempt,
    a_slot_that_finds_no_place_is_not_tried_and_waits,
    a_schedule_that_is_gone_runs_no_more,
    a_ledger_keeps_its_latest_slots,
);

/// 2026-11-21 12:00:00 UTC.
const NOON: i64 = 1_795_262_400;

/// Servers that share the stage's database and a clock that stands still until it is told.
struct Servers {
    stage: Stage,
    clock: Arc<AtomicI64>,
    function: FunctionId,
    ids: Ids,
}

impl Servers {
    async fn on(stage: Stage) -> Self {
        struct Hands(Arc<AtomicI64>);
        impl Clock for Hands {
            fn now(&self) -> Timestamp {
                Timestamp(self.0.load(Ordering::SeqCst))
            }
        }
        struct Draws(Ids);
        impl Entropy for Draws {
            fn fill(&self, bytes: &mut [u8]) {
                let drawn = self.0.random::<32>();
                bytes.iter_mut().zip(drawn).for_each(|(byte, drawn)| *byte = drawn);
            }
        }
        let project = stage.project("demo").await;
        let function = stage.function(&project, "report").await.id;
        let clock = Arc::new(AtomicI64::new(NOON * 1_000_000));
        let ids = Ids::new(Hands(Arc::clone(&clock)), Draws(stage.ids.clone()));
        Self { stage, clock, function, ids }
    }

    fn server(&self) -> Schedules {
        Schedules::new(self.stage.store.clone(), self.ids.clone())
    }

    fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    /// Adds a schedule that was planned until now.
    async fn schedule(&self, expression: &str, change: impl FnOnce(&mut CronTrigger)) {
        let mut trigger = CronTrigger::new("nightly".parse().unwrap(), expression);
        change(&mut trigger);
        let now = self.ids.now();
        let rule = domain::schedule::Schedule::new(&trigger.schedule, &trigger.timezone).unwrap();
        let projects = self.stage.read().await.list_projects(None, 1).await.unwrap();
        let schedule = Schedule {
            project_id: projects.items[0].id,
            function_id: self.function,
            function: "report".parse().unwrap(),
            trigger,
            planned_until_us: now,
            next_at_us: rule.next_after(now),
            paused: None,
        };
        let added = self.stage.store.write(move |t| Box::pin(async move { t.upsert_schedule(&schedule).await }));
        added.await.unwrap_or_else(|error: store::Error| panic!("{error}"));
    }

    /// Plans until nothing is due, and takes what can be taken.
    async fn due(&self, server: &Schedules) -> Vec<TakenSlot> {
        while server.plan().await.unwrap() > 0 {}
        server.take(100).await.unwrap()
    }

    /// The ledger, oldest slot first.
    async fn ledger(&self) -> Vec<Slot> {
        let name = "nightly".parse().unwrap();
        let mut reader = self.stage.read().await;
        let mut slots = reader.list_slots(self.function, &name, None, 20_000).await.unwrap().items;
        slots.reverse();
        slots
    }

    /// The ledger as seconds after noon with states.
    async fn states(&self) -> Vec<(i64, SlotState)> {
        let second = |slot: &Slot| slot.scheduled_at_us.as_us() / 1_000_000 - NOON;
        self.ledger().await.iter().map(|slot| (second(slot), slot.state)).collect()
    }
}

async fn a_slot_is_written_down_once_however_many_servers_plan(stage: Stage) {
    let servers = Servers::on(stage).await;
    servers.schedule("*/10 * * * * *", |_| ()).await;
    let many: Vec<_> = (0..5).map(|_| servers.server()).collect();
    for _ in 0..12 {
        servers.pass(7);
        join_all(many.iter().map(|server| async { while server.plan().await.unwrap() > 0 {} })).await;
    }
    let times: Vec<_> = servers.states().await.iter().map(|slot| slot.0).collect();
    assert_eq!(times, [10, 20, 30, 40, 50, 60, 70, 80]);
    assert_eq!(many[0].next_at().await.unwrap(), Some(Timestamp((NOON + 14) * 1_000_000)));
}

async fn a_slot_is_taken_by_one_of_many_servers(stage: Stage) {
    let servers = Servers::on(stage).await;
    servers.schedule("* * * * *", |trigger| trigger.overlap = Overlap::Allow).await;
    servers.pass(60);
    let many: Vec<_> = (0..10).map(|_| servers.server()).collect();
    let taken = join_all(many.iter().map(|server| servers.due(server))).await;
    let taken: Vec<_> = taken.into_iter().flatten().collect();
    assert_eq!(taken.len(), 1);
    assert_eq!((taken[0].attempt, taken[0].scheduled_at), (1, Timestamp((NOON + 60) * 1_000_000)));
    assert!(many[0].end(&taken[0], SlotRun::Ran).await.unwrap());
    assert!(!many[1].end(&taken[0], SlotRun::Failed("no".to_owned())).await.unwrap(), "a slot is settled once");
    assert_eq!(servers.states().await, [(60, SlotState::Ran)]);
    assert!(join_all(many.iter().map(|server| servers.due(server))).await.into_iter().all(|taken| taken.is_empty()));
}

async fn who_lost_a_lease_can_neither_renew_nor_settle(stage: Stage) {
    let servers = Servers::on(stage).await;
    servers.schedule("0 * * * *", |_| ()).await;
    let (slow, other) = (servers.server(), servers.server());
    servers.pass(3_600);
    let first = servers.due(&slow).await.remove(0);
    servers.pass(14);
    assert!(slow.renew(&first).await.unwrap());
    servers.pass(14);
    assert!(servers.due(&other).await.is_empty(), "the lease was renewed");
    servers.pass(2);
    let second = servers.due(&other).await.remove(0);
    assert_eq!((second.id, second.attempt), (first.id, 2));
    assert!(!slow.renew(&first).await.unwrap());
    assert!(!slow.end(&first, SlotRun::Failed("too late".to_owned())).await.unwrap());
    assert!(other.end(&second, SlotRun::Ran).await.unwrap());
    assert!(!slow.end(&first, SlotRun::Ran).await.unwrap());
    let ledger = servers.ledger().await;
    assert_eq!((ledger.len(), ledger[0].state, ledger[0].attempt), (1, SlotState::Ran, 2));
    assert_eq!(ledger[0].error, None);
}

async fn a_slot_that_is_due_while_another_runs_is_skipped(stage: Stage) {
    let servers = Servers::on(stage).await;
    servers.schedule("* * * * *", |trigger| trigger.retries = 1).await;
    let server = servers.server();
    servers.pass(60);
    let first = servers.due(&server).await.remove(0);
    for _ in 0..4 {
        servers.pass(14);
        server.renew(&first).await.unwrap();
    }
    servers.pass(4);
    assert!(servers.due(&server).await.is_empty());
    // One that is to be tried again has not ended.
    server.end(&first, SlotRun::Failed("broken".to_owned())).await.unwrap();
    servers.pass(12);
    let again = servers.due(&server).await.remove(0);
    assert_eq!((again.id, again.attempt), (first.id, 2));
    server.end(&again, SlotRun::Ran).await.unwrap();
    servers.pass(48);
    assert_eq!(servers.due(&server).await.len(), 1);
    let expected = [(60, SlotState::Ran), (120, SlotState::SkippedOverlap), (180, SlotState::Running)];
    assert_eq!(servers.states().await, expected);
}

async fn slots_may_overlap_where_the_schedule_allows_it(stage: Stage) {
    let servers = Servers::on(stage).await;
    servers.schedule("*/10 * * * * *", |trigger| trigger.overlap = Overlap::Allow).await;
    let server = servers.server();
    for _ in 0..3 {
        servers.pass(10);
        assert_eq!(servers.due(&server).await.iter().filter(|slot| slot.attempt == 1).count(), 1);
    }
    assert_eq!(servers.states().await, [10, 20, 30].map(|second| (second, SlotState::Running)));
}

async fn after_down_time_slots_are_caught_up_as_the_schedule_says(stage: Stage) {
    let servers = Servers::on(stage).await;
    let server = servers.server();
    let (missed, waiting) = (SlotState::MissedDown, SlotState::Waiting);
    for (catch_up, late) in [
        (CatchUp::Skip, [missed, missed, missed]),
        (CatchUp::One, [missed, missed, SlotState::CaughtUp]),
        (CatchUp::All, [SlotState::CaughtUp; 3]),
    ] {
        servers.schedule("* * * * *", |trigger| (trigger.catch_up, trigger.overlap) = (catch_up, Overlap::Allow)).await;
        let noon = servers.ids.now().as_us() / 1_000_000 - NOON;
        servers.pass(242);
        while server.plan().await.unwrap() > 0 {}
        let planned = servers.states().await;
        assert_eq!(planned.last(), Some(&(noon + 240, waiting)), "the last one is in time");
        for slot in servers.due(&server).await {
            assert!(server.end(&slot, SlotRun::Ran).await.unwrap());
        }
        let states = servers.states().await;
        let newest: Vec<_> = states.iter().rev().take(4).rev().copied().collect();
        let expected: Vec<_> = [60, 120, 180].map(|second| noon + second).into_iter().zip(late).collect();
        assert_eq!(newest[..3], expected, "{catch_up:?}");
        assert_eq!(newest[3], (noon + 240, SlotState::Ran));
        servers.pass(58);
        server.plan().await.unwrap();
        for slot in servers.due(&server).await {
            server.end(&slot, SlotRun::Ran).await.unwrap();
        }
    }
}

async fn slots_that_are_caught_up_run_one_after_the_other(stage: Stage) {
    let servers = Servers::on(stage).await;
    servers.schedule("0 * * * *", |trigger| trigger.catch_up = CatchUp::All).await;
    let server = servers.server();
    servers.pass(5 * 3_600 + 60);
    let mut order = Vec::new();
    loop {
        let due = servers.due(&server).await;
        assert!(due.len() <= 1, "overlap is forbidden");
        let Some(slot) = due.first() else { break };
        order.push(slot.scheduled_at.as_us() / 1_000_000 - NOON);
        servers.pass(1);
        server.end(slot, SlotRun::Ran).await.unwrap();
    }
    assert_eq!(order, [1, 2, 3, 4, 5].map(|hour| hour * 3_600));
    assert!(servers.states().await.iter().all(|slot| slot.1 == SlotState::CaughtUp));
}

async fn a_long_down_time_is_written_down_whole(stage: Stage) {
    let servers = Servers::on(stage).await;
    servers.schedule("*/10 * * * * *", |_| ()).await;
    servers.pass(12_015);
    let servers_there = [servers.server(), servers.server()];
    join_all(servers_there.iter().map(|server| async { while server.plan().await.unwrap() > 0 {} })).await;
    let slots = servers.ledger().await;
    let times: Vec<_> = slots.iter().map(|slot| slot.scheduled_at_us.as_us() / 1_000_000 - NOON).collect();
    assert_eq!(times, (1..=1_201).map(|n| n * 10).collect::<Vec<_>>());
    let not_missed: Vec<_> = slots.iter().filter(|slot| slot.state != SlotState::MissedDown).collect();
    let expected = [(SlotKind::Late, 12_000), (SlotKind::Due, 12_010)];
    let found: Vec<_> =
        not_missed.iter().map(|slot| (slot.kind, slot.scheduled_at_us.as_us() / 1_000_000 - NOON)).collect();
    assert_eq!(found, expected);
}

async fn a_failure_is_tried_again_later_and_then_is_one(stage: Stage) {
    let servers = Servers::on(stage).await;
    servers.schedule("0 * * * *", |_| ()).await;
    let server = servers.server();
    servers.pass(3_600);
    for (attempt, least, most) in [(1, 8, 12), (2, 16, 24)] {
        let slot = servers.due(&server).await.remove(0);
        assert_eq!(slot.attempt, attempt);
        server.end(&slot, SlotRun::Failed(format!("broken {attempt}"))).await.unwrap();
        assert_eq!(servers.ledger().await[0].state, SlotState::Retrying);
        let wait = server.until(server.next_at().await.unwrap().unwrap()).as_secs_f64();
        assert!((f64::from(least)..=f64::from(most)).contains(&wait), "{wait}");
        assert!(servers.due(&server).await.is_empty());
        servers.pass(i64::from(most) + 1);
    }
    let last = servers.due(&server).await.remove(0);
    server.end(&last, SlotRun::Failed("é".repeat(2_000))).await.unwrap();
    let ledger = servers.ledger().await;
    assert_eq!((ledger.len(), ledger[0].state, ledger[0].attempt), (1, SlotState::Failed, 3));
    assert_eq!(ledger[0].error.as_deref().map(str::len), Some(2_048));
}

async fn a_server_that_goes_away_uses_up_an_attempt(stage: Stage) {
    let servers = Servers::on(stage).await;
    servers.schedule("0 * * * *", |trigger| trigger.retries = 0).await;
    let server = servers.server();
    servers.pass(3_600);
    assert_eq!(servers.due(&servers.server()).await.len(), 1);
    servers.pass(16);
    assert!(servers.due(&server).await.is_empty(), "it is never run twice");
    let slot = servers.ledger().await.remove(0);
    assert_eq!((slot.state, slot.attempt), (SlotState::Failed, 1));
    assert!(slot.error.unwrap().contains("went away"));
}

async fn a_slot_that_finds_no_place_is_not_tried_and_waits(stage: Stage) {
    let servers = Servers::on(stage).await;
    servers.schedule("0 0 * * *", |trigger| trigger.retries = 0).await;
    let server = servers.server();
    servers.pass(12 * 3_600);
    for _ in 0..5 {
        let slot = servers.due(&server).await.remove(0);
        assert_eq!(slot.attempt, 1);
        server.end(&slot, SlotRun::Held("50 invocations run at once".to_owned())).await.unwrap();
        assert!(servers.due(&server).await.is_empty());
        assert_eq!(servers.ledger().await[0].state, SlotState::Waiting);
        servers.pass(1);
    }
    servers.pass(3_600);
    let slot = servers.due(&server).await.remove(0);
    server.end(&slot, SlotRun::Held("50 invocations run at once".to_owned())).await.unwrap();
    let slot = servers.ledger().await.remove(0);
    assert_eq!((slot.state, slot.error.as_deref()), (SlotState::Failed, Some("50 invocations run at once")));
}

async fn a_schedule_that_is_gone_runs_no_more(stage: Stage) {
    let servers = Servers::on(stage).await;
    servers.schedule("* * * * *", |_| ()).await;
    let server = servers.server();
    servers.pass(60);
    while server.plan().await.unwrap() > 0 {}
    let function = servers.function;
    let gone = servers
        .stage
        .store
        .write(move |t| Box::pin(async move { t.delete_schedule(function, &"nightly".parse().unwrap()).await }));
    gone.await.unwrap_or_else(|error: store::Error| panic!("{error}"));
    assert!(servers.due(&server).await.is_empty());
    let slot = servers.ledger().await.remove(0);
    assert_eq!(slot.state, SlotState::Failed);
    assert!(slot.error.unwrap().contains("removed the schedule"));
}

async fn a_ledger_keeps_its_latest_slots(stage: Stage) {
    let servers = Servers::on(stage).await;
    servers.schedule("* * * * *", |trigger| trigger.catch_up = CatchUp::Skip).await;
    let server = servers.server();
    servers.pass(1_200);
    while server.plan().await.unwrap() > 0 {}
    assert_eq!(server.sweep().await.unwrap(), 0, "twenty are few");
    let function = servers.function;
    let name: domain::CronName = "nightly".parse().unwrap();
    assert_eq!(servers.stage.read().await.list_long_ledgers(19).await.unwrap(), [(function, name.clone())]);
    let deleted =
        servers.stage.store.write(move |t| Box::pin(async move { t.delete_old_slots(function, &name, 5).await })).await;
    assert_eq!(deleted.unwrap_or_else(|error: store::Error| panic!("{error}")), 15);
    let left: Vec<_> = servers.states().await.iter().map(|slot| slot.0 / 60).collect();
    assert_eq!(left, [16, 17, 18, 19, 20]);
    let held = servers.due(&server).await;
    assert_eq!(held.len(), 1, "a slot that is not settled is never let go of");
}
