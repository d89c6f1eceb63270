//! Someone who speaks to the API: a person with a session, a machine with a token, or nobody.

use std::time::{Duration, Instant};

use bytes::Bytes;
use domain::Action;
use http::Method;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{Answer, Platform, Request};

/// What an actor shows at the door.
#[derive(Clone, Debug)]
pub(crate) enum Credentials {
    None,
    Bearer(String),
    Session { cookie: String, csrf_token: String },
}

/// Someone who speaks to the API. Paths are below the actor's own root: that of a project for
/// [`crate::Project::acting_as`], `/api/v1` for [`Platform::acting_as`].
#[derive(Clone)]
pub struct Actor {
    platform: Platform,
    root: String,
    credentials: Credentials,
}

impl Actor {
    pub(crate) fn new(platform: Platform, root: &str, credentials: Credentials) -> Self {
        Self { platform, root: root.to_owned(), credentials }
    }

    /// Starts a request with the actor's credentials.
    pub fn request(&self, method: Method, path: &str) -> Request {
        let safe = method.is_safe();
        let request = self.platform.control(method, &format!("{}{path}", self.root));
        match &self.credentials {
            Credentials::None => request,
            Credentials::Bearer(secret) => request.header("authorization", format!("Bearer {secret}")),
            Credentials::Session { cookie, .. } if safe => request.header("cookie", cookie),
            Credentials::Session { cookie, csrf_token } => {
                request.header("cookie", cookie).header("x-csrf-token", csrf_token)
            }
        }
    }

    /// Gets `path`.
    pub async fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path).send().await
    }

    /// Posts `body` as JSON to `path`.
    pub async fn post(&self, path: &str, body: impl Serialize) -> Answer {
        self.request(Method::POST, path).json(&body).send().await
    }

    /// Patches `path` with `body` as JSON.
    pub async fn patch(&self, path: &str, body: impl Serialize) -> Answer {
        self.request(Method::PATCH, path).json(&body).send().await
    }

    /// Deletes `path`.
    pub async fn delete(&self, path: &str) -> Answer {
        self.request(Method::DELETE, path).send().await
    }

    /// Uploads `component` as the next version of `function`, which is created where it is absent,
    /// and gives whatever the server answers within 60 s.
    pub async fn try_upload(&self, function: &str, component: impl Into<Bytes>) -> Answer {
        let path = format!("/functions/{function}/versions?create=true&wait=60");
        self.request(Method::POST, &path).header("content-type", "application/wasm").body(component).send().await
    }

    /// As [`Self::try_upload`], with a configuration.
    pub async fn try_upload_with(&self, function: &str, component: &[u8], configuration: &Value) -> Answer {
        const EDGE: &str = "edge-of-a-part";
        let head = format!(
            "--{EDGE}\r\ncontent-disposition: form-data; name=\"configuration\"\r\n\
             content-type: application/json\r\n\r\n{configuration}\r\n--{EDGE}\r\n\
             content-disposition: form-data; name=\"component\"; filename=\"c.wasm\"\r\n\
             content-type: application/wasm\r\n\r\n"
        );
        let tail = format!("\r\n--{EDGE}--\r\n");
        let body = [head.as_bytes(), component, tail.as_bytes()].concat();
        let path = format!("/functions/{function}/versions?create=true&wait=60");
        let request = self.request(Method::POST, &path).body(body);
        request.header("content-type", format!("multipart/form-data; boundary={EDGE}")).send().await
    }

    /// Uploads `component` as the next version of `function` and waits until it is ready.
    ///
    /// # Panics
    ///
    /// If it is refused, or takes more than three minutes.
    pub async fn upload(&self, function: &str, component: impl Into<Bytes>) -> wire::Version {
        let answer = self.try_upload(function, component).await;
        assert!(answer.status().is_success(), "{answer:?}");
        let version = self.settled(function, answer.parse()).await;
        assert_eq!(version.state, wire::VersionState::Ready, "{version:?}");
        version
    }

    /// Waits until `version` of `function` is prepared or refused.
    ///
    /// # Panics
    ///
    /// If that takes more than three minutes.
    pub async fn settled(&self, function: &str, mut version: wire::Version) -> wire::Version {
        let deadline = Instant::now() + Duration::from_secs(180);
        while version.state == wire::VersionState::Preparing {
            assert!(Instant::now() < deadline, "still preparing: {version:?}");
            let path = format!("/functions/{function}/versions/{}?wait=30", version.number);
            version = self.get(&path).await.expect(200).parse();
        }
        version
    }

    /// Sends all traffic of `function` to `version`.
    ///
    /// # Panics
    ///
    /// If that is refused.
    pub async fn deploy(&self, function: &str, version: u32) -> wire::Deployment {
        let body = json!({ "versions": [{ "version": version, "weight": 100 }] });
        self.post(&format!("/functions/{function}/deployments"), body).await.expect(201).parse()
    }

    /// Uploads `component` as the next version of `function` and sends all traffic to it.
    ///
    /// # Panics
    ///
    /// If either is refused.
    pub async fn publish(&self, function: &str, component: impl Into<Bytes>) -> (wire::Version, wire::Deployment) {
        let version = self.upload(function, component).await;
        let deployment = self.deploy(function, version.number).await;
        (version, deployment)
    }

    /// Puts the deployment before the live one back.
    ///
    /// # Panics
    ///
    /// If that is refused.
    pub async fn roll_back(&self, function: &str) -> wire::Deployment {
        self.post(&format!("/functions/{function}/rollback"), json!({})).await.expect(201).parse()
    }

    /// Makes a token of the actor's project that may do `actions`, and gives its secret.
    ///
    /// # Panics
    ///
    /// If that is refused.
    pub async fn create_token(&self, name: &str, actions: &[Action]) -> String {
        let created = self.post("/tokens", json!({ "name": name, "actions": actions })).await.expect(201);
        created.parse::<wire::CreatedToken>().secret
    }
}
