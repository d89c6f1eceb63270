//! A project on the stage, with the people that the test names and no others.

use domain::{Action, Role};
use http::Method;
use serde_json::json;

use crate::{Actor, Answer, Platform, Request, actor::Credentials};

/// Who the project will have.
#[must_use = "a project does not exist until it is created"]
pub struct ProjectBuilder {
    platform: Platform,
    name: String,
    members: Vec<(String, Role)>,
}

impl ProjectBuilder {
    pub(crate) fn new(platform: Platform, name: &str) -> Self {
        Self { platform, name: name.to_owned(), members: Vec::new() }
    }

    /// Adds an owner.
    pub fn with_owner(self, name: &str) -> Self {
        self.with(name, Role::Owner)
    }

    /// Adds a deployer.
    pub fn with_deployer(self, name: &str) -> Self {
        self.with(name, Role::Deployer)
    }

    /// Adds an operator.
    pub fn with_operator(self, name: &str) -> Self {
        self.with(name, Role::Operator)
    }

    /// Adds a reader.
    pub fn with_reader(self, name: &str) -> Self {
        self.with(name, Role::Reader)
    }

    /// Adds a member in `role`.
    pub fn with(mut self, name: &str, role: Role) -> Self {
        self.members.push((name.to_owned(), role));
        self
    }

    /// Creates the project through the API and lets its members in.
    ///
    /// # Panics
    ///
    /// If no owner was named, or the API refuses.
    pub async fn create(self) -> Project {
        let Self { platform, name, members } = self;
        let owner = members.iter().find(|(_, role)| *role == Role::Owner).expect("a project has an owner").0.clone();
        let people = platform.people();
        let founder = match people.founder() {
            Some(founder) => {
                platform.acting_as(&founder).post("/projects", json!({ "name": name })).await.expect(201);
                founder
            }
            None => {
                people.found(&platform, &owner, &name).await;
                owner.clone()
            }
        };
        for (member, role) in members.iter().filter(|(member, _)| *member != founder) {
            people.invite(&platform, &founder, &name, member, *role).await;
        }
        let project = Project { platform, name };
        if founder != owner {
            let seat = format!("/members/{}", project.platform.people().id(&founder));
            let owner = project.acting_as(&owner);
            match members.iter().find(|(member, _)| *member == founder) {
                Some((_, role)) => owner.patch(&seat, json!({ "role": role })).await.expect(200),
                None => owner.delete(&seat).await.expect(204),
            };
        }
        project
    }
}

/// A project; clones are handles to the same one.
#[derive(Clone)]
pub struct Project {
    platform: Platform,
    name: String,
}

impl Project {
    /// The platform that the project lives on.
    #[must_use]
    pub fn platform(&self) -> &Platform {
        &self.platform
    }

    /// The project's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The signed-in person `name`, with paths below the project's own.
    ///
    /// # Panics
    ///
    /// If no such person was let in.
    #[must_use]
    pub fn acting_as(&self, name: &str) -> Actor {
        self.actor(self.platform.people().credentials(name))
    }

    /// A machine that holds the token `secret`, with paths below the project's own.
    #[must_use]
    pub fn holding(&self, secret: &str) -> Actor {
        self.actor(Credentials::Bearer(secret.to_owned()))
    }

    /// Someone without credentials, with paths below the project's own.
    #[must_use]
    pub fn anonymous(&self) -> Actor {
        self.actor(Credentials::None)
    }

    /// A machine that may do everything in the project, as the token of `owner`.
    pub async fn machine(&self, owner: &str) -> Actor {
        self.holding(&self.token(owner).await)
    }

    /// The secret of a new token that may do everything in the project, made by `owner`.
    pub async fn token(&self, owner: &str) -> String {
        self.acting_as(owner).create_token("ci", Action::ALL).await
    }

    /// The project's host, without a port.
    #[must_use]
    pub fn host(&self) -> String {
        format!("{}.localhost", self.name)
    }

    /// The host of one version, without a port.
    #[must_use]
    pub fn preview_host(&self, function: &str, version: u32) -> String {
        format!("v{version}--{function}.{}.localhost", self.name)
    }

    /// Starts a request to the project's functions.
    pub fn call(&self, method: Method, path: &str) -> Request {
        self.platform.data(&self.host(), method, path)
    }

    /// Starts a request to one version of `function`, live or not.
    pub fn preview(&self, function: &str, version: u32, method: Method, path: &str) -> Request {
        self.platform.data(&self.preview_host(function, version), method, path)
    }

    /// Gets `path` from the project's functions.
    pub async fn fetch(&self, path: &str) -> Answer {
        self.call(Method::GET, path).send().await
    }

    fn actor(&self, credentials: Credentials) -> Actor {
        Actor::new(self.platform.clone(), &format!("/api/v1/projects/{}", self.name), credentials)
    }
}
