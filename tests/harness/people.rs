//! The people of a stage: let in through the set-up link or an invitation, as real people are.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
};

use domain::Role;
use serde_json::json;

use crate::{Answer, Platform, actor::Credentials};

/// Who has an account on a platform, with their sessions.
#[derive(Default)]
pub(crate) struct People {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    founder: Option<String>,
    sessions: BTreeMap<String, Person>,
}

struct Person {
    id: String,
    credentials: Credentials,
}

/// The address of the person `name`.
pub(crate) fn email(name: &str) -> String {
    format!("{name}@example.com")
}

/// The password of the person `name`.
pub(crate) fn password(name: &str) -> String {
    format!("{name} sleeps until called")
}

impl People {
    /// Who came in by the set-up link.
    pub(crate) fn founder(&self) -> Option<String> {
        self.known().founder.clone()
    }

    /// The session of `name`.
    pub(crate) fn credentials(&self, name: &str) -> Credentials {
        self.known().sessions.get(name).map_or_else(
            || panic!("nobody let {name} in: name them when the project is made"),
            |person| person.credentials.clone(),
        )
    }

    /// The id of `name`.
    pub(crate) fn id(&self, name: &str) -> String {
        self.known().sessions.get(name).map(|person| person.id.clone()).expect("a person who was let in")
    }

    /// Lets `name` in by the set-up link, with `project` as the first project.
    pub(crate) async fn found(&self, platform: &Platform, name: &str, project: &str) {
        let link = platform.ready().set_up_link.expect("a platform without people has a set-up link");
        self.accept(platform, name, &link, Some(project)).await;
        self.known().founder = Some(name.to_owned());
    }

    /// Makes `name` a member of `project` in `role`, at the word of `host`.
    pub(crate) async fn invite(&self, platform: &Platform, host: &str, project: &str, name: &str, role: Role) {
        let path = format!("/projects/{project}/members");
        let body = json!({ "email": email(name), "role": role });
        let invitation: wire::Invitation = platform.acting_as(host).post(&path, body).await.expect(201).parse();
        if let Some(link) = invitation.link {
            self.accept(platform, name, &link, None).await;
        }
    }

    async fn accept(&self, platform: &Platform, name: &str, link: &str, project: Option<&str>) {
        let token = link.split("token=").nth(1).expect("a link with a token");
        let mut body = json!({ "token": token, "name": name, "email": email(name), "password": password(name) });
        if let Some(project) = project {
            body["project"] = project.into();
        }
        let answer = platform.anonymous().post("/invitations/accept", body).await.expect(201);
        let session: wire::Session = answer.parse();
        let credentials = Credentials::Session { cookie: cookie(&answer), csrf_token: session.csrf_token };
        self.known().sessions.insert(name.to_owned(), Person { id: session.whoami.id, credentials });
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// The session's cookie as a browser sends it back.
fn cookie(answer: &Answer) -> String {
    let set = answer.header("set-cookie");
    set.split(';').next().filter(|pair| pair.contains('=')).expect("a session cookie").to_owned()
}
