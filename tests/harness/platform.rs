//! One platform of its own for each test: a server on a fresh data directory.

use std::{
    path::PathBuf,
    process::ExitStatus,
    sync::{Arc, Mutex, MutexGuard},
};

use http::Method;
use tempfile::TempDir;

use crate::{
    Actor, Client, ProjectBuilder, Ready, Request, Server, actor::Credentials, people::People, process::Setting,
};

/// A running platform; clones are handles to the same one. The last handle ends it.
#[derive(Clone)]
pub struct Platform(Arc<Inner>);

struct Inner {
    server: Mutex<Option<Server>>,
    /// What the server said when it was last ready.
    ready: Mutex<Ready>,
    setting: Setting,
    client: Client,
    people: People,
    stage: TempDir,
}

impl Platform {
    /// A platform with default settings.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// A platform that is set up otherwise.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Starts to set the stage for a project.
    pub fn project(&self, name: &str) -> ProjectBuilder {
        ProjectBuilder::new(self.clone(), name)
    }

    /// The signed-in person `name`, with paths below `/api/v1`.
    ///
    /// # Panics
    ///
    /// If no such person was let in.
    #[must_use]
    pub fn acting_as(&self, name: &str) -> Actor {
        Actor::new(self.clone(), "/api/v1", self.people().credentials(name))
    }

    /// Someone without credentials, with paths below `/api/v1`.
    #[must_use]
    pub fn anonymous(&self) -> Actor {
        Actor::new(self.clone(), "/api/v1", Credentials::None)
    }

    /// A machine that holds the token `secret`, with paths below `/api/v1`.
    #[must_use]
    pub fn holding(&self, secret: &str) -> Actor {
        Actor::new(self.clone(), "/api/v1", Credentials::Bearer(secret.to_owned()))
    }

    /// The client, for requests that no actor makes.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.0.client
    }

    /// Starts a request to the control listener, at its root and without credentials.
    pub fn control(&self, method: Method, path: &str) -> Request {
        self.client().request(method, format!("{}{path}", self.ready().control))
    }

    /// Starts a request to the data listener for `host`, such as `demo.localhost` (without a port).
    pub fn data(&self, host: &str, method: Method, path: &str) -> Request {
        self.client().request(method, format!("http://{host}:{}{path}", self.data_port()))
    }

    /// What the server said when it was last ready: addresses and the set-up link.
    #[must_use]
    pub fn ready(&self) -> Ready {
        self.0.ready.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// The port of the data listener.
    #[must_use]
    pub fn data_port(&self) -> u16 {
        let data = self.ready().data;
        data.rsplit(':')
            .next()
            .and_then(|port| port.trim_end_matches('/').parse().ok())
            .expect("an address with a port")
    }

    /// Where the server keeps its data.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.0.setting.data_dir.clone()
    }

    /// A directory of this test's own, which lasts as long as the platform.
    #[must_use]
    pub fn stage(&self) -> PathBuf {
        self.0.stage.path().to_owned()
    }

    /// The server's log so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.server().as_ref().expect("a running server").log()
    }

    /// The resident memory of the server in bytes, now.
    #[must_use]
    pub fn resident_bytes(&self) -> u64 {
        self.server().as_ref().expect("a running server").resident_bytes()
    }

    /// The most resident memory that the server had since it started, in bytes; as inexact as
    /// [`Server::peak_resident_bytes`] says.
    #[must_use]
    pub fn peak_resident_bytes(&self) -> u64 {
        self.server().as_ref().expect("a running server").peak_resident_bytes()
    }

    /// Kills the server as a power cut does.
    pub fn kill9(&self) {
        drop(self.server().take());
    }

    /// Asks the server to end, without waiting for it.
    pub fn ask_to_end(&self) {
        self.server().as_ref().expect("a running server").ask_to_end();
    }

    /// Asks the server to end and waits until it has.
    pub async fn terminate(&self) -> ExitStatus {
        let mut server = self.server().take().expect("a running server");
        server.ask_to_end();
        server.ended().await
    }

    /// Waits until the server has ended by itself.
    pub async fn ended(&self) -> ExitStatus {
        let mut server = self.server().take().expect("a running server");
        server.ended().await
    }

    /// Starts the server again on the same data, on new ports. One that still runs is killed first.
    pub async fn restart(&self) {
        self.restart_with(&[]).await;
    }

    /// As [`Self::restart`], with more variables in the server's environment.
    pub async fn restart_with(&self, environment: &[(&str, &str)]) {
        self.kill9();
        let mut setting = self.0.setting.clone();
        let more = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        setting.environment.extend(more);
        let server = Server::start(&setting).await;
        *self.0.ready.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = server.ready().clone();
        *self.server() = Some(server);
    }

    pub(crate) fn people(&self) -> &People {
        &self.0.people
    }

    fn server(&self) -> MutexGuard<'_, Option<Server>> {
        self.0.server.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Settings of a platform before it starts.
#[derive(Default)]
#[must_use = "a platform does not run until it is started"]
pub struct Builder {
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    config: Option<String>,
}

impl Builder {
    /// Sets a variable of the server's environment.
    pub fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    /// Adds an argument to `dormouse serve`.
    pub fn argument(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Gives the server a configuration file with this text.
    pub fn config(mut self, toml: impl Into<String>) -> Self {
        self.config = Some(toml.into());
        self
    }

    /// Stores in the PostgreSQL database at `url` instead of SQLite.
    pub fn postgres(self, url: &str) -> Self {
        self.argument("--database-url").argument(url)
    }

    /// Starts the platform and waits until it is ready.
    pub async fn start(self) -> Platform {
        let stage = tempfile::Builder::new().prefix("dormouse-").tempdir().expect("a temporary directory");
        let Self { mut arguments, environment, config } = self;
        if let Some(text) = config {
            let file = stage.path().join("dormouse-server.toml");
            std::fs::write(&file, text).expect("a configuration file");
            arguments.extend(["--config".to_owned(), file.display().to_string()]);
        }
        let setting = Setting { data_dir: stage.path().join("data"), arguments, environment };
        let server = Server::start(&setting).await;
        let (ready, server) = (Mutex::new(server.ready().clone()), Mutex::new(Some(server)));
        Platform(Arc::new(Inner { server, ready, setting, client: Client::new(), people: People::default(), stage }))
    }
}
