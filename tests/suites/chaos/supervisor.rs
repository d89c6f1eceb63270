//! Starts the real server, has it killed and started again while the crowd sends, and takes the account at the end.

use std::time::{Duration, Instant};

use domain::rollout::sticky_point;
use harness::{Actor, Platform, guest};
use serde_json::json;

use super::{
    account::{Account, Database},
    crowd,
    witness::Witness,
};

/// How long the queue may take to become empty: some leases, and some tries after a lease.
const PATIENCE: Duration = Duration::from_secs(300);
/// How often it is looked at.
const PAUSE: Duration = Duration::from_millis(100);

/// What is to happen.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    pub(super) kills: u64,
    /// How many messages are to be acknowledged, at least.
    pub(super) messages: u64,
    /// Where PostgreSQL is; SQLite where absent.
    pub(super) postgres: Option<String>,
    /// The bug that is planted.
    pub(super) bug: Option<&'static str>,
    /// Whether the account waits until all messages are done.
    pub(super) drain: bool,
    /// Where the server dies by itself, instead of being killed from outside.
    pub(super) place: Option<&'static str>,
}

/// A server with a queue that the guest consumes, and the witness that it tells.
pub(super) struct Scene {
    pub(super) platform: Platform,
    pub(super) owner: Actor,
    pub(super) witness: Witness,
    pub(super) database: Database,
}

impl Scene {
    pub(super) async fn set(plan: &Plan) -> Self {
        let witness = Witness::start().await;
        let mut builder = Platform::builder();
        if let Some(url) = &plan.postgres {
            builder = builder.postgres(url);
        }
        let platform = builder.start().await;
        let database = match &plan.postgres {
            Some(url) => Database::Postgres(url.clone()),
            None => Database::Sqlite(platform.data_dir().join("dormouse.db")),
        };
        let project = platform.project("demo").with_owner("ada").create().await;
        let owner = project.machine("ada").await;
        for name in ["orders-dlq", "orders"] {
            owner.post("/queues", json!({ "name": name })).await.expect(201);
        }
        let configuration = json!({
            "variables": { "WITNESS": witness.authority },
            "allowed_outbound_hosts": [format!("http://{}", witness.authority)],
        });
        let uploaded = owner.try_upload_with("witness", &guest("witness"), &configuration).await.expect(201);
        let version = owner.settled("witness", uploaded.parse()).await;
        // A healthy message is a dead letter, too, if the server dies with each of its attempts: the more kills, the
        // likelier. With more attempts a run takes longer, since those that always fail wait ever longer.
        let max_receives = if plan.kills > 50 { 6 } else { 3 };
        let trigger = json!({
            "type": "queue", "queue": "orders", "dead_letter_queue": "orders-dlq", "max_receives": max_receives,
            "max_concurrency": 4,
            "batch_size": 4,
        });
        let deployment = json!({ "versions": [{ "version": version.number, "weight": 100 }], "triggers": [trigger] });
        owner.post("/functions/witness/deployments", deployment).await.expect(201);
        let scene = Self { platform, owner, witness, database };
        // The stage is set without the bug.
        if plan.bug.is_some() {
            scene.start(plan, None).await;
        }
        scene
    }
}

impl Scene {
    /// Starts the server anew, with the bug of `plan`, to die at a place.
    async fn start(&self, plan: &Plan, death: Option<&str>) {
        let bug = plan.bug.map(|bug| ("TEST_DORMOUSE_BUG", bug));
        let death = death.map(|death| ("TEST_DORMOUSE_DIE_AT", death));
        self.platform.restart_with(&bug.into_iter().chain(death).collect::<Vec<_>>()).await;
    }

    /// Waits until the queue is empty: what was in flight at a kill is handed out again when its lease has ended.
    async fn drain(&self) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let queue: wire::Queue = self.owner.get("/queues/orders").await.expect(200).parse();
            if queue.depth.messages == 0 {
                return;
            }
            assert!(Instant::now() < deadline, "messages stay: {:?}", queue.depth);
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Does what `plan` says, and gives the account.
pub(super) async fn run(plan: Plan) -> Account {
    let scene = Scene::set(&plan).await;
    let (told, mut senders) = crowd::send(&scene.owner, plan.messages);
    for kill in 0..plan.kills {
        match place(&plan, kill) {
            Some(death) => {
                scene.start(&plan, Some(&death)).await;
                scene.platform.ended().await;
            }
            None => {
                // Some moments fall into the start, most into the work.
                let point = sticky_point("kill", &kill.to_le_bytes()) % 600;
                tokio::time::sleep(Duration::from_millis(20 + point)).await;
                scene.start(&plan, None).await;
            }
        }
    }
    if plan.place.is_some() {
        scene.start(&plan, None).await;
    }
    while let Some(ended) = senders.join_next().await {
        ended.unwrap();
    }
    if plan.drain {
        scene.drain().await;
    }
    scene.platform.kill9();
    let acknowledged = told.acknowledged.lock().unwrap().clone();
    Account::of(&scene.database, plan.kills, &acknowledged, &scene.witness.seen()).await
}

/// Where the server dies at the `kill`-th time: late enough that it was ready before.
fn place(plan: &Plan, kill: u64) -> Option<String> {
    let point = sticky_point("place", &kill.to_le_bytes());
    plan.place.map(|place| match place {
        "moving" => format!("{place}:{}", 1 + point % 3),
        _ => format!("{place}:{}", 100 + point % 100),
    })
}
