//! An empty database with a store on it, and builders that set the stage of a story.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use domain::{
    Ceiling, Clock, Configuration, DeploymentSpec, Digest, Entropy, Handler, Ids, Message, Role, Split, Timestamp,
    Trigger, Verdict, VersionNumber,
    id::FunctionId,
    version::{Source, Start, Wasi},
};
use harness::Postgres;
use store::{Component, Error, Function, NewDeployment, NewVersion, Person, Project, Reader, Store, StoreConfig};
use tempfile::TempDir;

/// An empty database with a store on it.
pub(super) struct Stage {
    pub(super) store: Store,
    pub(super) config: StoreConfig,
    pub(super) ids: Ids,
    /// Holds the files of SQLite.
    _folder: TempDir,
}

impl Stage {
    pub(super) async fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = StoreConfig::Sqlite { path: folder.path().join("dormouse.db") };
        Self::open(folder, config).await
    }

    /// `None` if PostgreSQL is not installed, which is said loudly.
    pub(super) async fn on_postgres(claim: &str) -> Option<Self> {
        let claim = claim.to_owned();
        let url =
            tokio::task::spawn_blocking(move || Postgres::shared(&claim).map(Postgres::database)).await.unwrap()?;
        Some(Self::open(tempfile::tempdir().unwrap(), StoreConfig::Postgres { url }).await)
    }

    async fn open(folder: TempDir, config: StoreConfig) -> Self {
        let store = Store::open(&config).await.unwrap();
        Self { store, config, ids: ids(), _folder: folder }
    }

    /// Closes the store and opens it again.
    pub(super) async fn reopened(self) -> Self {
        self.store.close().await;
        Self { store: Store::open(&self.config).await.unwrap(), ..self }
    }

    pub(super) async fn read(&self) -> Reader {
        self.store.read().await.unwrap()
    }

    /// Runs statements that no method of the store would.
    pub(super) async fn tamper(&self, sql: &'static str) {
        use sqlx::{Connection, PgConnection, SqliteConnection, raw_sql};
        match &self.config {
            StoreConfig::Sqlite { path } => {
                let mut connection = SqliteConnection::connect(path.to_str().unwrap()).await.unwrap();
                raw_sql(sql).execute(&mut connection).await.unwrap();
            }
            StoreConfig::Postgres { url } => {
                let mut connection = PgConnection::connect(url).await.unwrap();
                raw_sql(sql).execute(&mut connection).await.unwrap();
            }
        }
    }

    pub(super) async fn person(&self, name: &str) -> Person {
        let person = Person {
            id: self.ids.next(),
            email: format!("{name}@example.com").parse().unwrap(),
            name: name.parse().unwrap(),
            created_at_us: self.ids.now(),
        };
        let added = person.clone();
        let inserted = self.store.write(|t| Box::pin(async move { t.insert_person(&added, "$argon2id$…").await }));
        inserted.await.unwrap();
        person
    }

    pub(super) fn a_project(&self, name: &str) -> Project {
        Project {
            id: self.ids.next(),
            name: name.parse().unwrap(),
            created_at_us: self.ids.now(),
            ceiling: Ceiling { memory_mib: Some(64), ..Ceiling::default() },
            revision: 1,
        }
    }

    pub(super) async fn project(&self, name: &str) -> Project {
        let project = self.a_project(name);
        let added = project.clone();
        self.store.write(|t| Box::pin(async move { t.insert_project(&added).await })).await.unwrap();
        project
    }

    pub(super) async fn member(&self, project: &Project, person: &Person, role: Role) {
        let (project, person, now) = (project.id, person.id, self.ids.now());
        let joined =
            self.store.write(move |t| Box::pin(async move { t.upsert_member(project, person, role, now).await }));
        joined.await.unwrap();
    }

    pub(super) fn a_function(&self, project: &Project, name: &str) -> Function {
        Function {
            id: self.ids.next(),
            project_id: project.id,
            name: name.parse().unwrap(),
            description: message("says hello"),
            created_at_us: self.ids.now(),
            revision: 1,
            live_deployment: None,
        }
    }

    pub(super) async fn function(&self, project: &Project, name: &str) -> Function {
        let function = self.a_function(project, name);
        let added = function.clone();
        self.store.write(|t| Box::pin(async move { t.insert_function(&added).await })).await.unwrap();
        function
    }

    pub(super) fn a_version(&self, function: FunctionId) -> NewVersion {
        NewVersion {
            id: self.ids.next(),
            function_id: function,
            component: Digest::of(b"component"),
            configuration: Configuration {
                variables: [("GREETING".to_owned(), "hello".to_owned())].into(),
                ..Configuration::default()
            },
            message: message("first try"),
            source: Source::Cli,
            created_by: "ada".parse().unwrap(),
            created_at_us: self.ids.now(),
        }
    }

    /// Uploads a version that is still being prepared.
    pub(super) async fn upload(&self, version: NewVersion) -> Result<Option<VersionNumber>, Error> {
        let component = Component { sha256: version.component, bytes: 9, created_at_us: version.created_at_us };
        let work = self.store.write(move |t| {
            Box::pin(async move {
                t.insert_component(&component).await?;
                t.insert_version(&version).await
            })
        });
        work.await
    }

    /// Uploads a version and has it ready.
    pub(super) async fn ready_version(&self, function: FunctionId) -> VersionNumber {
        let version = self.a_version(function);
        let id = version.id;
        let number = self.upload(version).await.unwrap().unwrap();
        let ready = self.store.write(move |t| Box::pin(async move { t.update_version_ready(id, &verdict()).await }));
        assert!(ready.await.unwrap());
        number
    }

    pub(super) fn a_deployment(&self, function: &Function, split: Split) -> NewDeployment {
        NewDeployment {
            id: self.ids.next(),
            function_id: function.id,
            spec: DeploymentSpec {
                split,
                split_key: None,
                triggers: Trigger::default_for(&function.name, &[Handler::Http]).unwrap(),
                secrets: [("API_KEY".parse().unwrap(), 3)].into(),
            },
            message: message("go"),
            created_by: "ada".parse().unwrap(),
            created_at_us: self.ids.now(),
            rolled_back_to: None,
            expected_live: None,
        }
    }

    pub(super) async fn deploy(&self, deployment: NewDeployment) -> Result<Option<store::Deployment>, Error> {
        self.store.write(|t| Box::pin(async move { t.insert_deployment(&deployment).await })).await
    }
}

pub(super) fn message(text: &str) -> Message {
    text.parse().unwrap()
}

pub(super) fn verdict() -> Verdict {
    Verdict {
        wasi: Wasi::Preview2,
        world: "world root {}".to_owned(),
        imports: vec!["wasi:cli/stdout@0.2.3".to_owned()],
        exports: vec!["wasi:http/incoming-handler@0.2.3".to_owned()],
        capabilities: Vec::new(),
        component_bytes: 9,
        artifact_bytes: 90,
        start: Start::Snapshot { init_us: 40_000, memory_bytes: 1 << 20 },
        init_log: "prepared".to_owned(),
        unoptimised: false,
        steps: Vec::new(),
    }
}

/// Time that passes a millisecond at each look, and random bytes that never repeat.
pub(super) fn ids() -> Ids {
    struct Ticks(AtomicI64);
    impl Clock for Ticks {
        fn now(&self) -> Timestamp {
            Timestamp(self.0.fetch_add(1_000, Ordering::Relaxed))
        }
    }
    struct Draws(Arc<AtomicU64>);
    impl Entropy for Draws {
        fn fill(&self, bytes: &mut [u8]) {
            for chunk in bytes.chunks_mut(32) {
                let drawn = Digest::of(&self.0.fetch_add(1, Ordering::Relaxed).to_le_bytes());
                chunk.copy_from_slice(&drawn.as_bytes()[..chunk.len()]);
            }
        }
    }
    Ids::new(Ticks(AtomicI64::new(1_700_000_000_000_000)), Draws(Arc::new(AtomicU64::new(0))))
}
